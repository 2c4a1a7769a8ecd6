"""Digital signatures of a PDF: who, when, where the mark stands, and whether the bytes are still those signed.

The form says where the signatures are; what each one seals is read by ``seal``.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Literal

import pikepdf

from services.ocr.model import Signature
from services.vietnamese import nfc

_MOST_FIELDS = 200
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+\-Z])(\d\d)?'?(\d\d)?)?")


def find_signatures(path: Path) -> tuple[Signature, ...]:
    """All filled signature fields in the order of the form; empty where the form cannot be read."""
    try:
        with pikepdf.open(path) as pdf:
            form = pdf.Root.get("/AcroForm")
            fields = list(form.get("/Fields", [])) if form is not None else []
            data = path.read_bytes() if fields else b""
            return tuple(
                signature for field in _leaves(fields) if (signature := _signature(pdf, field, data)) is not None
            )
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError):
        return ()  # a form too broken to read has no signature that anyone could rely on


def _leaves(fields: list[pikepdf.Object]) -> list[pikepdf.Object]:
    found: list[pikepdf.Object] = []
    waiting = list(fields)
    seen = 0
    while waiting and seen < _MOST_FIELDS:
        field = waiting.pop(0)
        seen += 1
        if not isinstance(field, pikepdf.Dictionary):
            continue
        kids = field.get("/Kids")
        if kids is not None and "/V" not in field:
            waiting.extend(list(kids))
        elif field.get("/FT") == pikepdf.Name.Sig and "/V" in field:
            found.append(field)
    return found


def _signature(pdf: pikepdf.Pdf, field: pikepdf.Object, data: bytes) -> Signature | None:
    value = field["/V"]
    if not isinstance(value, pikepdf.Dictionary) or "/Contents" not in value:
        return None
    # Few papers are signed: the libraries that check a seal are loaded when the first one is met.
    from services.ocr.opening.seal import is_intact, read_seal

    ranges = [int(number) for number in value.get("/ByteRange", [])]
    seal = read_seal(bytes(value["/Contents"]))
    whole = len(ranges) == 4 and ranges[0] == 0 and ranges[2] + ranges[3] >= len(data) - 2
    written = str(value["/M"]) if "/M" in value else ""
    named = str(value["/Name"]) if "/Name" in value else ""
    return Signature(
        signer=nfc((seal.signer if seal else None) or named or "?"),
        signed_at=_iso(written) or (seal.signed_at if seal else None),
        side=_side(pdf, field),
        covers_whole_file=whole,
        intact=is_intact(seal, data, ranges) if seal else None,
    )


def _side(pdf: pikepdf.Pdf, field: pikepdf.Object) -> Literal["left", "right"] | None:
    """Where the mark stands on page 1; None for an invisible one or one on a later page."""
    widget = field
    if "/Rect" not in widget and "/Kids" in field:
        widget = field["/Kids"][0]
    rect = [float(number) for number in widget.get("/Rect", [])]
    if len(rect) != 4 or abs(rect[2] - rect[0]) < 1 or abs(rect[3] - rect[1]) < 1:
        return None
    first = pdf.pages[0]
    on_first = any(annotation.objgen == widget.objgen for annotation in first.obj.get("/Annots", []))
    if not on_first:
        return None
    left, _, right, _ = (float(number) for number in first.cropbox)
    return "left" if (rect[0] + rect[2]) / 2 < (left + right) / 2 else "right"


def _iso(date: str) -> str | None:
    """A PDF date (D:YYYYMMDDHHmmSS+07'00') as ISO 8601."""
    match = _DATE.match(date)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    sign, off_h, off_m = match.groups()[6:]
    offset = dt.timedelta(hours=int(off_h or 0), minutes=int(off_m or 0))
    zone = None if sign is None else dt.timezone(-offset if sign == "-" else offset)
    try:
        return dt.datetime(
            year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone
        ).isoformat()
    except ValueError:
        return None
