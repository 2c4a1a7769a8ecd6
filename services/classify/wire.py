"""Papers found in a file as JSON: the form of ``sohoa classify`` (DESIGN "machine-readable doors")."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.classify.model import CONTRACT_FIELDS, Piece, Value


def piece_json(piece: Piece) -> dict[str, Any]:
    """One paper; every contract field is there, null where it was not read (``unread`` then says why)."""
    return {
        "first_page": piece.first_page,
        "last_page": piece.last_page,
        "code": piece.code,
        "name": piece.name,
        "confidence": round(piece.confidence, 4),
        "needs_review": piece.needs_review,
        "reason": piece.reason,
        "copy_kind": str(piece.copy_kind),
        "fields": {name: value_json(piece.fields.get(name)) for name in CONTRACT_FIELDS},
        "more": {name: value_json(value) for name, value in piece.more.items()},
        "owners": [asdict(owner) for owner in piece.owners],
        "unread": dict(piece.unread),
        "decided_by": piece.decided_by,
    }


def value_json(value: Value | None) -> dict[str, Any] | None:
    """A field's value with its confidence and its place on the page (box: left, top, right, bottom in pixels)."""
    if value is None:
        return None
    return {
        "value": value.value,
        "confidence": round(value.confidence, 4),
        "page": value.page,
        "box": list(value.box) if value.box else None,
    }
