"""Pages drawn, damaged and read back."""

from __future__ import annotations

import io
import re
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw

from services.ocr import look_file, read_file, render_page
from services.ocr.model import Page
from services.ocr.recognising import detector
from tests.ocr import drawing

pytestmark = pytest.mark.skipif(detector.models() is None, reason="trueocr is not installed")


def _read(image: Image.Image, path: Path) -> Page:
    return read_file(drawing.jpeg(image, path)).pages[0]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_a_clean_page_is_read_word_for_word(tmp_path: Path) -> None:
    page = _read(drawing.page(), tmp_path / "scan.jpg")
    assert page.text.splitlines() == list(drawing.DECISION)
    assert page.source == "recognised"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_fed_the_wrong_way_is_turned_upright(tmp_path: Path, quarters: int) -> None:
    image = drawing.page(drawing.DECISION * 3).rotate(90 * quarters, expand=True)
    page = _read(image, tmp_path / "scan.jpg")
    assert page.rotation_deg == 90 * quarters
    assert page.text.splitlines() == list(drawing.DECISION * 3)
    assert (page.width_px, page.height_px) == (1654, 2338)


def test_a_skewed_page_is_levelled_and_its_boxes_stay_on_the_paper(tmp_path: Path) -> None:
    level = drawing.page()
    skewed = level.rotate(2.5, resample=Image.Resampling.BICUBIC, fillcolor="white")
    page = _read(skewed, tmp_path / "scan.jpg")
    assert page.skew_deg == pytest.approx(-2.5, abs=0.15)
    assert _words(page.text) == _words(" ".join(drawing.DECISION))
    dark = np.asarray(skewed.convert("L")) < 128
    for word in page.words:
        assert dark[word.box.top : word.box.bottom, word.box.left : word.box.right].any(), word


def test_every_word_box_holds_its_word_and_no_other(tmp_path: Path) -> None:
    image = drawing.page()
    page = _read(image, tmp_path / "scan.jpg")
    font, dpi = drawing.font(13), 200
    for number, line in enumerate(drawing.DECISION):
        left = 1.1 * dpi
        found = [word for word in page.words if word.line == number]
        for text, word in zip(line.split(" "), found, strict=True):
            width = font.getlength(text)
            assert word.text == text
            assert word.box.left == pytest.approx(left, abs=9)
            assert word.box.right == pytest.approx(left + width, abs=9)
            left += width + font.getlength(" ")


def test_the_two_columns_of_letterhead_and_closing_are_kept_apart(tmp_path: Path) -> None:
    image = drawing.page(drawing.DECISION, top_in=3.0)
    draw = ImageDraw.Draw(image)
    columns = {
        (420, 220): ("ỦY BAN NHÂN DÂN", "XÃ PHƯỚC AN", "Số: 34/QĐ-UBND"),
        (1130, 220): (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "Phước An, ngày 12 tháng 5 năm 2026",
        ),
        (400, 1300): ("Nơi nhận:", "- Như Điều 3;", "- Lưu: VT, VHXH."),
        (1150, 1300): ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Trần Văn Hiếu"),
    }  # fmt: skip
    for (x, y), lines in columns.items():
        for number, line in enumerate(lines):
            draw.text((x, y + 56 * number), line, font=drawing.font(12), fill="black", anchor="ma")
    page = _read(image, tmp_path / "scan.jpg")
    letterhead, right, receivers, signer = columns.values()
    assert page.text.splitlines() == [*letterhead, *right, *drawing.DECISION, *receivers, *signer]


def test_a_table_is_read_row_by_row(tmp_path: Path) -> None:
    image = drawing.page(())
    draw = ImageDraw.Draw(image)
    rows = [("STT", "Tên giấy tờ", "Số bản"), ("1", "Giấy khai sinh", "01"), ("2", "Tờ khai đăng ký", "02"),
            ("3", "Giấy chứng nhận", "03"), ("4", "Đơn đề nghị", "04")]  # fmt: skip
    for number, row in enumerate(rows):
        for x, cell in zip((220, 420, 1150), row, strict=True):
            draw.text((x, 500 + 90 * number), cell, font=drawing.font(13), fill="black")
        draw.line((200, 485 + 90 * number, 1400, 485 + 90 * number), fill="black", width=2)
    page = _read(image, tmp_path / "scan.jpg")
    assert _words(page.text) == _words(" ".join(cell for row in rows for cell in row))


def test_a_red_stamp_is_lifted_for_reading_and_its_place_is_known(tmp_path: Path) -> None:
    clean = drawing.array(drawing.page())
    ink = np.full_like(clean, 255)
    cv2.circle(ink, (560, 490), 150, (205, 45, 50), 9, cv2.LINE_AA)
    cv2.circle(ink, (560, 490), 105, (205, 45, 50), 4, cv2.LINE_AA)
    page = _read(Image.fromarray(np.minimum(clean, ink)), tmp_path / "scan.jpg")
    assert _words(page.text) == _words(" ".join(drawing.DECISION))
    (stamp,) = page.red_stamps
    assert stamp.left == pytest.approx(405, abs=20)
    assert stamp.bottom == pytest.approx(645, abs=20)
    assert "stamps-lifted" in page.quality.cleaned


