"""The dossiers behind a figure, page by page, and the cheapest ones to mend.

A page never scans: the kept counts say on which days and in which units such dossiers are, and only those are opened.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Date, Select, String, and_, case, literal_column, or_, select, values
from sqlalchemy.orm import Session

from services.coverage import figures, metrics
from services.coverage.checks import failing_in, sentences
from services.coverage.config import Rules, load
from services.coverage.metrics import CHECK_CODES
from services.coverage.periods import Period
from services.coverage.report import Records, choose_period
from services.coverage.tables import BIT, FLAGS, DossierCheckRow, day_count
from services.coverage.units import Units
from services.errors import UsageError
from services.storage.model import Actor
from services.storage.records.tables import DossierRow, ProcedureRow

PAGE = 50
MOST = 1000

# What one can ask the dossiers of: a check, "failing" (any check), a flag of ``tables.FLAGS``, or "!" and a flag for
# those without it. Two names of convenience:
_NAMES = {"digitized": "i42", "not-digitized": "!i42", "received": ""} | {code: code.lower() for code in CHECK_CODES}


class BadCursor(UsageError):
    code = "bad-cursor"
    vi = "Mốc trang không hợp lệ; hãy bắt đầu lại từ trang đầu."
    en = "Not a page cursor; start again from the first page."


class UnknownFigure(UsageError):
    code = "unknown-figure"
    vi = "Không có số liệu này; các số liệu: C1…C7, C2b, failing, digitized, not-digitized, received."
    en = "No such figure; figures are C1…C7, C2b, failing, digitized, not-digitized and received."


@dataclass(frozen=True, slots=True)
class Todo:
    """One failing check of a dossier and what to do about it."""

    code: str
    title: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A dossier in a list: no name, no identity number."""

    code: str
    unit: str
    unit_name: str
    procedure: str | None
    procedure_name: str | None
    received_on: dt.date | None
    due_on: dt.date | None
    status: int
    todo: tuple[Todo, ...]


