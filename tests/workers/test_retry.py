"""A file refused for a bound is read after all, once the bound is raised and an operator says so."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from services.storage import Kho
from services.storage.model import IntakeState
from tests.workers import papers
from tests.workers.conftest import WholeWay, settings_at, whole_way
from workers.cli import app


def test_a_file_refused_for_its_time_is_read_after_a_retry_with_more(empty_kho_copy: Path, tmp_path: Path) -> None:
    papers.scan(tmp_path / "in" / "slow.png")
    hurried = settings_at(empty_kho_copy, page_timeout_s=0.001)
    kho = Kho.open(hurried, migrate=False)
    (line,) = whole_way(kho, hurried)([tmp_path / "in"])
    kho.close()
    assert (line.state, line.error and line.error.code) == ("refused", "time-limit")

    environment = {"SOHOA_DATA_DIR": str(empty_kho_copy)}
    said = CliRunner().invoke(app, ["kho", "retry", "--code", "memory-limit"], env=environment)
    assert (said.exit_code, said.stdout) == (0, "0\n")
    said = CliRunner().invoke(app, ["kho", "retry"], env=environment)
    assert (said.exit_code, said.stdout) == (0, "1\n")

    patient = settings_at(empty_kho_copy)
    kho = Kho.open(patient, migrate=False)
    again: WholeWay = whole_way(kho, patient)
    (line,) = again([tmp_path / "in"])  # the ledger's old refusal is not believed any more
    kho.close()
    assert line.state in (IntakeState.FILED, IntakeState.REVIEW)


def test_a_code_that_is_no_bound_is_wrong_use(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["kho", "retry", "--code", "empty-file"], env={"SOHOA_DATA_DIR": str(tmp_path)})
    assert said.exit_code == 2
    assert not list(tmp_path.iterdir())
