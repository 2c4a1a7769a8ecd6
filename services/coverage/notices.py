"""The lists that directives are made of: who is below target, lowest first, and what is due this week and failing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.coverage import drill, periods
from services.coverage.config import Metric, Rules, load
from services.coverage.drill import DossierLine
from services.coverage.report import CoverageReport, Goal, Records, UnitReport
from services.coverage.tables import BIT, DossierCheckRow
from services.coverage.units import Units
from services.storage.model import Actor
from services.storage.records.tables import DossierRow


@dataclass(frozen=True, slots=True)
class BelowTarget:
    unit: UnitReport
    metric: Metric
    goal: Goal


@dataclass(frozen=True, slots=True)
class LowScore:
    """A unit whose published score is below its target: name, rank, points, as directives list them."""

    code: str
    name: str
    as_of: dt.date
    points: Decimal
    rank: int | None
    target: int


def below_target(of: CoverageReport, metric: Metric = "digitization") -> tuple[BelowTarget, ...]:
    """Units that miss their target of ``metric``, lowest rate first, then by code. Units with nothing to measure miss
    nothing.
    """
    missed = [BelowTarget(u, metric, u.goals[metric]) for u in of.units if u.goals[metric].met is False]
    return tuple(sorted(missed, key=lambda m: (m.goal.rate.value, m.unit.code)))


def low_scores(of: CoverageReport) -> tuple[LowScore, ...]:
    """Units whose published score of 100 is below its target, lowest rank first (the largest number), then lowest
    points.
    """
    found = [
        LowScore(u.code, u.name, u.published.as_of, u.published.points, u.published.rank, u.score_target.percent)
        for u in of.units
        if u.published is not None and u.score_target is not None and u.published.points < u.score_target.percent
    ]
    return tuple(sorted(found, key=lambda s: (-(s.rank or 0), s.points, s.code)))


def due_and_failing(
    kho: Records,
    unit: str | None = None,
    *,
    week_of: dt.date | None = None,
    limit: int = drill.MOST,
    actor: Actor | None = None,
    rules: Rules | None = None,
) -> tuple[DossierLine, ...]:
    """Open dossiers due in the week (Monday to Sunday) of a day, today by default, that fail a check; the soonest
    first.
    """
    rules = rules or load()
    week = periods.week(week_of or periods.vietnam_today())
    with kho.begin() as tx:
        units = Units.read(tx, rules)
        codes = drill.codes_for(units, unit, actor)
        return _due(tx, units, rules, week.start, week.end, codes, limit)


def _due(
    tx: Session, units: Units, rules: Rules, start: dt.date, end: dt.date, codes: Sequence[str] | None, limit: int
) -> tuple[DossierLine, ...]:
    d = DossierRow
    query = drill.lines().where(
        d.due_on.between(start, end),
        text("dossier.status IN (1, 2, 4, 5, 6)"),  # as the index of open dossiers says it
        DossierCheckRow.flags.op("&")(BIT["failing"]) != 0,
        d.unit.in_(codes if codes is not None else units.codes()),
    )
    found = tx.execute(query.order_by(d.due_on, d.unit, d.id).limit(limit))
    return tuple(drill.line(r, units, rules) for r in found)
