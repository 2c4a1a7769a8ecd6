"""What the national portal says: which dossiers it has (C6), and the scores it published."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import counting
from services.coverage.config import Rules, load
from services.coverage.dossier_codes import parse_code
from services.coverage.register.cells import Converter, to_date
from services.coverage.register.columns import SEARCHED_ROWS, Layout, find_layout, fold_header
from services.coverage.register.problems import Bad, Fault, NotARegister, RowProblem, problem
from services.coverage.register.sheets import read_rows
from services.coverage.report import Records
from services.coverage.tables import AcknowledgementRow, PublishedScoreRow
from services.coverage.units import Units, fold_unit
from services.storage.errors import OtherUnit
from services.storage.model import Actor
from services.storage.records.tables import DossierRow

_CHUNK = 5_000
_POINTS = ("diem", "tongdiem", "diemso", "tongsodiem", "points", "score")
_RANKS = ("xephang", "hang", "thuhang", "rank")
_UNITS = ("donvi", "tendonvi", "xaphuong", "coquan", "unit", "madonvi", "diaphuong")
_DAYS = ("ngaydongbo", "thoidiemdongbo", "ngayghinhan", "ngay", "syncedon")


@dataclass(frozen=True, slots=True)
class NationalResult:
    """``known``: rows about dossiers or units of ours; ``changed``: how many of those are new to us."""

    rows: int
    known: int
    changed: int
    bad_rows: tuple[RowProblem, ...]


def import_acknowledgements(
    kho: Records, file: Path, *, actor: Actor, dry_run: bool = False, rules: Rules | None = None
) -> NationalResult:
    """A list of dossier codes that Cổng DVCQG has acknowledged: they are synced, and so is a dossier that a register
    brings later.

    Raises ``NotARegister``, ``UnreadableSheet``, ``SheetTooLarge``.
    """
    rules = rules or load()
    layout, body = _open(file, rules)
    day_at = _column(layout.headers, _DAYS)
    days = Converter(to_date)
    rows = known = changed = 0
    problems: list[RowProblem] = []
    while chunk := list(itertools.islice(body, _CHUNK)):
        rows += len(chunk)
        codes: dict[str, dt.date | None] = {}
        for number, row in chunk:
            cell = row[layout.fields["code"]] if layout.fields["code"] < len(row) else None
            code = parse_code(str(cell)) if cell not in (None, "") else None
            if code is None:
                fault = Fault.BAD_CODE if cell else Fault.MISSING_CODE
                problems.append(problem(number, "code", layout.header_of("code"), cell, fault))
                continue
            day = days[row[day_at]] if day_at is not None and day_at < len(row) else None
            codes[code.code] = None if isinstance(day, Bad) else day
        with kho.begin() as tx:
            here, new = _acknowledge(tx, codes, actor, rules, dry_run)
            known, changed = known + here, changed + new
    return NationalResult(rows, known, changed, tuple(problems))


def _acknowledge(
    tx: Session, codes: Mapping[str, dt.date | None], actor: Actor, rules: Rules, dry_run: bool
) -> tuple[int, int]:
    units = Units.read(tx, rules)
    whole_province = units[actor.unit].level == "TINH"
    allowed = units.allowed(actor)
    found = tx.execute(
        select(DossierRow.id, DossierRow.code, DossierRow.unit, DossierRow.synced).where(DossierRow.code.in_(codes))
    ).all()
    mine = [r for r in found if r.unit in allowed]
    unsynced = [r.id for r in mine if not r.synced]
    if dry_run:
        return len(mine), len(unsynced)
    own = {r.code for r in mine}
    rows = [{"code": c, "acknowledged_on": day} for c, day in codes.items() if whole_province or c in own]
    if rows:
        insert: Any = counting.insert_for(counting.dialect_of(tx), AcknowledgementRow.__table__)
        tx.execute(insert.on_conflict_do_nothing(), rows)
    if unsynced:
        for some in _batches(unsynced, 1_000):
            tx.execute(DossierRow.__table__.update().where(DossierRow.id.in_(some)).values(synced=True))  # type: ignore[attr-defined]
        counting.recount_ids(tx, unsynced, rules)
    return len(mine), len(unsynced)


def import_published(
    kho: Records, file: Path, *, as_of: dt.date, actor: Actor, dry_run: bool = False, rules: Rules | None = None
) -> NationalResult:
    """The scores (of 100) and ranks that the portal showed on a day, one row a unit. Only the province may import them.

    Raises ``NotARegister``, ``OtherUnit``.
    """
    rules = rules or load()
    numbered = enumerate(read_rows(file), start=1)
    first = list(itertools.islice(numbered, SEARCHED_ROWS))
    header = next(
        ((n, row) for n, row in first if _column(row, _UNITS) is not None and _column(row, _POINTS) is not None),
        None,
    )
    if header is None:
        raise NotARegister("no header row with unit and points")
    names = [str(cell) for cell in header[1]]
    unit_at, points_at, rank_at = _column(names, _UNITS), _column(names, _POINTS), _column(names, _RANKS)
    rows = known = changed = 0
    problems: list[RowProblem] = []
    with kho.begin() as tx:
        units = Units.read(tx, rules)
        if units[actor.unit].level != "TINH":
            raise OtherUnit(actor.unit)
        spellings = units.spellings()
        for number, row in itertools.chain(first, numbered):
            if number <= header[0] or not any(cell not in (None, "") for cell in row):
                continue
            rows += 1
            code = spellings.get(fold_unit(_text(row, unit_at)))
            points = _hundredths(_cell(row, points_at))
            if code is None:
                problems.append(problem(number, "unit", names[unit_at or 0], _cell(row, unit_at), Fault.UNKNOWN_UNIT))
            if points is None:
                problems.append(
                    problem(number, "points", names[points_at or 0], _cell(row, points_at), Fault.BAD_POINTS)
                )
            if code is None or points is None:
                continue
            known += 1
            rank = _rank(_cell(row, rank_at))
            kept = tx.get(PublishedScoreRow, (code, as_of))
            if kept is None or (kept.points_hundredths, kept.rank) != (points, rank):
                changed += 1
                if not dry_run:
                    tx.merge(PublishedScoreRow(unit=code, as_of=as_of, points_hundredths=points, rank=rank))
    return NationalResult(rows, known, changed, tuple(problems))


def _open(file: Path, rules: Rules) -> tuple[Layout, Iterator[tuple[int, Sequence[Any]]]]:
    numbered = enumerate(read_rows(file), start=1)
    first = list(itertools.islice(numbered, SEARCHED_ROWS))
    layout = find_layout([row for _, row in first], rules.register_, least=1)
    body = (
        (n, row)
        for n, row in itertools.chain(first, numbered)
        if n > layout.header_row and any(cell not in (None, "") for cell in row)
    )
    return layout, body


def _column(headers: Sequence[Any], names: Sequence[str]) -> int | None:
    folded = [fold_header(h) if isinstance(h, str) else "" for h in headers]
    return next((i for i, h in enumerate(folded) if h in names), None)


def _cell(row: Sequence[Any], at: int | None) -> Any:
    return None if at is None or at >= len(row) else row[at]


def _text(row: Sequence[Any], at: int | None) -> str:
    cell = _cell(row, at)
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell or "")


def _hundredths(cell: Any) -> int | None:
    """``83,62`` or ``83.62`` → 8362."""
    try:
        points = Decimal(str(cell).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return round(points * 100) if points.is_finite() and 0 <= points <= 100 else None


def _rank(cell: Any) -> int | None:
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell or "").strip()
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _batches(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (items[i : i + size] for i in range(0, len(items), size))