@dataclass(frozen=True, slots=True)
class DossierPage:
    """``next`` is the cursor of the following page, null on the last one."""

    lines: tuple[DossierLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is missing to the target: ``missing`` dossiers, and the cheapest of them to mend, cheapest first. ``now``
    is how many of those can be mended today; the others wait for their result.
    """

    period: Period
    percent: int | None
    missing: int
    now: int
    lines: tuple[DossierLine, ...]


def failing(
    kho: Records,
    unit: str | None = None,
    figure: str = "failing",
    *,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
    after: str | None = None,
    limit: int = PAGE,
    actor: Actor | None = None,
    rules: Rules | None = None,
) -> DossierPage:
    """Dossiers behind ``figure`` ("C1"…, "failing", "not-digitized", a flag or "!flag"), by day, unit and arrival.

    Raises ``UnknownFigure``, ``BadCursor``, ``BadPeriod``, ``UnknownUnit``, ``OtherUnit``.
    """
    rules = rules or load()
    with kho.begin() as tx:
        chosen = choose_period(tx, rules, start=start, end=end, campaign=campaign, period=period)
        units = Units.read(tx, rules)
        codes = codes_for(units, unit, actor)
        return page(tx, units, rules, figure, chosen, codes, after=after, limit=limit)


def page(
    tx: Session,
    units: Units,
    rules: Rules,
    figure: str,
    period: Period,
    codes: Sequence[str] | None,
    *,
    after: str | None = None,
    limit: int = PAGE,
) -> DossierPage:
    """As ``failing``, inside a transaction; ``codes``: the units, ``None`` for all."""
    limit = max(1, min(limit, MOST))
    flag, wanted = _figure(figure)
    c, row = day_count.c, DossierCheckRow
    counter = c.received if not flag else c[flag] if wanted else c.received - c[flag]
    days = select(c.day, c.unit).where(c.day.between(period.start, period.end), counter > 0)
    if codes is not None:
        days = days.where(c.unit.in_(codes))
    rest: Any = None
    if after is not None:
        day, unit, id_ = _read_cursor(after)
        days = days.where(or_(c.day > day, and_(c.day == day, c.unit >= unit)))
        rest = or_(row.day != day, row.unit != unit, row.dossier_id > id_)
    # one place more than the page, and one for a day that the last page ended exactly with
    places = [tuple(r) for r in tx.execute(days.order_by(c.day, c.unit).limit(limit + 2))]
    if not places:
        return DossierPage((), None)
    # joined, not IN: SQLite looks for pairs IN a list by reading every dossier
    place = values(Column("day", Date), Column("unit", String), name="place").data(places).cte("place")
    query = lines().join(place, and_(row.day == place.c.day, row.unit == place.c.unit))
    if flag:
        query = query.where(_has(flag) if wanted else ~_has(flag))
    if rest is not None:
        query = query.where(rest)
    found = tx.execute(query.order_by(row.day, row.unit, row.dossier_id).limit(limit + 1)).all()
    more = len(found) > limit
    return DossierPage(tuple(line(r, units, rules) for r in found[:limit]), _cursor(found[limit - 1]) if more else None)


def to_reach(
    kho: Records,
    unit: str,
    *,
    percent: int | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
    limit: int = MOST,
    actor: Actor | None = None,
    rules: Rules | None = None,
) -> Plan:
    """How many more dossiers ``unit`` must digitize to reach ``percent`` (default: its target), and which ones are
    cheapest: first those that lack only a component, then only a result file, then both, last those whose result is
    not there yet.
    """
    rules = rules or load()
    with kho.begin() as tx:
        chosen = choose_period(tx, rules, start=start, end=end, campaign=campaign, period=period)
        units = Units.read(tx, rules)
        codes = codes_for(units, unit, actor)
        counted = figures.by_unit(tx, units, chosen.start, chosen.end, codes)
        rate = metrics.digitization(metrics.summed(counted.values()))
        target = rules.targets.find("digitization", units[unit].level, chosen.end, chosen.kind)
        wanted = percent if percent is not None else target.percent if target else None
        missing = 0 if wanted is None else rate.missing(wanted)
        row, cost = DossierCheckRow, _cost()
        query = lines(cost.label("cost")).where(row.day.between(chosen.start, chosen.end), ~_has("i42"))
        if codes is not None:
            query = query.where(row.unit.in_(codes))
        found = tx.execute(query.order_by(cost, row.day, row.dossier_id).limit(max(0, min(missing, limit, MOST)))).all()
        now = sum(r.cost < _WAITS for r in found)
        return Plan(chosen, wanted, missing, now, tuple(line(r, units, rules) for r in found))


_WAITS = 4


def _cost() -> Any:
    """1 lacks a component only, 2 a result file only, 3 both, 4 its result is not there yet."""
    shown, no_component = or_(~_has("needs_result"), _has("i41")), ~_has("has_component")
    ready = or_(_has("resolved"), _has("c4"))
    return case((and_(no_component, shown), 1), (and_(~no_component, ready), 2), (ready, 3), else_=_WAITS)


def codes_for(units: Units, unit: str | None, actor: Actor | None) -> list[str] | None:
    """The units to look in. Without a ``unit``: all that the actor may see."""
    if unit is None:
        if actor is None or units[actor.unit].level == "TINH":
            return None
        return sorted(units.allowed(actor))
    units.require(actor, unit)
    return None if units[unit].level == "TINH" else units.counted_in(unit)


def _figure(name: str) -> tuple[str, bool]:
    """(flag or "", whether it must be set)."""
    plain = _NAMES.get(name, name)
    wanted = not plain.startswith("!")
    flag = plain.removeprefix("!")
    if flag and flag not in FLAGS:
        raise UnknownFigure(name)
    return flag, wanted


def _has(flag: str) -> Any:
    return DossierCheckRow.flags.op("&")(literal_column(str(BIT[flag]))) != 0


def lines(*more: Any) -> Select[Any]:
    d, row = DossierRow, DossierCheckRow
    return (
        select(
            row.dossier_id,
            d.code,
            row.unit,
            row.procedure,
            ProcedureRow.name.label("procedure_name"),
            row.day,
            d.due_on,
            d.status,
            row.flags,
            *more,
        )
        .join(d, d.id == row.dossier_id)
        .outerjoin(ProcedureRow, ProcedureRow.code == row.procedure)
    )


def line(r: Any, units: Units, rules: Rules) -> DossierLine:
    name = units.name_on(r.unit, r.day) if r.unit in units and r.day else r.unit
    todo = []
    for code in failing_in(r.flags):
        spec = rules.checks.checks[code]  # type: ignore[index]
        todo.append(Todo(code, spec.title, *sentences(spec, r.code, r.status)))
    return DossierLine(r.code, r.unit, name, r.procedure, r.procedure_name, r.day, r.due_on, r.status, tuple(todo))


def _cursor(r: Any) -> str:
    return base64.urlsafe_b64encode(f"{r.day.isoformat()}|{r.unit}|{r.dossier_id}".encode()).decode()


def _read_cursor(text: str) -> tuple[dt.date, str, int]:
    try:
        day, unit, id_ = base64.urlsafe_b64decode(text.encode()).decode().split("|")
        return dt.date.fromisoformat(day), unit, int(id_)
    except (ValueError, binascii.Error) as error:
        raise BadCursor(text[:80]) from error