def test_red_print_is_text_and_not_a_stamp(tmp_path: Path) -> None:
    image = drawing.page(drawing.DECISION[:1])
    ImageDraw.Draw(image).text((300, 700), "GIẤY CHỨNG NHẬN KẾT HÔN", font=drawing.font(18), fill=(200, 30, 40))
    page = _read(image, tmp_path / "scan.jpg")
    assert "GIẤY CHỨNG NHẬN KẾT HÔN" in page.text
    assert page.red_stamps == ()


def test_a_photographed_page_is_pulled_flat(tmp_path: Path) -> None:
    sheet = drawing.array(drawing.page(drawing.DECISION * 3))
    height, width = sheet.shape[:2]
    corners = np.array([[190, 150], [width - 20, 210], [width + 120, height + 30], [90, height - 40]], np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    size = (width + 300, height + 200)
    photo = cv2.warpPerspective(np.minimum(sheet, 235), matrix, size, flags=cv2.INTER_CUBIC, borderValue=(70, 60, 50))
    page = _read(Image.fromarray(photo), tmp_path / "photo.jpg")
    assert "flattened" in page.quality.cleaned
    assert page.quality.perspective > 0.02
    assert _words(page.text) == _words(" ".join(drawing.DECISION * 3))


def test_light_that_fades_over_a_scan_does_not_make_it_a_photograph(tmp_path: Path) -> None:
    sheet = drawing.array(drawing.page(drawing.DECISION * 3))
    ramp = np.linspace(0.5, 1.0, sheet.shape[1])[None, :, None]
    page = _read(Image.fromarray((sheet * ramp).astype(np.uint8)), tmp_path / "scan.jpg")
    assert "flattened" not in page.quality.cleaned
    assert "light" in page.quality.cleaned
    assert _words(page.text) == _words(" ".join(drawing.DECISION * 3))


def test_a_good_page_is_not_touched(tmp_path: Path) -> None:
    assert _read(drawing.page(drawing.DECISION * 3), tmp_path / "scan.jpg").quality.cleaned == ()


def test_a_blank_page_is_blank_and_empty(tmp_path: Path) -> None:
    page = _read(drawing.page(()), tmp_path / "scan.jpg")
    assert page.text == ""
    assert page.quality.blank
    assert page.quality.faults == ("blank",)


def test_the_screen_shows_the_upright_page(tmp_path: Path) -> None:
    path = drawing.jpeg(drawing.page(drawing.DECISION * 3).rotate(180), tmp_path / "scan.jpg")
    shown = Image.open(io.BytesIO(render_page(path, 1, max_px=900)))
    assert max(shown.size) == 900
    upright = drawing.page(drawing.DECISION * 3).resize(shown.size)
    difference = np.abs(np.asarray(shown.convert("L"), dtype=int) - np.asarray(upright.convert("L"), dtype=int))
    assert difference.mean() < 4


def test_a_layer_by_an_english_engine_is_replaced_by_a_fresh_reading(tmp_path: Path) -> None:
    path = drawing.scanned_pdf([drawing.page()], tmp_path / "scan.pdf")
    _lay_text(
        path, ["Can cfr Luat To chire chinh quyen dia phucmg ngay 16 thing 6 nam 2025;", "Xet de nghi cua Twang phOng"]
    )
    page = read_file(path).pages[0]
    assert page.source == "recognised"
    assert page.text.splitlines() == list(drawing.DECISION)


def test_the_look_finds_the_faults_without_reading(tmp_path: Path) -> None:
    page = drawing.page(drawing.DECISION * 3)
    blurred = Image.fromarray(cv2.GaussianBlur(drawing.array(page), (0, 0), 6))
    coarse = page.resize((page.width * 2 // 5, page.height * 2 // 5), Image.Resampling.LANCZOS)
    skewed = page.rotate(4, fillcolor="white")
    cases = {"too-blurred": blurred, "low-dpi": coarse, "skewed": skewed, "no-colour": page.convert("L")}
    for code, image in cases.items():
        assert code in look_file(drawing.jpeg(image, tmp_path / "scan.jpg"))[0].faults
    assert look_file(drawing.jpeg(page, tmp_path / "scan.jpg"))[0].faults == ()


def _lay_text(path: Path, lines: list[str]) -> None:
    """An invisible layer over the first page, as OCR programs write it."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        helvetica = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )  # fmt: skip
        page = pdf.pages[0]
        page.obj.Resources.Font = pikepdf.Dictionary(F1=pdf.make_indirect(helvetica))
        rows = b" ".join(b"(%s) Tj T*" % line.encode() for line in lines)
        page.contents_add(b"BT 3 Tr /F1 10 Tf 72 700 Td 14 TL " + rows + b" ET")
        pdf.save(path)
