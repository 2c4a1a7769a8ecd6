"""The sample register, taken in by the real kho and judged by the real law."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from sample_docs.register import UNITS, rows
from services import coverage
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, IntakeState, NewOwner, NewPaper, Role
from services.storage.records.tables import PaperRow

FOLDER = Path(__file__).resolve().parents[2] / "sample_docs"
PROVINCE = Actor("quan-tri", "75", "admin")
SECOND_DOSSIER = "H19.41-250818-0007"


@pytest.fixture(scope="module")
def kho(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kho]:
    kho = Kho.open(Settings(data_dir=tmp_path_factory.mktemp("kho")))
    with kho.begin() as tx:
        coverage.seed(tx)
    coverage.import_register(kho, FOLDER / "dossiers.xlsx", actor=PROVINCE)
    yield kho
    kho.close()


def causes(kho: Kho) -> dict[str, int]:
    return dict(coverage.report_json(coverage.coverage(kho))["province"]["causes"])


def test_both_registers_hold_the_same_dossiers_and_no_bad_row(kho: Kho) -> None:
    again = coverage.import_register(kho, FOLDER / "dossiers.csv", actor=PROVINCE)
    assert (again.rows, again.unchanged, len(again.bad_rows)) == (len(rows()), len(rows()), 0)


def test_the_register_shows_every_cause_but_reuse_which_needs_a_kho(kho: Kho) -> None:
    found = causes(kho)
    assert found.pop("C5") == 0
    assert set(found) == {"C1", "C2", "C2b", "C3", "C4", "C6", "C7"}
    assert all(found.values()), found


def test_some_units_meet_their_target_and_some_do_not(kho: Kho) -> None:
    units = [u for u in coverage.report_json(coverage.coverage(kho))["units"] if u["received"]]
    assert {u["name"] for u in units} == {unit.name for unit in UNITS}
    assert {u["met"] for u in units} == {True, False}


def test_refused_stopped_and_withdrawn_dossiers_are_among_them() -> None:
    statuses = {row["Trạng thái hồ sơ"] for row in rows()}
    assert {"Không được tiếp nhận", "Dừng xử lý", "Công dân yêu cầu rút hồ sơ"} <= statuses


def test_a_birth_certificate_held_before_reception_makes_the_second_dossier_fail_reuse(kho: Kho) -> None:
    desk = Actor("mot-cua", "26041", "clerk")
    data = (FOLDER / "02_giay_khai_sinh.pdf").read_bytes()
    taken = kho.accept(
        io.BytesIO(data), file_name="ks.pdf", actor=desk, dossier="H19.41-250801-0012", role=Role.KET_QUA
    )
    intake = kho.lease("test", intake_id=taken.intake_id)
    assert intake is not None
    child = NewOwner("CA_NHAN", "Trần Gia Hân", "075325001947", dt.date(2025, 7, 22))
    paper = NewPaper(
        1, 1, "KS", "Giấy khai sinh", "CHINH", 0.99, "test", owners=(child,), so_ky_hieu="186/2025",
        ngay_cap=dt.date(2025, 8, 4),
    )  # fmt: skip
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, paper, actor=desk)
        kho.finish(tx, intake, IntakeState.FILED)
        tx.execute(update(PaperRow).values(filed_at=dt.datetime(2025, 8, 5, 3, 0, tzinfo=dt.UTC)))
        coverage.recheck_paper(tx, filed.paper_id)
        assert "C5" in {check.code for check in coverage.explain(tx, SECOND_DOSSIER).failing}
    assert causes(kho)["C5"] == 1
