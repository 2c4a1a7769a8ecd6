"""The archive copy conforms, is found by its words, and leaves picture and original alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import pdfa
from PIL import Image

from services.ocr import read_file, write_archive_copy
from services.ocr.recognising import detector
from tests.ocr import drawing
from tests.shared_data import SHARED, needs_shared

pytestmark = pytest.mark.skipif(detector.models() is None, reason="trueocr is not installed")


_FRAME = 10_000  # bytes of colour profile, font and metadata, whatever the scan's size


def _copy(path: Path, tmp_path: Path) -> Path:
    out = tmp_path / "copy.pdf"
    write_archive_copy(path, read_file(path), out)
    return out


def _verdict(out: Path) -> str:
    with pikepdf.open(out) as pdf:
        return str(pdfa.check(pdf, "2b").verdict)


def _found(out: Path, phrase: str) -> tuple[float, float, float, float] | None:
    """Where pdfium's own search finds a phrase on page 1: left, bottom, right, top in points."""
    with pypdfium2.PdfDocument(out) as document:
        text_page = document[0].get_textpage()
        hit = text_page.search(phrase).get_next()
        if hit is None:
            return None
        rects = [text_page.get_rect(i) for i in range(text_page.count_rects(*hit))]
        text_page.close()
    return (
        min(r[0] for r in rects), min(r[1] for r in rects), max(r[2] for r in rects), max(r[3] for r in rects)
    )  # fmt: skip


def test_a_scan_becomes_pdf_a_with_its_own_image_data(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([drawing.page()], tmp_path / "scan.pdf")
    out = _copy(path, tmp_path)
    assert _verdict(out) == "pass"
    with pikepdf.open(path) as before, pikepdf.open(out) as after:
        (old,) = before.pages[0].get_images().values()
        (new,) = after.pages[0].get_images().values()
        assert new.read_raw_bytes() == old.read_raw_bytes()
    assert out.stat().st_size <= 1.1 * path.stat().st_size + _FRAME


def test_words_are_found_where_they_stand(tmp_path: Path) -> None:
    out = _copy(drawing.scanned_pdf([drawing.page()], tmp_path / "scan.pdf"), tmp_path)
    place = _found(out, "mục đích sử dụng đất")
    assert place is not None
    font, dpi = drawing.font(13), 200
    line = drawing.DECISION[3]
    left = 1.1 * dpi + font.getlength(line[: line.index("mục")])
    right = 1.1 * dpi + font.getlength(line)
    assert place[0] == pytest.approx(left * 72 / dpi, abs=4)
    assert place[2] == pytest.approx(right * 72 / dpi, abs=4)
    baseline = 842 - (1.5 + 0.36 * 3) * 72 - 13
    assert place[1] == pytest.approx(baseline, abs=5)


def test_a_page_scanned_upside_down_is_shown_and_found_upright(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([drawing.page(drawing.DECISION * 3).rotate(180)], tmp_path / "scan.pdf")
    out = _copy(path, tmp_path)
    assert _verdict(out) == "pass"
    assert _found(out, "Luật Tổ chức chính quyền") is not None
    with pypdfium2.PdfDocument(out) as document:
        shown = np.asarray(document[0].render(scale=0.5).to_pil().convert("L"), dtype=int)
    upright = np.asarray(drawing.page(drawing.DECISION * 3).resize(shown.shape[::-1]).convert("L"), dtype=int)
    assert np.abs(shown - upright).mean() < 4


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "L"), ("PNG", "P"), ("TIFF", "1")])
def test_a_picture_file_becomes_pdf_a_without_loss(tmp_path: Path, kind: str, mode: str) -> None:
    image = drawing.page().convert(mode)
    path = tmp_path / "scan.bin"
    image.save(path, kind, dpi=(200, 200), **({"compression": "group4"} if kind == "TIFF" else {}))
    out = _copy(path, tmp_path)
    assert _verdict(out) == "pass"
    with pikepdf.open(out) as pdf:
        (inside,) = pdf.pages[0].get_images().values()
        if kind == "JPEG":
            assert inside.read_raw_bytes() == path.read_bytes()
        kept = pikepdf.PdfImage(inside).as_pil_image().convert("RGB")
    if kind != "JPEG":
        assert np.array_equal(np.asarray(kept), np.asarray(image.convert("RGB")))
    assert out.stat().st_size <= 1.1 * path.stat().st_size + _FRAME
    assert _found(out, "mục đích sử dụng đất") is not None


def test_a_page_with_fonts_it_does_not_hold_is_kept_as_a_picture(tmp_path: Path) -> None:
    out = _copy(
        drawing.drawn_pdf(["Le present document est un essai", "Il ne contient pas de police"], tmp_path / "a.pdf"),
        tmp_path,
    )
    assert _verdict(out) == "pass"
    assert _found(out, "document") is not None


def test_a_layer_that_was_found_bad_is_gone_from_the_copy(tmp_path: Path) -> None:
    from tests.ocr.test_reading import _lay_text

    path = drawing.scanned_pdf([drawing.page()], tmp_path / "scan.pdf")
    _lay_text(path, ["Can cfr Luat To chire chinh quyen dia phucmg ngay 16 thing 6 nam 2025;"])
    out = _copy(path, tmp_path)
    assert _found(out, "phucmg") is None
    assert _found(out, "địa phương") is not None


@needs_shared
@pytest.mark.parametrize("name", ["qd_729_ttg.pdf", "hanoi_tb_453_flag.pdf"])
def test_a_signed_original_is_not_rewritten(tmp_path: Path, name: str) -> None:
    assert SHARED is not None
    path = SHARED / "scans" / "signed_originals" / name
    before = hashlib.sha256(path.read_bytes()).digest()
    out = _copy(path, tmp_path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert _verdict(out) == "pass"
    with pikepdf.open(out) as pdf:
        assert "/AcroForm" not in pdf.Root


def test_the_copy_of_a_phone_picture_keeps_its_words_on_the_sheet(tmp_path: Path) -> None:
    canvas = Image.new("RGB", (2000, 2700), (70, 60, 50))
    sheet = drawing.page(drawing.DECISION * 3).rotate(3, expand=True, fillcolor=(70, 60, 50))
    canvas.paste(sheet, (100, 120))
    path = drawing.jpeg(canvas, tmp_path / "photo.jpg")
    out = _copy(path, tmp_path)
    assert _verdict(out) == "pass"
    place = _found(out, "Luật Tổ chức chính quyền")
    assert place is not None
    with pypdfium2.PdfDocument(out) as document:
        size = document[0].get_size()
        ink = np.asarray(document[0].render(scale=1).to_pil().convert("L"))
    left, bottom, right, top = place
    there = ink[int(size[1] - top) : int(size[1] - bottom) + 1, int(left) : int(right)]
    assert there.min() < 110
    assert there.max() > 180
