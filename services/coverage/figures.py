"""Reads the kept counts: the figures of every unit over any span of days, without looking at a dossier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.coverage.metrics import Figures
from services.coverage.tables import FLAGS, day_count, procedure_day, procedure_use
from services.coverage.units import Units
from services.storage.records import ProcedureRow

_NAMES = ("received", *FLAGS)


def by_unit(
    tx: Session, units: Units, start: dt.date, end: dt.date, codes: Sequence[str] | None = None
) -> dict[str, Figures]:
    """Figures by reporting unit for the days ``start``..``end``. ``codes`` limits it to dossiers of these units."""
    counted: dict[str, Figures] = {}
    c = day_count.c
    query = select(c.unit, *(func.sum(c[name]) for name in _NAMES)).where(c.day.between(start, end)).group_by(c.unit)
    if codes is not None:
        query = query.where(c.unit.in_(codes))
    for unit, *sums in tx.execute(query):
        if unit in units:
            home = units.home(unit)
            own = Figures({name: int(n) for name, n in zip(_NAMES, sums, strict=True) if n})
            counted[home] = counted[home] + own if home in counted else own
    return _with_procedures(tx, units, counted, start, end, codes)


def by_day(tx: Session, codes: Sequence[str], start: dt.date, end: dt.date) -> dict[dt.date, Figures]:
    """Figures of these units together, day by day (dossier counts only)."""
    c = day_count.c
    query = select(c.day, *(func.sum(c[name]) for name in _NAMES)).where(c.day.between(start, end), c.unit.in_(codes))
    return {
        day: Figures({name: int(n) for name, n in zip(_NAMES, sums, strict=True) if n})
        for day, *sums in tx.execute(query.group_by(c.day).order_by(c.day))
    }


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
    """Adds the sets of procedures: for each pair of unit and procedure, a probe of an index, not a count."""
    use, day = procedure_use.c, procedure_day.c

    def some(counter: str) -> ColumnElement[bool]:
        return (
            select(1)
            .where(day.unit == use.unit, day.procedure == use.procedure, day.day.between(start, end), day[counter] > 0)
            .exists()
        )

    p = ProcedureRow
    query = (
        select(
            use.unit,
            use.procedure,
            p.for_citizens,
            p.online,
            and_(p.for_citizens, some("connected")),
            and_(p.online, some("online")),
        )
        .join(p, p.code == use.procedure)
        .where(or_(p.for_citizens, p.online), some("received"))
    )
    if codes is not None:
        query = query.where(use.unit.in_(codes))
    sets: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {}
    for unit, procedure, for_citizens, can_online, connected, online in tx.execute(query):
        if unit not in units:
            continue
        citizen, joined, eligible, used = sets.setdefault(units.home(unit), (set(), set(), set(), set()))
        if for_citizens:
            citizen.add(procedure)
            if connected:
                joined.add(procedure)
        if can_online:
            eligible.add(procedure)
            if online:
                used.add(procedure)
    return {
        unit: Figures(f.counts, *(frozenset(s) for s in sets[unit])) if unit in sets else f
        for unit, f in counted.items()
    }
