"""What understanding found (``Piece``) as what the kho files (``NewPaper``): the one place that knows both."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from services.classify.model import OwnerName, Piece
from services.classify.wire import value_json
from services.ocr.model import Reading
from services.storage.model import NewOwner, NewPaper
from services.vietnamese import fold

_COMPANY = re.compile(r"\b(cong ty|doanh nghiep|hop tac xa|htx|chi nhanh|ngan hang|tap doan|tnhh)\b")
_HOUSEHOLD = re.compile(r"\bho kinh doanh\b")


def paper_of(piece: Piece, reading: Reading, archive_sha256: str | None = None) -> NewPaper:
    """The paper to file. A date that is no date of the calendar is left out rather than guessed."""
    pages = [page for page in reading.pages if piece.first_page <= page.number <= piece.last_page]
    return NewPaper(
        first_page=piece.first_page,
        last_page=piece.last_page,
        type_code=piece.code,
        type_name=piece.name,
        copy_kind=str(piece.copy_kind),
        confidence=piece.confidence,
        decided_by=piece.decided_by,
        owners=tuple(_owner(owner) for owner in piece.owners if owner.name),
        so_ky_hieu=_text(piece, "so_ky_hieu"),
        ngay_cap=_date(piece, "ngay_cap"),
        co_quan_cap=_text(piece, "co_quan_cap"),
        trich_yeu=_text(piece, "trich_yeu"),
        nguoi_ky=_text(piece, "nguoi_ky"),
        valid_to=_date(piece, "thoi_han"),
        ma_ho_so=_text(piece, "ma_ho_so"),
        signature=_signature(reading),
        phash=_signed(pages[0].phash) if pages else None,
        text="\f".join(page.text for page in pages),
        more={name: value.value for name, value in piece.more.items()},
        places=_places(piece),
        archive_sha256=archive_sha256,
    )


def _owner(owner: OwnerName) -> NewOwner:
    return NewOwner(
        kind=_kind(owner),
        name=owner.name or "",
        identifier=owner.identifier,
        birth_date=_iso(owner.birth_date),
    )


def _kind(owner: OwnerName) -> str:
    """Person, body or household business: by the name where it says so, else by the number's length."""
    name = fold(owner.name or "")
    if _HOUSEHOLD.search(name):
        return "HKD"
    if _COMPANY.search(name):
        return "TO_CHUC"
    digits = len(re.sub(r"\D", "", owner.identifier or ""))
    return "TO_CHUC" if digits in (10, 13) else "CA_NHAN"


def _places(piece: Piece) -> dict[str, Any]:
    """Field → value, confidence, page and box, so that a screen can show where each value was read."""
    found = {name: value_json(value) for name, value in piece.fields.items() if value is not None}
    return found | {name: value_json(value) for name, value in piece.more.items()}


def _signature(reading: Reading) -> str:
    """valid, invalid, unchecked or none: the worst of the file's digital signatures."""
    states = {signature.intact for signature in reading.signatures}
    if not states:
        return "none"
    if False in states:
        return "invalid"
    return "unchecked" if None in states else "valid"


def _text(piece: Piece, name: str) -> str | None:
    value = piece.fields.get(name)
    return value.value if value else None


def _date(piece: Piece, name: str) -> dt.date | None:
    return _iso(_text(piece, name))


def _iso(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _signed(phash: int) -> int:
    """A 64-bit hash as the signed number that a database's big integer holds."""
    return phash - (1 << 64) if phash >= 1 << 63 else phash
