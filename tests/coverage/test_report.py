from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy.orm import Session

from services.coverage import coverage, due_and_failing, failing, low_scores, recheck, report_json, to_reach
from services.coverage.config import Rules, load
from services.coverage.drill import BadCursor, UnknownFigure
from services.coverage.notices import below_target
from services.coverage.report import CoverageReport, UnitReport, UnknownProfile, report
from services.coverage.seeding import seed
from services.coverage.tables import PublishedScoreRow
from services.coverage.units import OtherUnit
from services.storage.records.tables import DossierRow
from tests.coverage.making import COMMUNE, DAY, PROVINCE, Records, dossier


def make(tx: Session, count: int, **facts: object) -> list[str]:
    codes = []
    for _ in range(count):
        row = dossier(tx, **facts)
        recheck(tx, row.code)
        codes.append(row.code)
    return codes


def unit(of: CoverageReport, code: str) -> UnitReport:
    return next(u for u in of.units if u.code == code)


def test_the_json_has_what_other_systems_are_written_against(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 3)
        make(tx, 1, declared_results=0)
    whole = report_json(coverage(records, campaign="30-ngay/2"))
    json.dumps(whole)
    row = next(u for u in whole["units"] if u["code"] == "26068")
    assert {k: row[k] for k in ("name", "level", "received", "digitized", "rate", "target", "met")} == {
        "name": "Phường Biên Hòa",
        "level": "XA_PHUONG",
        "received": 4,
        "digitized": 3,
        "rate": 75.0,
        "target": 80,
        "met": False,
    }
    assert row["causes"] == {"C1": 1, "C2": 0, "C2b": 0, "C3": 0, "C4": 0, "C5": 0, "C6": 0, "C7": 0}
    assert (whole["province"]["received"], whole["profile"], whole["period"]["from"]) == (4, "default", "2025-08-01")
    assert len(whole["units"]) == 110


def test_a_unit_that_received_nothing_shows_na_and_has_no_rank(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1)
    of = coverage(records, period="2025-08")
    empty = unit(of, "26041")
    assert (empty.digitization.rate.value, empty.digitization.met, empty.rank, empty.points) == (None, None, None, None)
    assert unit(of, "26068").rank == 1


def test_units_of_one_level_share_ranks(records: Records) -> None:
    with records.begin() as tx:
        for code in ("26068", "26041"):
            make(tx, 2, unit=code)
        make(tx, 1, unit="26020", declared_results=0)
        make(tx, 1, unit="SKHCN", declared_results=0)
    of = coverage(records, period="2025-08")
    assert [unit(of, c).rank for c in ("26068", "26041", "26020", "SKHCN")] == [1, 1, 3, 1]


def test_the_trend_is_against_the_period_before(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1, received_on=dt.date(2025, 7, 28))
        make(tx, 1, received_on=dt.date(2025, 7, 29), declared_components=0)
        make(tx, 1)
    row = unit(coverage(records, campaign="30-ngay/2"), "26068")
    assert row.trend == row.digitization.rate.value - row.digitization.rate.value / 2  # type: ignore[operator]


def test_low_and_not_improved_names_the_indicators(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 2, received_on=dt.date(2025, 7, 28), declared_result_signed=False)
        make(tx, 2, declared_result_signed=False)
    row = unit(coverage(records, campaign="30-ngay/2"), "26068")
    assert row.low_not_improved == ("4.3", "4.4")


def test_a_merged_unit_counts_for_its_successor_and_keeps_its_code(records: Records) -> None:
    merged = {"code": "99001", "name": "Xã Cũ", "level": "XA_PHUONG", "successor": "26068"}
    plain = load().model_dump(by_alias=True)
    plain["units"]["merged"] = [merged]
    rules = Rules.model_validate(plain)
    with records.begin() as tx:
        seed(tx, rules)
        make(tx, 2)
        old = make(tx, 1, unit="99001")
        of = report(tx, period="2025-08", rules=rules)
    assert unit(of, "26068").figures["received"] == 3
    assert "99001" not in {u.code for u in of.units}
    page = failing(records, "26068", "received", period="2025-08", rules=rules)
    assert [(line.code, line.unit, line.unit_name) for line in page.lines if line.unit == "99001"] == [
        (old[0], "99001", "Xã Cũ")
    ]


