"""Gathers what a report needs, in one transaction: the period, the periods beside it, and the dossiers behind the
figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from services.coverage import drill, periods
from services.coverage.config import Rules, load
from services.coverage.drill import DossierLine
from services.coverage.metrics import CHECK_CODES
from services.coverage.periods import Period
from services.coverage.report import CoverageReport, Records, choose_period, report
from services.coverage.units import Units
from services.storage.model import Actor

MOST_DOSSIERS = 50_000
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Book:
    """``compared``: the reports that table 2 sets side by side, in order of time, the last one being ``report`` itself.
    ``dossiers``: the failing dossiers, at most ``MOST_DOSSIERS`` (``all_dossiers`` tells whether these are all).
    """

    report: CoverageReport
    compared: tuple[CoverageReport, ...]
    samples: Mapping[str, tuple[str, ...]]
    dossiers: tuple[DossierLine, ...]
    all_dossiers: bool
    made_on: dt.date
    is_last_week: bool


def gather(
    kho: Records,
    *,
    unit: str | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    campaign: str | None = None,
    period: Period | str | None = None,
    profile: str = "default",
    actor: Actor | None = None,
    dossiers: int = MOST_DOSSIERS,
    today: dt.date | None = None,
    rules: Rules | None = None,
) -> Book:
    """Everything for the documents of one period. Raises what ``coverage`` raises."""
    rules = rules or load()
    with kho.begin() as tx:
        chosen = choose_period(tx, rules, start=start, end=end, campaign=campaign, period=period)
        main = report(tx, unit=unit, period=chosen, profile=profile, actor=actor, rules=rules)
        beside = _beside(chosen, rules)
        compared = [report(tx, unit=unit, period=p, profile=profile, actor=actor, rules=rules) for p in beside]
        units = Units.read(tx, rules)
        codes = drill.codes_for(units, unit, actor)
        samples = {
            check: tuple(line.code for line in drill.page(tx, units, rules, check, chosen, codes, limit=SAMPLES).lines)
            for check in CHECK_CODES
        }
        lines: list[DossierLine] = []
        after: str | None = None
        while len(lines) < dossiers:
            page = drill.page(
                tx, units, rules, "failing", chosen, codes, after=after, limit=min(drill.MOST, dossiers - len(lines))
            )
            lines += page.lines
            after = page.next
            if after is None:
                break
    return Book(
        report=main,
        compared=(*compared, main),
        samples=samples,
        dossiers=tuple(lines),
        all_dossiers=after is None,
        made_on=today or periods.vietnam_today(),
        is_last_week=_is_last_week(chosen, rules),
    )


def _beside(chosen: Period, rules: Rules) -> list[Period]:
    """The campaign weeks before this one; the period before any other."""
    name, _, number = (chosen.campaign or "").partition("/")
    if number:
        return periods.campaign_weeks(rules.campaigns, name)[: int(number) - 1]
    if chosen.campaign:
        return periods.campaign_weeks(rules.campaigns, name)
    return [periods.previous(chosen, rules.campaigns)]


def _is_last_week(chosen: Period, rules: Rules) -> bool:
    name, _, number = (chosen.campaign or "").partition("/")
    if not name:
        return False
    return not number or int(number) == len(periods.campaign_weeks(rules.campaigns, name))
