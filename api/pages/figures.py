"""Coverage: every unit's figure, its rank, what pulls it down, and the dossiers behind it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.pages.shell import PersonDep, page, to_sign_in
from api.routes.coverage import AskedDep
from api.security import KhoDep
from services.coverage import CoverageReport, Plan, UnitReport, coverage, failing, load, to_reach
from services.coverage.periods import campaign_weeks
from services.coverage.reports import causes_chart, to_svg, words
from services.errors import SohoaError

router = APIRouter(include_in_schema=False)

_BLOCKS = (("I. Sở, ban, ngành", ("SO_BAN_NGANH", "DONVI_TRUCTHUOC")), ("II. UBND xã, phường", ("XA_PHUONG",)))


@router.get("/coverage")
def table(request: Request, kho: KhoDep, person: PersonDep, asked: AskedDep) -> Response:
    if person is None:
        return to_sign_in(request)
    shown: dict[str, Any] = {"table": None, "problem": None, "chart": None}
    try:
        report = coverage(kho, **asked.model_dump(), actor=person)
        shown["table"] = _table(report)
        shown["chart"] = to_svg(causes_chart(report))
    except SohoaError as error:
        shown["problem"] = error.vi
    return page(
        request,
        "coverage.html",
        person,
        asked=asked,
        periods=_periods(),
        profiles={name: profile.title for name, profile in load().profiles.profiles.items()},
        query=query(asked),
        **shown,
    )


@router.get("/coverage/{unit}")
def one(
    request: Request,
    kho: KhoDep,
    person: PersonDep,
    asked: AskedDep,
    unit: str,
    figure: str = "not-digitized",
    after: str | None = None,
) -> Response:
    """One unit: how far it is from its target, and the dossiers to mend, those behind ``figure`` first."""
    if person is None:
        return to_sign_in(request)
    wanted = asked.model_copy(update={"unit": unit})
    report = coverage(kho, **wanted.model_dump(), actor=person)
    days = wanted.model_dump(exclude={"profile"})
    found = failing(kho, figure=figure, after=after, actor=person, **days)
    plan = to_reach(kho, actor=person, limit=1, **days)
    rest = query(asked)
    return page(
        request,
        "coverage_unit.html",
        person,
        unit=_row(next(row for row in report.units if row.code == unit)),
        asked=asked,
        figure=figure,
        advice=_advice(plan),
        lines=found.lines,
        query=rest,
        next=f"?{rest}&figure={figure}&after={found.next}" if found.next else None,
    )


def _advice(plan: Plan) -> str | None:
    if plan.percent is None:
        return None
    if not plan.missing:
        return f"Đã đạt chỉ tiêu {plan.percent} %."
    return (
        f"Cần số hoá thêm {plan.missing} hồ sơ để đạt {plan.percent} %; "
        f"{min(plan.now, plan.missing)} hồ sơ trong số đó làm được ngay hôm nay."
    )


def query(asked: AskedDep) -> str:
    """The query string that asks for the same figures again."""
    given = asked.model_dump(mode="json", exclude_none=True, exclude={"unit"})
    names = {"start": "from", "end": "to"}
    return urlencode({names.get(name, name): value for name, value in given.items()})


def _periods() -> list[dict[str, str]]:
    campaigns = load().campaigns
    return [
        {"name": f"{campaign.name}/{number}" if number else campaign.name, "title": title}
        for campaign in campaigns.campaigns
        for number, title in [
            (0, campaign.title),
            *((n, week.title) for n, week in enumerate(campaign_weeks(campaigns, campaign.name), start=1)),
        ]
    ]


def _table(report: CoverageReport) -> dict[str, Any]:
    """Units in the order of their rank, in the province's two blocks; those without dossiers come last."""
    blocks: list[dict[str, Any]] = []
    for title, levels in _BLOCKS:
        units: list[dict[str, Any]] = [
            _row(unit) for unit in report.units if unit.level in levels and unit.figures["received"]
        ]
        if units:
            units.sort(key=lambda unit: (unit["rank"] or 10_000, unit["code"]))
            blocks.append({"title": title, "units": units})
    whole = report.province if len(report.units) > 1 else None
    return {
        "title": report.period.title,
        "most": report.group_max,
        "blocks": blocks,
        "province": _row(whole) if whole else None,
    }


def _row(unit: UnitReport) -> dict[str, Any]:
    goal = unit.digitization
    value = goal.rate.value
    return {
        "code": unit.code,
        "name": unit.name,
        "rank": unit.rank,
        "received": goal.rate.den,
        "digitized": goal.rate.num,
        "rate": None if value is None else float(value),
        "target": goal.target.percent / 100 if goal.target else None,
        "met": goal.met,
        "missing": goal.missing,
        "points": words.number(unit.points),
        "causes": [(cause.code, cause.dossiers) for cause in unit.causes if cause.dossiers],
    }
