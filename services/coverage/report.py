"""The coverage report of a period: every unit's figures, targets, rank, trend, causes and what is missing.

Reads only the kept counts. ``to_json`` is the form other systems are written against (DESIGN).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import figures, metrics, periods
from services.coverage.config import Metric, Profile, Rules, Target, load
from services.coverage.metrics import CHECK_CODES, Figures, Rate, Score
from services.coverage.periods import Period
from services.coverage.tables import PublishedScoreRow
from services.coverage.units import Unit, Units
from services.errors import UsageError
from services.storage.model import Actor

LOW_SHARE = Fraction(4, 5)  # an indicator is "low" below four fifths of its points


class Records(Protocol):
    """What coverage needs of the kho: transactions on its records."""

    def begin(self) -> AbstractContextManager[Session]: ...


class UnknownProfile(UsageError):
    code = "unknown-profile"
    vi = "Không có cách tính điểm này; các cách tính: default, docx2025, portal_compat."
    en = "No such score profile; the profiles are default, docx2025 and portal_compat."


@dataclass(frozen=True, slots=True)
class Goal:
    """A rate beside its target. ``met`` is null when there is no target or nothing to measure."""

    rate: Rate
    target: Target | None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.rate.reaches(self.target.percent)

    @property
    def missing(self) -> int:
        return 0 if self.target is None else self.rate.missing(self.target.percent)


@dataclass(frozen=True, slots=True)
class Cause:
    """How many dossiers fail a check, and the points that mending all of them adds to the score."""

    code: str
    dossiers: int
    points: Fraction


@dataclass(frozen=True, slots=True)
class Published:
    """What the national portal last published for the unit up to the period's end."""

    as_of: dt.date
    points: Decimal
    rank: int | None


@dataclass(frozen=True, slots=True)
class UnitReport:
    """One row of the province table (or the province itself)."""

    code: str
    name: str
    level: str
    figures: Figures
    before: Figures
    goals: Mapping[Metric, Goal]
    scores: tuple[Score, ...]
    causes: tuple[Cause, ...]
    low_not_improved: tuple[str, ...]
    rank: int | None = None
    published: Published | None = None
    score_target: Target | None = None

    @property
    def digitization(self) -> Goal:
        return self.goals["digitization"]

    @property
    def points(self) -> Fraction | None:
        return metrics.total(self.scores)

    @property
    def trend(self) -> Fraction | None:
        """Change of the digitization rate since the previous period; null when either is N/A."""
        now, then = metrics.digitization(self.figures).value, metrics.digitization(self.before).value
        return None if now is None or then is None else now - then


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """``province`` is the sum of all units; in a report of one unit it is that unit again."""

    period: Period
    previous: Period
    profile: str
    profile_title: str
    profile_note: str
    group_max: int
    units: tuple[UnitReport, ...]
    province: UnitReport
    check_titles: Mapping[str, str] = field(default_factory=dict)


def coverage(
    kho: Records,
    *,
    unit: str | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
    profile: str = "default",
    actor: Actor | None = None,
    rules: Rules | None = None,
) -> CoverageReport:
    """The report of ``period`` (or ``campaign``, "30-ngay" or "30-ngay/3"; or ``start``..``end``; or all days that
    have dossiers), for every unit or for ``unit`` alone. An ``actor`` below the province sees their own unit only.

    Raises ``BadPeriod``, ``UnknownUnit``, ``UnknownProfile``, ``OtherUnit``.
    """
    with kho.begin() as tx:
        return report(
            tx,
            unit=unit,
            start=start,
            end=end,
            campaign=campaign,
            period=period,
            profile=profile,
            actor=actor,
            rules=rules,
        )


