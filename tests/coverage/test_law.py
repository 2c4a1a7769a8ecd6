from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.coverage import recheck
from services.storage.records.tables import DossierRow
from tests.coverage.making import ATTP, CHUNG_THUC, DAY, Records, attach, dossier, moment, owner, paper


def failing(tx: Session, row: DossierRow) -> list[str]:
    checks = recheck(tx, row.code)
    assert checks is not None
    return [c.code for c in checks.failing]


def judged(records: Records, **facts: Any) -> list[str]:
    with records.begin() as tx:
        return failing(tx, dossier(tx, **facts))


def test_a_complete_dossier_fails_nothing(records: Records) -> None:
    assert judged(records) == []


@pytest.mark.parametrize("status", [9, 10])
def test_c1_a_resolved_dossier_without_result_file(records: Records, status: int) -> None:
    assert judged(records, status=status, declared_results=0) == ["C1"]


@pytest.mark.parametrize("status", [1, 2, 4, 5, 6])
def test_c1_waits_until_the_dossier_is_resolved(records: Records, status: int) -> None:
    assert judged(records, status=status, declared_results=0) == []


def test_c1_asks_no_result_file_where_the_procedure_gives_none(records: Records) -> None:
    assert judged(records, procedure=CHUNG_THUC, declared_results=0) == []


def test_c1_takes_an_unknown_procedure_to_give_a_result_paper(records: Records) -> None:
    assert judged(records, procedure=None, declared_results=0) == ["C1"]


@pytest.mark.parametrize("channel", [1, 3, None])
def test_c2_direct_post_and_unknown_channel_need_a_component(records: Records, channel: int | None) -> None:
    assert judged(records, channel=channel, declared_components=0, declared_complete=None) == ["C2"]


def test_c2b_an_online_dossier_that_is_not_complete(records: Records) -> None:
    assert judged(records, channel=2, declared_complete=False) == ["C2b"]


def test_c2b_fewer_files_than_required_components_cannot_be_complete(records: Records) -> None:
    assert judged(records, channel=2, declared_complete=None, declared_components=1) == ["C2b"]
    assert judged(records, channel=2, declared_complete=None, declared_components=2) == []


def test_c2b_our_own_component_rows_complete_a_dossier(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx, channel=2, declared_complete=False, declared_components=0)
        attach(tx, row, paper(tx, type_code="TKHT"))
        assert failing(tx, row) == ["C2b"]
        attach(tx, row, paper(tx, type_code="GCS"), component_code="GCS")
        assert failing(tx, row) == []


def test_c3_a_person_whose_identity_nobody_checked(records: Records) -> None:
    assert judged(records, vneid_verified=False) == ["C3"]
    assert judged(records, vneid_verified=None) == ["C3"]
    assert judged(records, vneid_verified=None, population_checked=True) == []
    assert judged(records, vneid_verified=None, owner_kind="TO_CHUC") == []
    assert judged(records, vneid_verified=None, owner_kind=None) == ["C3"]


@pytest.mark.parametrize(("status", "type_code"), [(3, "PTC"), (7, "RUT"), (8, "TBD"), (8, "CV")])
def test_c4_is_satisfied_by_the_paper_of_its_own_status(records: Records, status: int, type_code: str) -> None:
    with records.begin() as tx:
        row = dossier(tx, status=status)
        assert failing(tx, row) == ["C4"]
        attach(tx, row, paper(tx, type_code=type_code), role="GIAY_TO_QUY_TRINH")
        assert failing(tx, row) == []


def test_c4_another_status_paper_does_not_satisfy_it(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx, status=7)
        attach(tx, row, paper(tx, type_code="PTC"), role="GIAY_TO_QUY_TRINH")
        assert failing(tx, row) == ["C4"]


def test_c4_names_the_paper_that_the_status_asks_for(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx, status=8)
        checks = recheck(tx, row.code)
    assert checks is not None
    assert checks.failing[0].vi == f"Đính kèm Thông báo dừng giải quyết hồ sơ vào hồ sơ {row.code}."