def test_the_2026_names_come_with_their_day(records: Records) -> None:
    plain = load().model_dump(by_alias=True)
    plain["units"]["names_2026_from"] = dt.date(2026, 7, 1)
    rules = Rules.model_validate(plain)
    assert unit(coverage(records, period="2026-06", rules=rules), "26368").name == "Xã Long Thành"
    assert unit(coverage(records, period="2026-07", rules=rules), "26368").name == "Phường Long Thành"


def test_a_year_is_judged_by_the_years_own_target(records: Records) -> None:
    assert unit(coverage(records, period="2025"), "26068").digitization.target.percent == 70  # type: ignore[union-attr]
    assert unit(coverage(records, period="2025-08"), "26068").digitization.target.percent == 80  # type: ignore[union-attr]
    assert unit(coverage(records, period="2025-08"), "SKHCN").digitization.target.percent == 90  # type: ignore[union-attr]


def test_a_unit_sees_its_own_figures_only(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1)
        make(tx, 1, unit="26041")
    assert [u.code for u in coverage(records, period="2025-08", actor=COMMUNE).units] == ["26068"]
    with pytest.raises(OtherUnit):
        coverage(records, unit="26041", period="2025-08", actor=COMMUNE)
    assert len(coverage(records, period="2025-08", actor=PROVINCE).units) == 110


def test_without_a_period_all_days_with_dossiers_are_reported(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1, received_on=dt.date(2024, 3, 1))
        make(tx, 1)
    period = coverage(records).period
    assert (period.start, period.end) == (dt.date(2024, 3, 1), DAY)


def test_an_unknown_profile_is_refused(records: Records) -> None:
    with pytest.raises(UnknownProfile):
        coverage(records, period="2025", profile="x")


