"""Readings and pieces to test with: values, no files."""

from __future__ import annotations

from services.classify.model import CONTRACT_FIELDS, CopyKind, OwnerName, Piece, Value
from services.ocr.model import Box, Code, Page, Quality, Reading, Signature, Word


def page(number: int = 1, text: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", phash: int = 1) -> Page:
    return Page(
        number=number,
        width_px=1654,
        height_px=2339,
        dpi=200.0,
        rotation_deg=0,
        skew_deg=0.25,
        source="recognised",
        quality=Quality(effective_dpi=198.0, faults=("too-blurred",)),
        text=text,
        words=(Word("CỘNG", Box(1, 2, 30, 40), 0.987654, line=0, block=0),),
        codes=(Code("QRCode", "H19.12-250725-0001", Box(0, 0, 9, 9)),),
        phash=phash,
        red_stamps=(Box(5, 5, 6, 6),),
    )


def reading(*pages: Page, signatures: tuple[Signature, ...] = ()) -> Reading:
    return Reading(pages or (page(),), "application/pdf", signatures, ("tesseract",), ("note",))


def piece(**changes: object) -> Piece:
    fields: dict[str, Value | None] = dict.fromkeys(CONTRACT_FIELDS)
    fields |= {"so_ky_hieu": Value("125/2025", 0.99, 1, Box(1, 2, 3, 4)), "ngay_cap": Value("2025-07-25", 0.98, 1)}
    values: dict[str, object] = {
        "first_page": 1,
        "last_page": 1,
        "code": "KS",
        "name": "Giấy khai sinh",
        "confidence": 0.99,
        "needs_review": False,
        "reason": None,
        "copy_kind": CopyKind.CHINH,
        "fields": fields,
        "more": {"ho_ten": Value("Lê Thị Bưởi", 0.97, 1)},
        "owners": (OwnerName("Lê Thị Bưởi", "075325001234", "2025-07-01", 0.95),),
        "unread": {"nguoi_ky": "handwritten"},
    }
    return Piece(**(values | changes))  # type: ignore[arg-type]
