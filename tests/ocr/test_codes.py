"""QR and bar codes on the page, and the page's perceptual hash."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from services.ocr.pages.codes import find_codes
from services.ocr.pages.phash import phash
from tests.ocr import drawing


def _with_code(text: str, kind: zxingcpp.BarcodeFormat, scale: int) -> Image.Image:
    picture = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
    page = drawing.page()
    page.paste(Image.fromarray(picture), (600, 1500))
    return page


@pytest.mark.parametrize("quarter", [0, 90, 180])
def test_the_qr_code_of_a_card_is_read_with_its_vietnamese_text(quarter: int) -> None:
    text = "079203001234||Trần Thị Hồng Gấm|01021990|Nữ|Ấp 3, xã Phước An, tỉnh Đồng Nai|15032022"
    page = _with_code(text, zxingcpp.BarcodeFormat.QRCode, 5)
    (code,) = find_codes(drawing.array(page.convert("L").rotate(quarter, expand=True)))
    assert code.text == text
    assert code.format == "QRCode"


def test_a_bar_code_is_read_and_its_place_is_known() -> None:
    page = _with_code("H19.07-260512-0042", zxingcpp.BarcodeFormat.Code128, 3)
    (code,) = find_codes(drawing.array(page.convert("L")))
    assert code.text == "H19.07-260512-0042"
    assert code.box.left == pytest.approx(600, abs=60)
    assert code.box.top == pytest.approx(1500, abs=80)


def test_two_scans_of_one_page_have_nearly_the_same_hash_and_two_pages_have_not() -> None:
    page = drawing.page(drawing.DECISION * 2)
    again = page.rotate(0.4, fillcolor="white").resize((1500, 2120))
    other = drawing.page(("ĐƠN ĐỀ NGHỊ", *drawing.DECISION[::-1], *drawing.DECISION[:3]), top_in=3.0)
    hashes = [phash(drawing.array(image.convert("L"))) for image in (page, again, other)]
    assert (hashes[0] ^ hashes[1]).bit_count() <= 10
    assert (hashes[0] ^ hashes[2]).bit_count() > 14
