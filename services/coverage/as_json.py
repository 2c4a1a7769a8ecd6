"""The coverage report as JSON (DESIGN, "machine-readable doors"). Names here are a promise: add, never rename.

Rates and trends are per cent with two decimals, null for N/A; every rate stands beside its numerator and denominator.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.coverage import metrics
from services.coverage.metrics import Rate, as_percent, two_decimals
from services.coverage.periods import Period
from services.coverage.report import CoverageReport, Goal, UnitReport


def report_json(of: CoverageReport) -> dict[str, Any]:
    """The form that other systems are written against."""
    return {
        "period": _period_json(of.period),
        "previous_period": _period_json(of.previous),
        "profile": of.profile,
        "profile_note": of.profile_note,
        "group_max": of.group_max,
        "units": [_unit_json(u) for u in of.units],
        "province": _unit_json(of.province),
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _period_json(p: Period) -> dict[str, Any]:
    return {
        "kind": p.kind,
        "from": p.start.isoformat(),
        "to": p.end.isoformat(),
        "title": p.title,
        "campaign": p.campaign,
    }


def _goal_json(g: Goal) -> dict[str, Any]:
    return {
        "num": g.rate.num,
        "den": g.rate.den,
        "rate": _number(g.rate.percent),
        "target": g.target.percent if g.target else None,
        "met": g.met,
        "missing": g.missing,
    }


def _rate_json(r: Rate) -> dict[str, Any]:
    return {"num": r.num, "den": r.den, "rate": _number(r.percent)}


def _unit_json(u: UnitReport) -> dict[str, Any]:
    f, head = u.figures, u.digitization
    points = u.points
    return {
        "code": u.code,
        "name": u.name,
        "level": u.level,
        "received": head.rate.den,
        "digitized": head.rate.num,
        "rate": _number(head.rate.percent),
        "target": head.target.percent if head.target else None,
        "met": head.met,
        "missing": head.missing,
        "trend": _number(as_percent(u.trend)),
        "previous_rate": _number(metrics.digitization(u.before).percent),
        "rank": u.rank,
        "points": _number(None if points is None else two_decimals(points)),
        "failing": f["failing"],
        "causes": {c.code: c.dossiers for c in u.causes},
        "cause_points": {c.code: _number(two_decimals(c.points)) for c in u.causes},
        "nothing_to_reuse": f["c5_nothing"],
        "components": _rate_json(metrics.components(f)),
        "results": _rate_json(metrics.results(f)),
        "online_procedures": _goal_json(u.goals["online_procedures"]),
        "online_dossiers": _rate_json(metrics.online_dossiers(f)),
        "online_payment": _goal_json(u.goals["online_payment"]),
        "sync": _goal_json(u.goals["sync"]),
        "indicators": {
            s.id: _rate_json(s.rate)
            | {"points": _number(None if s.points is None else two_decimals(s.points)), "max": s.max}
            for s in u.scores
        },
        "low_not_improved": list(u.low_not_improved),
        "published": None
        if u.published is None
        else {"as_of": u.published.as_of.isoformat(), "points": float(u.published.points), "rank": u.published.rank},
    }
