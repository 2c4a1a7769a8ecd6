"""Pushing a backlog: resumable, safe to repeat, flat in memory. Rows are ended here by hand; no scan is read."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, IntakeState
from tests.workers.conftest import DOSSIER, UNIT
from workers.batch import Batch, Job, Line
from workers.ledger import Ledger


class Stopped(Exception):
    """The person pressed Ctrl-C."""


class Push:
    """A batch over ``folder`` whose rows end as soon as somebody looks."""

    def __init__(self, kho: Kho, folder: Path, ledger: Path) -> None:
        self.kho, self.folder, self.ledger = kho, folder, ledger
        self.lines: list[Line] = []
        self.most_waiting = 0

    def run(self, *, stop_after: int = 10**9, wait: bool = True, window: int = 500) -> list[Line]:
        self.lines = []

        def tell(line: Line) -> None:
            self.lines.append(line)
            if len(self.lines) >= stop_after:
                raise Stopped

        with Ledger(self.ledger) as ledger:
            batch = Batch(
                self.kho,
                ledger,
                actor=lambda job: Actor("test", job.unit, "clerk"),
                limit_bytes=1 << 20,
                tell=tell,
                tend=self.end_one,
                wait=wait,
                window=window,
            )
            batch.push([self.folder], lambda path: Job(UNIT, DOSSIER))
        return self.lines

    def end_one(self) -> None:
        self.most_waiting = max(self.most_waiting, self.kho.queue()["waiting"])
        intake = self.kho.lease("by-hand")
        if intake is not None:
            with self.kho.begin() as tx:
                self.kho.finish(tx, intake, IntakeState.FILED)


@pytest.fixture
def push(kho: Kho, tmp_path: Path, settings: Settings) -> Push:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(5):
        _old(folder / f"{number}.pdf", f"scan {number}".encode())
    return Push(kho, folder, settings.data_dir / "ingest.sqlite")


def _old(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.fixture(autouse=True)
def _settles_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.files.SETTLE_S", 0.05)


def test_every_file_gets_one_line(push: Push) -> None:
    lines = push.run()
    assert sorted(line.file.name for line in lines) == [f"{n}.pdf" for n in range(5)]
    assert {line.state for line in lines} == {"filed"}


def test_a_stopped_batch_goes_on_where_it_stopped(push: Push, kho: Kho, clerk: Actor) -> None:
    with pytest.raises(Stopped):
        push.run(stop_after=2, window=1)
    lines = push.run()
    assert len(lines) == 5
    assert sum(line.skipped for line in lines) >= 1
    assert len(kho.intakes(clerk, limit=100)) == 5


def test_repeating_a_finished_batch_opens_no_file(push: Push) -> None:
    push.run()
    for path in push.folder.iterdir():
        path.chmod(0)
    lines = push.run()
    assert all(line.skipped and line.already for line in lines)


def test_a_lost_ledger_costs_work_and_nothing_else(push: Push, kho: Kho, clerk: Actor) -> None:
    push.run()
    push.ledger.unlink()
    lines = push.run()
    assert all(line.already and not line.skipped for line in lines)
    assert len(kho.intakes(clerk, limit=100)) == 5


def test_a_file_written_anew_is_taken_in_anew(push: Push, kho: Kho, clerk: Actor) -> None:
    push.run()
    _old(push.folder / "0.pdf", b"another scan")
    lines = push.run()
    assert [line.file.name for line in lines if not line.skipped] == ["0.pdf"]
    assert len(kho.intakes(clerk, limit=100)) == 6


def test_no_more_than_the_window_is_in_flight(push: Push) -> None:
    push.run(window=2)
    assert push.most_waiting <= 2


def test_handing_over_does_not_wait_for_the_end(push: Push, kho: Kho) -> None:
    lines = push.run(wait=False)
    assert {line.state for line in lines} == {"waiting"}
    assert kho.queue()["waiting"] == 5


def test_a_file_still_being_written_comes_last_and_whole(push: Push, kho: Kho) -> None:
    growing = push.folder / "0.pdf"
    stop = threading.Event()

    def write() -> None:
        with growing.open("ab") as file:
            while not stop.wait(0.02):
                os.write(file.fileno(), b"more")

    writer = threading.Thread(target=write)
    writer.start()
    threading.Timer(0.6, stop.set).start()
    lines = push.run()
    writer.join()
    assert lines[-1].file == growing
    with kho.fetch(_sha(kho, lines[-1])) as kept:
        assert kept.stat().st_size == growing.stat().st_size


def test_an_unknown_unit_is_refused_and_the_batch_goes_on(push: Push, kho: Kho) -> None:
    lines: list[Line] = []
    jobs: Callable[[Path], Job] = lambda path: Job("no-such-unit" if path.name == "0.pdf" else UNIT)  # noqa: E731
    with Ledger(push.ledger) as ledger:
        Batch(
            kho,
            ledger,
            actor=lambda job: Actor("test", job.unit, "clerk"),
            limit_bytes=1 << 20,
            tell=lines.append,
            tend=push.end_one,
        ).push([push.folder], jobs)
    states = {line.file.name: (line.state, line.error and line.error.code) for line in lines}
    assert states.pop("0.pdf") == ("refused", "unknown-unit")
    assert set(states.values()) == {("filed", None)}


def _sha(kho: Kho, line: Line) -> str:
    return kho.progress([line.intake_id or ""])[line.intake_id or ""].sha256
