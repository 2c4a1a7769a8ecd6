"""The sample register, taken in by the real kho and judged by the real law."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_docs.register import UNITS, rows
from services import coverage
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor

FOLDER = Path(__file__).resolve().parents[2] / "sample_docs"
PROVINCE = Actor("quan-tri", "75", "admin")


@pytest.fixture(scope="module")
def kho(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kho]:
    kho = Kho.open(Settings(data_dir=tmp_path_factory.mktemp("kho")))
    with kho.begin() as tx:
        coverage.seed(tx)
    coverage.import_register(kho, FOLDER / "dossiers.xlsx", actor=PROVINCE)
    yield kho
    kho.close()


def causes(kho: Kho) -> dict[str, int]:
    return dict(coverage.coverage(kho).to_json()["province"]["causes"])


def test_both_registers_hold_the_same_dossiers_and_no_bad_row(kho: Kho) -> None:
    again = coverage.import_register(kho, FOLDER / "dossiers.csv", actor=PROVINCE)
    assert (again.rows, again.unchanged, len(again.bad_rows)) == (len(rows()), len(rows()), 0)


def test_the_register_shows_every_cause_but_reuse_which_needs_a_kho(kho: Kho) -> None:
    found = causes(kho)
    assert found.pop("C5") == 0
    assert set(found) == {"C1", "C2", "C2b", "C3", "C4", "C6", "C7"}
    assert all(found.values()), found


def test_some_units_meet_their_target_and_some_do_not(kho: Kho) -> None:
    units = [u for u in coverage.coverage(kho).to_json()["units"] if u["received"]]
    assert {u["name"] for u in units} == {unit.name for unit in UNITS}
    assert {u["met"] for u in units} == {True, False}


def test_refused_stopped_and_withdrawn_dossiers_are_among_them() -> None:
    statuses = {row["Trạng thái hồ sơ"] for row in rows()}
    assert {"Không được tiếp nhận", "Dừng xử lý", "Công dân yêu cầu rút hồ sơ"} <= statuses
