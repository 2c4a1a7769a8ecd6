"""Adapter to zxing-cpp: QR and bar codes on a page (CCCD cards, land certificates, receipts of the one-stop desk)."""

from __future__ import annotations

import zxingcpp

from services.ocr.model import Box, Code
from services.ocr.sheet import Picture
from services.vietnamese import nfc

_MOST = 20
# Short one-dimensional codes are found in tables and stamps that are none; a real one carries more.
_MIN_LINEAR = 4


def find_codes(grey: Picture) -> tuple[Code, ...]:
    """Codes with their text as read; boxes in pixels of the picture."""
    found = []
    for result in zxingcpp.read_barcodes(
        grey, try_rotate=True, try_downscale=True, try_invert=False, text_mode=zxingcpp.TextMode.Plain
    ):
        name = str(result.format).removeprefix("BarcodeFormat.").replace(" ", "")
        text = nfc(result.text).strip()
        if not result.valid or not text or ("QR" not in name and len(text) < _MIN_LINEAR):
            continue
        corners = [
            result.position.top_left,
            result.position.top_right,
            result.position.bottom_right,
            result.position.bottom_left,
        ]
        xs, ys = [p.x for p in corners], [p.y for p in corners]
        found.append(Code(name, text, Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1)))
    return tuple(found[:_MOST])
