"""Reads the kept counts: the figures of every unit over any span of days, without looking at a dossier.

A span is read by whole months where it can be, and by days at its ends; an end of more than half a month is the month
less the days outside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, Table, func, or_, select, union_all
from sqlalchemy.orm import Session

from services.coverage import periods
from services.coverage.metrics import Figures
from services.coverage.tables import (
    DAY_COUNTERS,
    PROCEDURE_COUNTERS,
    day_count,
    month_count,
    procedure_day,
    procedure_month,
)
from services.coverage.units import Units
from services.storage.records.tables import ProcedureRow

_DAY = dt.timedelta(days=1)


def by_unit(
    tx: Session, units: Units, start: dt.date, end: dt.date, codes: Sequence[str] | None = None
) -> dict[str, Figures]:
    """Figures by reporting unit for the days ``start``..``end``. ``codes`` limits it to dossiers of these units."""
    found = _rows(day_count, month_count, ("unit",), DAY_COUNTERS, start, end, codes)
    query = select(found.c.unit, *(func.sum(found.c[name]) for name in DAY_COUNTERS)).group_by(found.c.unit)
    counted: dict[str, Figures] = {}
    for unit, *sums in tx.execute(query):
        if unit in units:
            home = units.home(unit)
            own = Figures({name: int(n) for name, n in zip(DAY_COUNTERS, sums, strict=True) if n})
            counted[home] = counted[home] + own if home in counted else own
    return _with_procedures(tx, units, counted, start, end, codes)


def by_day(tx: Session, codes: Sequence[str], start: dt.date, end: dt.date) -> dict[dt.date, Figures]:
    """Figures of these units together, day by day (dossier counts only)."""
    c = day_count.c
    query = select(c.day, *(func.sum(c[name]) for name in DAY_COUNTERS)).where(
        c.day.between(start, end), c.unit.in_(codes)
    )
    return {
        day: Figures({name: int(n) for name, n in zip(DAY_COUNTERS, sums, strict=True) if n})
        for day, *sums in tx.execute(query.group_by(c.day).order_by(c.day))
    }


def of_month(tx: Session, unit: str, month: dt.date) -> Figures:
    """Figures of the unit's own dossiers in the month that begins on ``month`` (dossier counts only)."""
    c = month_count.c
    row = tx.execute(select(*(c[name] for name in DAY_COUNTERS)).where(c.month == month, c.unit == unit)).one_or_none()
    return Figures(dict(zip(DAY_COUNTERS, row, strict=True)) if row else {})


def span(tx: Session) -> tuple[dt.date, dt.date] | None:
    """The first and last day that any dossier was received; ``None`` when there is none."""
    first, last = tx.execute(
        select(func.min(day_count.c.day), func.max(day_count.c.day)).where(day_count.c.received > 0)
    ).one()
    return None if first is None else (first, last)


def _with_procedures(
    tx: Session,
    units: Units,
    counted: dict[str, Figures],
    start: dt.date,
    end: dt.date,
    codes: Sequence[str] | None,
) -> dict[str, Figures]:
    """Adds the sets of procedures."""
    found = _rows(procedure_day, procedure_month, ("unit", "procedure"), PROCEDURE_COUNTERS, start, end, codes)
    keys = (found.c.unit, found.c.procedure)
    summed = (
        select(*keys, *(func.sum(found.c[name]).label(name) for name in PROCEDURE_COUNTERS)).group_by(*keys).subquery()
    )
    p = ProcedureRow
    query = (
        select(summed, p.for_citizens, p.online)
        .join(p, p.code == summed.c.procedure)
        .where(or_(p.for_citizens, p.online), summed.c.received > 0)
    )
    sets: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {unit: _four_sets() for unit in counted}
    home = {unit: sets.setdefault(units.home(unit), _four_sets()) for unit in units.codes()}
    for unit, procedure, _received, connected, online, for_citizens, can_online in tx.execute(query):
        if unit not in home:
            continue
        citizen, joined, eligible, used = home[unit]
        if for_citizens:
            citizen.add(procedure)
            if connected:
                joined.add(procedure)
        if can_online:
            eligible.add(procedure)
            if online:
                used.add(procedure)
    return {unit: Figures(f.counts, *map(frozenset, sets[unit])) for unit, f in counted.items()}


def _four_sets() -> tuple[set[str], set[str], set[str], set[str]]:
    return set(), set(), set(), set()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Days or (``monthly``) whole months, to be added or (``less``) taken away."""

    start: dt.date
    end: dt.date
    monthly: bool = False
    less: bool = False


def _rows(
    days: Table,
    months: Table,
    keys: Sequence[str],
    counters: Sequence[str],
    start: dt.date,
    end: dt.date,
    codes: Sequence[str] | None,
) -> Subquery:
    """Rows of counts whose sums are those of the days ``start``..``end``."""

    def part(piece: _Piece) -> Select[Any]:
        c = months.c if piece.monthly else days.c
        on = c.month if piece.monthly else c.day
        query = select(*(c[key] for key in keys), *((-c[n] if piece.less else c[n]).label(n) for n in counters))
        query = query.where(on.between(piece.start, piece.end))
        return query if codes is None else query.where(c.unit.in_(codes))

    parts = [part(piece) for piece in _pieces(start, end)]
    return (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("found")


def _pieces(start: dt.date, end: dt.date) -> list[_Piece]:
    inner: list[dt.date] = []
    rest: list[_Piece] = []
    for first, last in _months(start, end):
        a, b = max(start, first), min(end, last)
        within, without = (b - a).days + 1, (a - first).days + (last - b).days
        if within > without:
            inner.append(first)
            if a > first:
                rest.append(_Piece(first, a - _DAY, less=True))
            if b < last:
                rest.append(_Piece(b + _DAY, last, less=True))
        else:
            rest.append(_Piece(a, b))
    # the months read whole stand in a row: only the first and the last of all may be missing
    return [*([_Piece(inner[0], inner[-1], monthly=True)] if inner else []), *rest]


def _months(start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    month = periods.month(start.year, start.month)
    while month.start <= end:
        yield month.start, month.end
        following = month.end + _DAY
        month = periods.month(following.year, following.month)