def test_pages_of_failing_dossiers_meet_without_gap_or_repeat(records: Records) -> None:
    with records.begin() as tx:
        expected = []
        for n in range(7):
            for code in ("26041", "26068"):
                on = DAY + dt.timedelta(days=n // 2)
                expected += make(tx, 2, unit=code, received_on=on, declared_components=0)
                make(tx, 1, unit=code, received_on=on)
    seen: list[str] = []
    after = None
    while True:
        page = failing(records, None, "C2", period="2025-08", after=after, limit=4)
        seen += [line.code for line in page.lines]
        assert all(len(page.lines) == 4 for _ in [0] if page.next)
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == set(expected)
    one = failing(records, "26041", "C2", period="2025-08", limit=100)
    assert {line.unit for line in one.lines} == {"26041"}
    assert len(one.lines) == 14


def test_every_cause_count_is_the_number_of_dossiers_behind_it(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 2, declared_results=0)
        make(tx, 3, status=7)
        make(tx, 1, synced=False, vneid_verified=False)
    of = coverage(records, period="2025-08")
    for cause in of.province.causes:
        page = failing(records, None, cause.code, period="2025-08", limit=100)
        assert len(page.lines) == cause.dossiers
        assert all(cause.code in {todo.code for todo in line.todo} for line in page.lines)
    assert len(failing(records, None, "not-digitized", period="2025-08").lines) == 2


def test_a_unit_cannot_page_through_anothers_dossiers(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1, unit="26041", declared_results=0)
    assert failing(records, actor=COMMUNE, period="2025-08").lines == ()
    with pytest.raises(OtherUnit):
        failing(records, "26041", actor=COMMUNE, period="2025-08")


@pytest.mark.parametrize("cursor", ["x", "MjAyNQ==", "||"])
def test_a_made_up_cursor_is_refused(records: Records, cursor: str) -> None:
    with pytest.raises(BadCursor):
        failing(records, period="2025-08", after=cursor)


def test_an_unknown_figure_is_refused(records: Records) -> None:
    with pytest.raises(UnknownFigure):
        failing(records, None, "C9", period="2025-08")


def test_the_plan_names_the_cheapest_dossiers_to_the_target(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 5)
        waits = make(tx, 2, status=4, declared_results=0)
        both = make(tx, 1, declared_results=0, declared_components=0)
        result = make(tx, 1, declared_results=0)
        scan = make(tx, 1, declared_components=0)
    plan = to_reach(records, "26068", period="2025-08")
    assert (plan.missing, plan.percent, plan.now) == (3, 80, 3)
    assert [line.code for line in plan.lines] == [*scan, *result, *both]
    everything = to_reach(records, "26068", percent=100, period="2025-08")
    assert (everything.missing, everything.now) == (5, 3)
    assert [line.code for line in everything.lines[3:]] == waits


def test_mending_the_plan_reaches_the_target(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 3)
        make(tx, 4, declared_components=0)
    for line in to_reach(records, "26068", period="2025-08").lines:
        with records.begin() as tx:
            tx.query(DossierRow).filter_by(code=line.code).update({"declared_components": 1})
            recheck(tx, line.code)
    assert unit(coverage(records, period="2025-08"), "26068").digitization.met is True


def test_what_a_check_costs_is_what_mending_it_gains(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 3)
        row = dossier(tx, declared_results=0)
        checks = recheck(tx, row.code)
        before = unit(report(tx, period="2025-08"), "26068").points
        row.declared_results = 1
        recheck(tx, row.code)
        after = unit(report(tx, period="2025-08"), "26068").points
    assert checks is not None
    assert before is not None
    assert after is not None
    assert float(checks.failing[0].points or 0) == pytest.approx(float(after - before), abs=1e-4)


def test_lists_for_a_directive_put_the_lowest_first(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 4, unit="26041", declared_results=0)
        make(tx, 1)
        make(tx, 1, declared_results=0)
        make(tx, 1, unit="26020")
        for code, points, rank in (("26068", 8362, 95), ("26041", 8731, 85), ("26020", 9100, 10)):
            tx.add(PublishedScoreRow(unit=code, as_of=dt.date(2025, 9, 4), points_hundredths=points, rank=rank))
    august, september = coverage(records, period="2025-08"), coverage(records, period="2025-09")
    assert [m.unit.code for m in below_target(august)] == ["26041", "26068"]
    assert [(s.name, s.rank, str(s.points)) for s in low_scores(september)] == [
        ("Phường Biên Hòa", 95, "83.62"),
        ("Phường Trấn Biên", 85, "87.31"),
    ]


def test_open_dossiers_due_this_week_that_fail_come_soonest_first(records: Records) -> None:
    with records.begin() as tx:
        friday, monday = dt.date(2025, 8, 8), dt.date(2025, 8, 4)
        late = make(tx, 1, status=4, declared_components=0, due_on=friday)
        soon = make(tx, 1, status=4, declared_components=0, due_on=monday)
        make(tx, 1, status=4, due_on=monday)
        make(tx, 1, status=9, declared_components=0, due_on=monday)
        make(tx, 1, status=4, declared_components=0, due_on=dt.date(2025, 8, 11))
    found = due_and_failing(records, week_of=dt.date(2025, 8, 6))
    assert [line.code for line in found] == [*soon, *late]
    assert due_and_failing(records, actor=COMMUNE, week_of=dt.date(2025, 8, 6)) == found


def test_procedures_count_once_in_the_province_however_many_units_have_them(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 2, vneid_verified=False, population_checked=False)
        make(tx, 1, unit="26041")
    of = coverage(records, period="2025-08")
    rates = {code: next(s.rate for s in unit(of, code).scores if s.id == "4.5a") for code in ("26068", "26041")}
    whole = next(s.rate for s in of.province.scores if s.id == "4.5a")
    assert [(r.num, r.den) for r in (rates["26068"], rates["26041"], whole)] == [(0, 1), (1, 1), (1, 1)]


def test_a_unit_shown_alone_keeps_its_rank_among_its_peers(records: Records) -> None:
    with records.begin() as tx:
        make(tx, 1)
        make(tx, 1, declared_results=0)
        make(tx, 1, unit="26041")
    of = coverage(records, period="2025-08", actor=COMMUNE)
    assert [(u.code, u.rank) for u in of.units] == [("26068", 2)]
    assert (of.province.code, of.province.figures["received"]) == ("26068", 2)
