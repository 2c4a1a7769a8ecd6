"""Kill -9 at every step between receiving bytes and filed: what was accepted is filed once, and nothing is torn.

A child process takes one file in and works on it, and kills itself when it comes to its n-th step. A step is anything
the outside can see: a file opened, linked or removed, a connection made, a statement sent to the database, a commit.
The parent then does what a restart does: the sweeper and one worker.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import os
import signal
import sys
import warnings
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, update

from services.settings import Settings
from services.storage import IntakeState, Kho
from services.storage.objects.folder import FolderStore
from services.storage.records.tables import IntakeRow, PaperRow
from tests.storage.desk import ADMIN, CLERK, DOSSIER, WORKER, birth, open_kho

_SEEN = ("os.link", "os.remove", "os.mkdir", "socket.connect")


def _work(kho: Kho, name: str) -> None:
    """What a worker does with the next file; ``name`` stands in the paper, so that papers can be told apart."""
    while (intake := kho.lease("w")) is not None:
        with kho.fetch(intake.sha256) as path:
            number = path.read_bytes().decode()
        reading = kho.keep(f"reading of {number}".encode())
        with kho.begin() as tx:
            day = dt.date(2000, 1, 1) + dt.timedelta(int(number.split()[1]))
            kho.file_paper(tx, intake, birth(so_ky_hieu=number, ngay_cap=day, type_code="VB"), actor=WORKER)
            kho.finish(tx, intake, IntakeState.FILED, reading_sha256=reading)


def _child(settings: Settings, engine: Engine, number: int, step: int, said: int) -> None:
    """Runs in the forked process; never returns."""
    left = step

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = str(settings.data_dir)

    def audit(name: str, given: tuple[object, ...]) -> None:
        if name in _SEEN or (name == "open" and str(given[0]).startswith(folder)):
            count()

    kho = Kho.open(settings, migrate=False)
    kho.engine = engine  # no connection comes along, only statements put together before: most of a child's time
    sys.addaudithook(audit)
    for what in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(kho.engine, what, count)
    kho.accept(io.BytesIO(b"file %d" % number), file_name="a.pdf", actor=CLERK, dossier=DOSSIER)
    os.write(said, b"accepted")
    _work(kho, str(number))
    os.write(said, b" done")


def _run(settings: Settings, engine: Engine, number: int, step: int) -> str:
    """What the child said before it died or ended."""
    reads, writes = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # fork beside a thread of pytest's: the child only execs ours
        pid = os.fork()
    if pid == 0:
        gc.disable()  # it would touch, and so copy, all of the parent's memory
        try:
            os.close(reads)
            _child(settings, engine, number, step, writes)
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


@pytest.mark.timeout(600)
def test_kill_at_every_step_loses_nothing_and_files_nothing_twice(kho_settings: Settings) -> None:
    settings = kho_settings.model_copy(update={"max_attempts": 1000})
    kho = open_kho(settings)
    kho.accept(io.BytesIO(b"file 0"), file_name="a.pdf", actor=CLERK, dossier=DOSSIER)
    _work(kho, "")
    kho.engine.dispose()
    accepted, step = {"file 0"}, 0
    while True:
        step += 1
        said = _run(settings, kho.engine, step, step)
        if said:
            accepted.add(f"file {step}")
        if "done" in said:
            break
        assert step < 500, "the child never came to its end"
    assert step > 120, "too few steps to prove anything"
    with kho.begin() as tx:  # as time passes
        tx.execute(
            update(IntakeRow)
            .where(IntakeRow.state == "working")
            .values(lease_until=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        )
    kho.sweep()
    _work(kho, "")
    with kho.begin() as tx:
        papers = [row.so_ky_hieu for row in tx.query(PaperRow)]
        states = {row.state for row in tx.query(IntakeRow)}
    assert accepted <= set(papers), "an accepted file was lost"
    assert len(papers) == len(set(papers)), "a file was filed twice"
    assert states == {"filed"}
    assert kho.verify().sound
    assert kho.verify_audit().broken_at is None
    assert {intake.error_code for intake in kho.intakes(ADMIN, limit=1000)} == {None}
    kho.close()


def test_a_power_cut_at_any_moment_leaves_an_object_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk as it would be after a cut is kept beside: only what was flushed is on it, a file's bytes by the flush
    of the file, its name by the flush of its folder.
    """
    flushed: dict[int, bytes] = {}  # inode → bytes
    names: dict[Path, dict[str, int]] = {}  # folder → name → inode
    pictures: list[dict[str, bytes]] = []
    flush = os.fsync

    def picture() -> None:
        seen = {}
        for folder, entries in names.items():
            if folder.parent.name == "objects":
                seen.update({name: flushed.get(inode, b"") for name, inode in entries.items()})
        pictures.append(seen)

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.is_dir():
            names[path] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            flushed[os.fstat(handle).st_ino] = path.read_bytes()
        picture()
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    store = FolderStore(tmp_path)
    promised: list[str] = []
    for data in (b"first", b"second" * 100_000, b"first", b"third"):
        promised.append(store.put(io.BytesIO(data), limit_bytes=1 << 30).sha256)
        picture()
        after = pictures[-1]
        for sha256 in promised:
            with store.fetch(sha256) as path:
                assert after[sha256] == path.read_bytes(), "the cut took what was promised"
    for seen in pictures:
        for sha256, data in seen.items():
            with store.fetch(sha256) as path:
                assert data == path.read_bytes(), "a half object was visible"


def test_sqlite_flushes_every_commit_to_the_disk(tmp_path: Path) -> None:
    kho = open_kho(Settings(data_dir=tmp_path / "var"))
    with kho.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    kho.close()
