"""Copy marks: SAO Y (NĐ 30 Điều 25), certified copies (NĐ 23/2015), electronic signatures. Taken off before the title.

A certifying stamp has its own number, day and signer; left in place they would be taken for the paper's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.fields.values import person_name
from services.classify.layout import Sheet
from services.classify.model import CopyKind
from services.classify.text import ratio
from services.ocr.model import Signature

_CERTIFIED = (
    "chung thuc ban sao dung voi ban chinh",
    "ban sao dung voi ban chinh",
    "sao dung voi ban chinh",
    "chung thuc ban sao dung",
    "chung thuc sao dung voi ban chinh",
)
_CERT_LINES = re.compile(
    r"^(so chung thuc|quyen so|.{0,12}sct bs|ngay .{0,30}$|nguoi thuc hien chung thuc|nguoi chung thuc|can bo tiep "
    r"nhan)"
)
_BLOCK_ROWS = 10  # a block that certifies a copy has no more: its body, number, day, office and name
_SAO_Y = ("sao y", "sao luc", "trich sao", "sao y ban chinh")
_SIGNED_LINES = re.compile(
    r"^(nguoi ky|ky boi|email|co quan|thoi gian ky|ngay ky|signature valid|digitally signed|signed by|date|reason|"
    r"location)\b"
)


def take_off_marks(
    sheets: Sequence[Sheet], signatures: Sequence[Signature], media_type: str
) -> tuple[list[Sheet], CopyKind]:
    """The sheets without the rows of copy marks, and the kind of copy they show."""
    kind = CopyKind.CHINH
    cleaned = []
    for position, sheet in enumerate(sheets):
        dropped: set[int] = set()
        if (certified := _certified_rows(sheet)) is not None:
            dropped |= certified
            kind = CopyKind.SAO_CHUNG_THUC
        if (said := _sao_y_rows(sheet, first=position == 0)) is not None:
            dropped |= said
            if kind is CopyKind.CHINH:
                kind = CopyKind.SAO_Y
        dropped |= _electronic_rows(sheet)
        cleaned.append(sheet.without(dropped) if dropped else sheet)
    if kind is CopyKind.CHINH and any(_only_a_photocopy(sheet) for sheet in sheets):
        kind = CopyKind.SAO
    if kind is CopyKind.CHINH and signatures and all(sheet.page.source == "text-layer" for sheet in sheets):
        kind = CopyKind.DIEN_TU
    return cleaned, kind


def _certified_rows(sheet: Sheet) -> set[int] | None:
    """Rows of a "CHỨNG THỰC BẢN SAO…" stamp: its heading and the few lines under it, down to its signer."""
    for position, row in enumerate(sheet.rows):
        for segment in row.segments:
            text = segment.key
            if len(text) > 70 or not any(
                phrase in text or (len(text) > 14 and ratio(phrase, text) > 0.86) for phrase in _CERTIFIED
            ):
                continue
            if sheet.rows[position:] and row.top < 0.3 * sheet.height and position < 4:
                return {row.index}
            return {later.index for later in sheet.rows[position:] if _belongs(later.top, row.top, sheet)}
    return None


def _belongs(top: float, start: float, sheet: Sheet) -> bool:
    return top - start < 16 * sheet.letter_px * 1.6


def _sao_y_rows(sheet: Sheet, *, first: bool) -> set[int] | None:
    """A line that is only "SAO Y" (with the agency's electronic mark under it), or a block at the foot with …/SY-…"""
    dropped: set[int] | None = None
    for position, row in enumerate(sheet.rows):
        for segment in row.segments:
            text = segment.key
            alone = text.replace(" ", "") in {"saoy", "saoluc", "trichsao", "saoybanchinh", "bansaoy", "saov"}
            begins = (
                any(text.startswith(f"{mark};") or text.startswith(f"{mark} ") for mark in _SAO_Y)
                and segment.capitals > 0.5
            )
            numbered = re.search(r"\d\s*/?\s*(sy|sl|trs)[ -]", segment.text.lower()) is not None
            if not (alone or (begins and position < 3) or numbered):
                continue
            dropped = dropped or set()
            if position < 5 and (first or len(sheet.rows) - position > _BLOCK_ROWS):
                dropped.add(row.index)
                continue
            dropped |= {later.index for later in sheet.rows[position:]}
            return dropped
    return dropped


def _electronic_rows(sheet: Sheet) -> set[int]:
    """Lines of a visible electronic signature (signer, e-mail, time of signing)."""
    found = [
        row.index
        for row in sheet.rows
        if _SIGNED_LINES.match(row.key) and (row.segments[0].text.find(":") > 0 or "signature" in row.key)
    ]
    keys = {row.index: row.key for row in sheet.rows}
    # "Cơ quan:" alone is a form's label; it is a signature's line only beside a time of signing.
    signed = any(
        keys[index].startswith(("thoi gian ky", "ngay ky", "signature valid", "digitally signed", "ky boi"))
        for index in found
    )
    return set(found) if signed else set()


_SIGNER_LINE = re.compile(r"\W*(?i:người ký|ký bởi|signed by|digitally signed by)\s*:\s*(.+)")


def persons_who_signed(sheets: Sequence[Sheet], signatures: Sequence[Signature]) -> tuple[str, ...]:
    """The persons, not the bodies, whom the file's digital signatures or their visible marks name."""
    told = [signature.signer for signature in signatures]
    told += [
        match.group(1)
        for sheet in sheets
        for segment in sheet.segments
        if (match := _SIGNER_LINE.match(segment.text)) is not None
    ]
    names = (person_name(text.strip()) for text in told if len(text.split()) <= _NAME_WORDS)
    return tuple(dict.fromkeys(name.value for name in names if name is not None and name.quality > _NAME_QUALITY))


_NAME_WORDS = 5
_NAME_QUALITY = 0.8


def _only_a_photocopy(sheet: Sheet) -> bool:
    return any(
        row.key in {"ban sao", "ban photo", "ban photocopy", "ban sao chup", "photocopy", "copy"}
        for row in sheet.rows[:4]
    )
