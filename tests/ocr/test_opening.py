"""What happens at the door: every kind of file is known by its bytes, and a bad one gets its own stable code."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from services.limits import Limits
from services.ocr import errors, read_file, render_page
from services.ocr.opening.document import open_file
from tests.ocr import drawing

_PICTURES = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "WEBP": ".webp"}


@pytest.mark.parametrize("kind", _PICTURES)
def test_a_picture_is_known_by_its_bytes_whatever_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "scan.bin"
    Image.new("RGB", (300, 200), "white").save(path, kind)
    opened, media_type = open_file(path, Limits())
    assert media_type.startswith("image/")
    assert opened.sheet(1).picture.shape[:2] == (200, 300)
    opened.close()


def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    first, second = Image.new("1", (200, 300), 1), Image.new("1", (220, 310), 1)
    first.save(path, "TIFF", save_all=True, append_images=[second], compression="group4")
    opened, _ = open_file(path, Limits())
    assert opened.page_count == 2
    assert opened.sheet(2).picture.shape == (310, 220)
    opened.close()


def test_a_page_that_is_one_scan_comes_out_pixel_for_pixel(tmp_path: Path) -> None:
    image = drawing.page()
    opened, _ = open_file(drawing.scanned_pdf([image], tmp_path / "scan.pdf"), Limits())
    assert opened.sheet(1).picture.shape[:2] == (image.height, image.width)
    assert opened.sheet(1).dpi == pytest.approx(200, abs=1)
    opened.close()


def test_a_turned_pdf_page_is_seen_as_it_is_shown(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([Image.new("L", (300, 500), 255)], tmp_path / "scan.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Rotate = 90
        pdf.save(path)
    opened, _ = open_file(path, Limits())
    assert opened.sheet(1).picture.shape[:2] == (300, 500)
    opened.close()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _words(path: Path) -> None:
    path.write_text("Kính gửi Ủy ban nhân dân xã", encoding="utf-8")


def _cut_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")


def _cut_jpeg(path: Path) -> None:
    drawing.jpeg(Image.effect_noise((600, 600), 60).convert("RGB"), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _locked(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path, encryption=pikepdf.Encryption(user="mật khẩu", owner="chủ"))


def _no_pages(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.save(path)


def _huge_picture(path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(path, "PNG")


def _huge_picture_in_pdf(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        image = pikepdf.Stream(pdf, b"\0")
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30_000, Height=30_000,
            BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray,
        )  # fmt: skip
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        pdf.save(path)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_empty, "empty-file"),
        (_words, "not-a-document"),
        (_cut_pdf, "truncated-file"),
        (_cut_jpeg, "truncated-file"),
        (_locked, "encrypted-pdf"),
        (_no_pages, "no-pages"),
        (_huge_picture, "too-many-pixels"),
        (_huge_picture_in_pdf, "too-many-pixels"),
    ],
)
def test_a_bad_file_is_refused_by_its_own_code(tmp_path: Path, make: object, code: str) -> None:
    path = tmp_path / "file"
    make(path)  # type: ignore[operator]
    with pytest.raises(errors.ReadError) as refused:
        read_file(path)
    assert refused.value.code == code


def test_a_file_over_the_limit_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = drawing.jpeg(drawing.page(), tmp_path / "scan.jpg")
    with pytest.raises(errors.TooLarge):
        read_file(path, limits=Limits(max_bytes=1_000))


def test_a_file_with_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([Image.new("L", (60, 80), 255)] * 3, tmp_path / "scan.pdf")
    with pytest.raises(errors.TooManyPages):
        read_file(path, limits=Limits(max_pages=2))


def test_a_page_that_does_not_exist_cannot_be_shown(tmp_path: Path) -> None:
    path = drawing.jpeg(Image.new("RGB", (300, 300), "white"), tmp_path / "scan.jpg")
    with pytest.raises(errors.NoPages):
        render_page(path, 2)


@pytest.mark.parametrize("error", errors.ReadError.__subclasses__())
def test_every_error_says_in_both_languages_what_to_do(error: type[errors.ReadError]) -> None:
    assert error.vi not in ("", errors.ReadError.vi)
    assert error.en not in ("", errors.ReadError.en)
    assert errors.read_error(error.code).__class__ is error