def test_a_stop_paper_stands_for_the_result_in_the_figures(records: Records) -> None:
    with records.begin() as tx:
        checks = recheck(tx, dossier(tx, status=7, declared_results=0, declared_refusal=True).code)
        without = recheck(tx, dossier(tx, status=7, declared_results=0).code)
    assert checks is not None
    assert without is not None
    assert (checks.digitized, without.digitized) == (True, False)


def test_c6_a_dossier_that_the_portal_does_not_have(records: Records) -> None:
    assert judged(records, synced=False) == ["C6"]
    assert judged(records, synced=None) == ["C6"]


def test_c7_a_reusable_result_that_is_not_signed_and_stored(records: Records) -> None:
    assert judged(records, declared_result_signed=False) == ["C7"]
    assert judged(records, declared_result_signed=False, procedure=CHUNG_THUC) == []


def test_c7_our_own_signed_result_satisfies_it(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx, declared_result_signed=False, declared_results=0)
        attach(tx, row, paper(tx, type_code="KS", signature="none"), role="KET_QUA")
        assert failing(tx, row) == ["C7"]
        attach(tx, row, paper(tx, type_code="KS", signature="valid"), role="KET_QUA")
        assert failing(tx, row) == []


def test_a_deleted_component_does_not_count(records: Records) -> None:
    with records.begin() as tx:
        row = dossier(tx, declared_components=0)
        component = attach(tx, row, paper(tx))
        assert failing(tx, row) == []
        component.deleted = True
        assert failing(tx, row) == ["C2"]


def with_paper(records: Records, **facts: Any) -> list[str]:
    with records.begin() as tx:
        me = owner(tx)
        row = dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id)
        paper(tx, me, **facts)
        return failing(tx, row)


def test_c5_the_kho_held_the_paper_and_nobody_took_it(records: Records) -> None:
    assert with_paper(records) == ["C5"]


@pytest.mark.parametrize(
    "facts",
    [
        {"filed_at": moment(DAY - dt.timedelta(days=1), 17)},  # midnight in Việt Nam: already the day of reception
        {"valid_to": DAY - dt.timedelta(days=1)},
        {"valid_from": DAY + dt.timedelta(days=1)},
        {"validity": "BI_THU_HOI"},
        {"validity": "BI_THAY_THE"},
        {"validity": "KHONG_RO"},
        {"copy_kind": "SAO_CHUNG_THUC"},
        {"signature": "invalid"},
        {"type_code": "KS"},
        {"type_code": "DON"},
    ],
    ids=str,
)
def test_c5_is_no_fault_when_the_kho_had_nothing_usable_that_day(records: Records, facts: dict[str, Any]) -> None:
    assert with_paper(records, **facts) == []


def test_c5_a_paper_filed_before_midnight_was_there_the_next_morning(records: Records) -> None:
    assert with_paper(records, filed_at=moment(DAY - dt.timedelta(days=1), 16)) == ["C5"]


def test_c5_a_paper_replaced_after_reception_was_good_that_day(records: Records) -> None:
    with records.begin() as tx:
        me = owner(tx)
        row = dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id)
        newer = paper(tx, me, filed_at=moment(DAY + dt.timedelta(days=3)))
        paper(tx, me, validity="BI_THAY_THE", superseded_by=newer.id)
        assert failing(tx, row) == ["C5"]


def test_c5_is_satisfied_by_any_reuse(records: Records) -> None:
    for reused in ({"declared_reused": True}, {"declared_from_store": True}):
        with records.begin() as tx:
            me = owner(tx)
            paper(tx, me)
            assert failing(tx, dossier(tx, procedure=ATTP, owner_kind="TO_CHUC", owner_id=me.id, **reused)) == []


def test_c5_does_not_ask_for_a_parents_paper_of_the_owner(records: Records) -> None:
    with records.begin() as tx:
        me = owner(tx)
        paper(tx, me, type_code="KH")
        assert failing(tx, dossier(tx, owner_id=me.id)) == []
