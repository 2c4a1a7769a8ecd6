"""Cells to values, each spelling converted once: registers repeat the same dates, statuses and yes/no a hundred
thousand times.

A converter is a dictionary that fills itself: ``converter[cell]`` is the value, ``None`` for blank, or ``Bad``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from services.coverage.config import RegisterSpec
from services.coverage.periods import VIETNAM
from services.coverage.register.columns import fold_header
from services.coverage.register.problems import Bad, Fault
from services.vietnamese import nfc

_DMY = re.compile(
    r"(?:\d{1,2}:\d{2}(?::\d{2})?,?\s+)?(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:,?\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_PROCEDURE = re.compile(r"([1-3]\.\d{6})(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?")
_SERIAL_EPOCH = dt.date(1899, 12, 30)
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
_BLANK = ("", "-", "–", "N/A", "null", "NULL")


class Converter(dict[Any, Any]):
    """Cell → value. ``bad`` tells whether any cell so far could not be converted."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert
        self.bad = False

    def __missing__(self, cell: Any) -> Any:
        plain = cell.strip() if isinstance(cell, str) else cell
        value = None if plain is None or plain in _BLANK else self._convert(plain)
        if isinstance(value, Bad):
            self.bad = True
        self[cell] = value
        return value


def converters(spec: RegisterSpec) -> dict[str, Callable[[], Converter]]:
    """A maker of converters by field."""
    statuses = _words(spec.statuses)
    channels = _words(spec.channels)
    kinds = _words(spec.owner_kinds)
    payments = _words(spec.payments)
    truth = _words(dict.fromkeys(spec.yes, True) | dict.fromkeys(spec.no, False))

    def yes_no(cell: Any) -> Any:
        return _truth(cell, truth)

    def count(cell: Any) -> Any:
        return _count(cell, truth)

    by_field: dict[str, Callable[[Any], Any]] = {
        "procedure": _procedure,
        "procedure_name": lambda cell: nfc(str(cell))[:500],
        "status": lambda cell: _numbered(cell, statuses, range(1, 11), Fault.UNKNOWN_STATUS),
        "channel": lambda cell: _numbered(cell, channels, range(1, 4), Fault.UNKNOWN_CHANNEL),
        "owner_kind": lambda cell: kinds.get(fold_header(cell), Bad(Fault.UNKNOWN_OWNER_KIND)),
        "paid_online": lambda cell: _numbered(cell, payments, range(3), Fault.BAD_NUMBER),
        "declared_components": count,
        "declared_results": count,
        "population_checked": lambda cell: True if "dancu" in fold_header(cell) else yes_no(cell),
    }
    for field in ("submitted_on", "received_on", "due_on", "finished_on"):
        by_field[field] = to_date
    for field in (
        "vneid_verified",
        "synced",
        "declared_complete",
        "declared_refusal",
        "declared_reused",
        "declared_from_store",
        "declared_result_signed",
    ):
        by_field[field] = yes_no
    return {field: (lambda convert=convert: Converter(convert)) for field, convert in by_field.items()}  # type: ignore[misc]


def to_date(cell: Any) -> dt.date | Bad:
    """``25/07/2025``, ``2025-07-25T08:00:00+07:00``, Excel's serial 45863 (a number or its text), a date or a moment:
    the local day. Days outside 2000–2099 are impossible.
    """
    if isinstance(cell, dt.datetime):
        day = (cell.astimezone(VIETNAM) if cell.tzinfo else cell).date()
    elif isinstance(cell, dt.date):
        day = cell
    elif isinstance(cell, bool):
        return Bad(Fault.BAD_DATE)
    elif isinstance(cell, int | float):
        if not 1 <= cell < 2_958_466:  # Excel's last day, 31/12/9999
            return Bad(Fault.BAD_DATE)
        day = _SERIAL_EPOCH + dt.timedelta(days=int(cell))
    else:
        read = _date_text(str(cell))
        if isinstance(read, Bad):
            return read
        day = read
    return day if _FIRST <= day <= _LAST else Bad(Fault.IMPOSSIBLE_DATE)


def _date_text(text: str) -> dt.date | Bad:
    try:
        if found := _DMY.fullmatch(text):
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        if found := _ISO.fullmatch(text):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            if found[4]:
                return dt.datetime.fromisoformat(text.replace("/", "-")).astimezone(VIETNAM).date()
            return day
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
            return _SERIAL_EPOCH + dt.timedelta(days=int(float(text)))
    except ValueError:
        return Bad(Fault.IMPOSSIBLE_DATE)
    return Bad(Fault.BAD_DATE)


def _words(of: Mapping[str, Any]) -> dict[str, Any]:
    # "✓" folds to nothing, so such signs stand for themselves.
    return {fold_header(word) or word.strip(): value for word, value in of.items()}


def _whole(cell: Any) -> int | None:
    """The whole number a cell shows (``3``, ``3.0``, ``"3"``, ``"3 - Từ chối"``), or ``None``."""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, int | float):
        return int(cell) if cell == int(cell) else None
    found = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?(?:\s*[-–.:].*)?", str(cell))
    return int(found[1]) if found else None


def _numbered(cell: Any, words: Mapping[str, Any], allowed: range, fault: Fault) -> Any:
    number = _whole(cell)
    if number is not None:
        return number if number in allowed else Bad(fault)
    return words.get(fold_header(cell) or str(cell), Bad(fault))


def _truth(cell: Any, words: Mapping[str, bool]) -> bool | Bad:
    if isinstance(cell, bool):
        return cell
    number = _whole(cell)
    if number is not None:
        return number > 0 if number >= 0 else Bad(Fault.BAD_YES_NO)
    return words.get(fold_header(cell) or str(cell), Bad(Fault.BAD_YES_NO))


def _count(cell: Any, words: Mapping[str, bool]) -> int | Bad:
    number = _whole(cell)
    if number is not None:
        return number if 0 <= number <= 1_000_000 else Bad(Fault.BAD_NUMBER)
    said = words.get(fold_header(cell) or str(cell))
    return Bad(Fault.BAD_NUMBER) if said is None else int(said)


def _procedure(cell: Any) -> str | Bad:
    # A spreadsheet turns 1.012770 into the number 1.01277.
    text = f"{cell:.6f}" if isinstance(cell, float) else str(cell).replace(" ", "").upper()
    found = _PROCEDURE.fullmatch(text)
    return found[1] if found else Bad(Fault.BAD_PROCEDURE)
