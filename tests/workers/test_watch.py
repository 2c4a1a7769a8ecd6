"""A watched folder: files leave it only when their end is known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from services.ocr.errors import BlankScan
from services.storage import Kho
from services.storage.model import Actor, IntakeState
from tests.workers.papers import LIMIT_BYTES
from workers.watch import EMPTY_PATIENCE_S, Watch

TODAY = "2025-08-20"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scanner"
    made.mkdir()
    return made


@pytest.fixture
def watch(kho: Kho, folder: Path, clerk: Actor) -> Watch:
    return Watch(kho, folder, actor=clerk, limit_bytes=LIMIT_BYTES, today=lambda: dt.date.fromisoformat(TODAY))


def _end(kho: Kho, state: IntakeState) -> None:
    intake = kho.lease("by-hand")
    assert intake is not None
    with kho.begin() as tx:
        kho.finish(tx, intake, state, error=BlankScan() if state is IntakeState.REFUSED else None)


def test_a_new_file_waits_until_it_has_stood_still(watch: Watch, folder: Path, kho: Kho) -> None:
    scan = folder / "a.pdf"
    scan.write_bytes(b"half")
    watch.turn(0.0)
    scan.write_bytes(b"half and more")
    watch.turn(3.0)
    assert kho.queue()["waiting"] == 0
    watch.turn(6.0)
    assert kho.queue()["waiting"] == 1


def test_a_filed_file_moves_to_done_and_not_before(watch: Watch, folder: Path, kho: Kho) -> None:
    scan = folder / "a.pdf"
    scan.write_bytes(b"scan")
    watch.turn(0.0)
    assert watch.turn(3.0) == []
    assert scan.exists()
    _end(kho, IntakeState.FILED)
    [moved] = watch.turn(6.0)
    assert moved.now_at == folder / "done" / TODAY / "a.pdf"
    assert moved.now_at.read_bytes() == b"scan"


def test_a_refused_file_lies_beside_its_reason(watch: Watch, folder: Path, kho: Kho) -> None:
    (folder / "a.pdf").write_bytes(b"scan")
    watch.turn(0.0)
    watch.turn(3.0)
    _end(kho, IntakeState.REFUSED)
    [moved] = watch.turn(6.0)
    assert moved.now_at == folder / "refused" / TODAY / "a.pdf"
    reason = moved.now_at.with_name("a.pdf.ly-do.txt").read_text(encoding="utf-8")
    assert reason.startswith("blank-scan\n")
    assert "quét lại" in reason


def test_an_empty_file_is_given_time_and_then_refused(watch: Watch, folder: Path) -> None:
    (folder / "a.pdf").touch()
    watch.turn(0.0)
    assert watch.turn(5.0) == []
    [moved] = watch.turn(EMPTY_PATIENCE_S + 1)
    assert moved.refusal is not None
    assert moved.refusal.code == "empty-file"


def test_a_subfolder_names_the_dossier(watch: Watch, folder: Path, kho: Kho, clerk: Actor) -> None:
    (folder / "H19.12-250725-0001").mkdir()
    (folder / "H19.12-250725-0001" / "a.pdf").write_bytes(b"scan")
    watch.turn(0.0)
    watch.turn(3.0)
    assert [intake.dossier_code for intake in kho.intakes(clerk)] == ["H19.12-250725-0001"]
    _end(kho, IntakeState.FILED)
    [moved] = watch.turn(6.0)
    assert moved.now_at == folder / "done" / TODAY / "H19.12-250725-0001" / "a.pdf"


def test_a_restart_follows_the_same_file_on(watch: Watch, folder: Path, kho: Kho, clerk: Actor) -> None:
    (folder / "a.pdf").write_bytes(b"scan")
    watch.turn(0.0)
    watch.turn(3.0)
    _end(kho, IntakeState.FILED)
    again = Watch(kho, folder, actor=clerk, limit_bytes=LIMIT_BYTES)
    again.turn(0.0)
    [moved] = again.turn(3.0)
    assert moved.refusal is None
    assert len(kho.intakes(clerk)) == 1


def test_a_second_file_of_the_same_name_does_not_overwrite_the_first(watch: Watch, folder: Path, kho: Kho) -> None:
    for number, data in enumerate((b"one", b"two")):
        (folder / "a.pdf").write_bytes(data)
        watch.turn(10.0 * number)
        watch.turn(10.0 * number + 3)
        _end(kho, IntakeState.FILED)
        watch.turn(10.0 * number + 6)
    done = folder / "done" / TODAY
    assert {path.name: path.read_bytes() for path in done.iterdir()} == {"a.pdf": b"one", "a-2.pdf": b"two"}


def test_links_and_hidden_files_stay_where_they_are(watch: Watch, folder: Path, tmp_path: Path, kho: Kho) -> None:
    (tmp_path / "elsewhere.pdf").write_bytes(b"x")
    (folder / "link.pdf").symlink_to(tmp_path / "elsewhere.pdf")
    (folder / ".hidden.pdf").write_bytes(b"x")
    watch.turn(0.0)
    watch.turn(3.0)
    assert kho.queue()["waiting"] == 0
