from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import counting, drift, figures, load, rebuild, recheck, recheck_paper
from services.coverage.metrics import Figures
from services.coverage.tables import day_count, month_count, procedure_day, procedure_month
from services.coverage.units import Units
from services.storage.records.tables import DossierRow
from tests.coverage.making import ATTP, CHUNG_THUC, DAY, KS, Records, attach, dossier, moment, owner, paper

FACTS: dict[str, st.SearchStrategy[Any]] = {
    "unit": st.sampled_from(["26068", "26041", "SKHCN"]),
    "procedure": st.sampled_from([None, KS, ATTP, CHUNG_THUC]),
    "received_on": st.sampled_from([None, *(DAY + dt.timedelta(days=n) for n in (0, 1, 40))]),
    "status": st.integers(1, 10),
    "channel": st.sampled_from([None, 1, 2, 3]),
    "owner_kind": st.sampled_from([None, "CA_NHAN", "TO_CHUC", "HKD"]),
    "paid_online": st.sampled_from([None, 0, 1, 2]),
    "declared_components": st.integers(0, 3),
    "declared_results": st.integers(0, 1),
} | {
    name: st.sampled_from([None, False, True])
    for name in (
        "vneid_verified",
        "population_checked",
        "synced",
        "declared_complete",
        "declared_refusal",
        "declared_reused",
        "declared_from_store",
        "declared_result_signed",
    )
}
new = st.tuples(st.just("new"), st.just(0), st.fixed_dictionaries({}, optional=FACTS))
change = st.tuples(st.just("change"), st.integers(0, 9), st.fixed_dictionaries({}, optional=FACTS))
attached = st.tuples(
    st.just("attach"),
    st.integers(0, 9),
    st.fixed_dictionaries(
        {
            "type_code": st.sampled_from(["KS", "DKDN", "PTC", "RUT", "TBD"]),
            "signature": st.sampled_from(["valid", "none"]),
        }
    ),
)
detach = st.tuples(st.just("detach"), st.integers(0, 9), st.just({}))
many = st.tuples(st.just("many"), st.just(0), st.just({}))
history = st.lists(st.one_of(new, new, change, attached, detach, many), min_size=1, max_size=14)


def replay(tx: Session, steps: list[tuple[str, int, dict[str, Any]]]) -> None:
    """Lives through a history, judging after each step as the desk, the workers and the import do."""
    rows: list[DossierRow] = []
    components: list[Any] = []
    me = owner(tx)
    paper(tx, me)
    for what, which, facts in steps:
        if what == "new" or not rows:
            rows.append(dossier(tx, owner_id=me.id, **(facts if what in ("new", "change") else {})))
            counting.recount_ids(tx, [rows[-1].id])
            continue
        row = rows[which % len(rows)]
        if what == "change":
            for name, value in facts.items():
                setattr(row, name, value)
        elif what == "attach":
            components.append(attach(tx, row, paper(tx, me, **facts), role=("THANH_PHAN", "KET_QUA")[which % 2]))
        elif what == "detach" and components:
            components[which % len(components)].deleted = True
            row = tx.get_one(DossierRow, components[which % len(components)].dossier_id)
        if what == "many":
            counting.recount(tx, counting.chosen_by(select(DossierRow.id)))
        else:
            counting.recount_ids(tx, [row.id])


def kept(tx: Session) -> tuple[Any, ...]:
    tables = (day_count, month_count, procedure_day, procedure_month)
    return tuple(
        tx.execute(select(table).where(table.c.received > 0).order_by(*table.primary_key)).all() for table in tables
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history)
def test_any_history_leaves_the_counts_that_a_rebuild_gives(
    records: Records, steps: list[tuple[str, int, dict[str, Any]]]
) -> None:
    with Session(records.engine) as tx:
        replay(tx, steps)
        as_kept = kept(tx)
        assert drift(tx) == []
        assert rebuild(tx) == len(tx.scalars(select(DossierRow.id)).all())
        assert kept(tx) == as_kept
        tx.rollback()


def test_drift_names_the_day_and_unit_that_are_wrong(records: Records) -> None:
    with records.begin() as tx:
        recheck(tx, dossier(tx).code)
        tx.execute(day_count.update().values(c1=5))
        assert len(drift(tx)) == 1
        assert "26068" in drift(tx)[0]


def test_a_rolled_back_change_leaves_the_counts_alone(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx)
        recheck(tx, row.code)
        before = kept(tx)
    with Session(records.engine) as tx:
        tx.get_one(DossierRow, row.id).declared_results = 0
        recheck(tx, row.code)
        assert kept(tx) != before
        tx.rollback()
    with records.begin() as tx:
        assert kept(tx) == before


def test_a_forgotten_dossier_is_in_no_count(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx)
        recheck(tx, row.code)
        counting.forget(tx, [row.id])
        assert kept(tx) == ([], [], [], [])


def test_revoking_a_paper_acquits_the_dossiers_of_its_owner(records: Records) -> None:
    with records.begin() as tx:
        me = owner(tx)
        held = paper(tx, me)
        row = dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id)
        first = recheck(tx, row.code)
        held.validity = "BI_THU_HOI"
        assert recheck_paper(tx, held.id) == 1
        assert first is not None
        assert [c.code for c in first.failing] == ["C5"]
        assert drift(tx) == []
        assert tx.scalar(select(day_count.c.c5)) == 0


def test_a_dossier_received_on_no_day_is_in_no_count(records: Records) -> None:
    with records.begin() as tx:
        checks = recheck(tx, dossier(tx, received_on=None, declared_components=0).code)
        assert kept(tx) == ([], [], [], [])
    assert checks is not None
    assert [(c.code, c.points) for c in checks.failing] == [("C2", None)]


def test_a_moment_in_the_evening_utc_belongs_to_the_next_day_in_vietnam() -> None:
    from services.coverage.periods import vietnam_today

    assert vietnam_today(moment(DAY, 17)) == DAY + dt.timedelta(days=1)
    assert vietnam_today(moment(DAY, 16)) == DAY


spans = st.tuples(st.integers(0, 120), st.integers(0, 120)).map(lambda days: (min(days), max(days)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 120), min_size=1, max_size=12), st.lists(spans, min_size=1, max_size=4))
def test_a_span_read_by_months_is_the_sum_of_its_days(
    records: Records, received: list[int], asked: list[tuple[int, int]]
) -> None:
    """Whole months, half ones, months less a few days: as many dossiers and procedures as on those days."""
    rules = load()
    with Session(records.engine) as tx:
        units = Units.read(tx, rules)
        for n, day in enumerate(received):
            unit, procedure = ("26068", "26041")[n % 2], (KS, ATTP, None)[n % 3]
            dossier(tx, unit=unit, procedure=procedure, received_on=DAY + dt.timedelta(days=day))
        rebuild(tx)
        for first, last in asked:
            found = figures.by_unit(tx, units, DAY + dt.timedelta(days=first), DAY + dt.timedelta(days=last))
            for place, unit in enumerate(("26068", "26041")):
                inside = [n for n, day in enumerate(received) if n % 2 == place and first <= day <= last]
                figure = found.get(unit, Figures())
                assert figure["received"] == figure["i42"] == len(inside)
                assert figure.citizen == {KS for n in inside if n % 3 == 0 and n % 2 == place}
        tx.rollback()