def report(
    tx: Session,
    *,
    unit: str | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
    profile: str = "default",
    actor: Actor | None = None,
    rules: Rules | None = None,
) -> CoverageReport:
    """As ``coverage``, inside a transaction of the caller's."""
    rules = rules or load()
    reading = rules.profiles.profiles.get(profile)
    if reading is None:
        raise UnknownProfile(profile)
    units = Units.read(tx, rules)
    chosen = choose_period(tx, rules, start=start, end=end, campaign=campaign, period=period)
    before = periods.previous(chosen, rules.campaigns)
    if actor is not None and units[actor.unit].level != "TINH":
        unit = unit or units.home(actor.unit)
    if unit is not None:
        units.require(actor, unit)
    now = figures.by_unit(tx, units, chosen.start, chosen.end)
    then = figures.by_unit(tx, units, before.start, before.end)
    published = _published(tx, chosen.end)

    def row(u: Unit, f: Figures, b: Figures) -> UnitReport:
        name = units.name_on(u.code, chosen.end)
        return _unit_report(u.code, name, u.level, f, b, chosen, rules, reading, published.get(u.code))

    # A unit's rank is among all of its level, also where it alone is shown.
    ranked = _ranked([row(u, now.get(u.code, Figures()), then.get(u.code, Figures())) for u in units.reporting()])
    top = units.province
    if unit is None or unit == top.code:
        shown, whole = ranked, row(top, metrics.summed(now.values()), metrics.summed(then.values()))
    else:
        home = units.home(unit)
        shown = tuple(r for r in ranked if r.code == home)
        whole = shown[0]
    return CoverageReport(
        chosen,
        before,
        profile,
        reading.title,
        reading.note,
        rules.profiles.group_max,
        shown,
        whole,
        {code: spec.title for code, spec in rules.checks.checks.items()},
    )


def choose_period(
    tx: Session,
    rules: Rules,
    *,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
) -> Period:
    """The period asked for; without any word, all the days that have dossiers (this month when there are none)."""
    if isinstance(period, Period):
        return period
    if period is not None or campaign is not None:
        return periods.parse(period or campaign or "", rules.campaigns)
    days = figures.span(tx)
    today = periods.vietnam_today()
    if start is None and end is None and days is None:
        return periods.month(today.year, today.month)
    first, last = days or (today, today)
    return periods.between(start or min(first, end or first), end or max(last, start or last))


def _unit_report(
    code: str,
    name: str,
    level: str,
    f: Figures,
    before: Figures,
    period: Period,
    rules: Rules,
    profile: Profile,
    published: Published | None,
) -> UnitReport:
    def goal(metric: Metric, rate: Rate) -> Goal:
        return Goal(rate, rules.targets.find(metric, level, period.end, period.kind))

    now = metrics.scores(f, rules.profiles, profile)
    then = metrics.scores(before, rules.profiles, profile)
    rates = metrics.indicator_rates(f, profile)
    return UnitReport(
        code=code,
        name=name,
        level=level,
        figures=f,
        before=before,
        goals={
            "digitization": goal("digitization", metrics.digitization(f)),
            "online_procedures": goal("online_procedures", metrics.online_procedures(f)),
            "online_payment": goal("online_payment", metrics.online_payment(f)),
            "sync": goal("sync", metrics.sync(f)),
        },
        scores=now,
        causes=tuple(
            Cause(check, f[check.lower()], metrics.gain(f, check, rules.profiles, profile, rates=rates))
            for check in CHECK_CODES
        ),
        low_not_improved=tuple(a.id for a, b in zip(now, then, strict=True) if _low_not_improved(a, b)),
        published=published,
        score_target=rules.targets.find("score766", level, period.end, period.kind),
    )


def _low_not_improved(now: Score, then: Score) -> bool:
    """Below four fifths of its points, and no better than in the previous period ("điểm thấp và không cải thiện")."""
    if now.points is None or now.points >= LOW_SHARE * now.max:
        return False
    before = then.rate.value
    return before is not None and now.rate.value is not None and now.rate.value <= before


def _ranked(rows: list[UnitReport]) -> tuple[UnitReport, ...]:
    """Ranks units by points among those of their level; who received nothing has no rank."""
    place: dict[str, int | None] = {}
    for level in {r.level for r in rows}:
        place |= metrics.ranks({r.code: r.points if r.figures["received"] else None for r in rows if r.level == level})
    return tuple(replace(r, rank=place[r.code]) for r in rows)


def _published(tx: Session, until: dt.date) -> dict[str, Published]:
    """Each unit's newest published score as of ``until``."""
    rows = tx.scalars(
        select(PublishedScoreRow).where(PublishedScoreRow.as_of <= until).order_by(PublishedScoreRow.as_of)
    )
    return {r.unit: Published(r.as_of, Decimal(r.points_hundredths) / 100, r.rank) for r in rows}
