"""Local workers are killed in the middle of their work; nothing is lost and nothing is done twice."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.coverage import seed
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, Intake, IntakeState
from tests.real.servers import make_postgres, postgres_url
from tests.workers import papers
from workers.local import Pool

ROOT = Path(__file__).resolve().parents[2]
UNIT = "25195"
CLERK = Actor("clerk", UNIT, "clerk")
SYSTEM = Actor("test", UNIT, "admin")
ENDED = (IntakeState.FILED, IntakeState.REVIEW, IntakeState.REFUSED)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # A lease far longer than the test: only the supervisor's knowledge that its child died can free a row.
    return Settings(_env_file=None, data_dir=tmp_path / "var", lease_s=300.0, max_attempts=10)  # type: ignore[call-arg]


@pytest.fixture
def kho(settings: Settings) -> Iterator[Kho]:
    opened = Kho.open(settings)
    with opened.begin() as tx:
        seed(tx)
    yield opened
    opened.close()


@pytest.fixture
def service(tmp_path: Path, kho: Kho) -> Iterator[subprocess.Popen[bytes]]:
    """``sohoa worker`` as a person starts it; whatever a test leaves of it is ended."""
    environment = os.environ | {"SOHOA_DATA_DIR": str(tmp_path / "var"), "SOHOA_LEASE_S": "6"}
    command = [sys.executable, "-m", "workers.cli", "worker", "-n", "1"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True) as started:
        yield started
        for pid in [*_descendants(started.pid), started.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _take_in(kho: Kho, folder: Path, count: int) -> list[str]:
    ids = []
    for number in range(count):
        scan = papers.scan(folder / f"{number}.png", number)
        accepted = kho.accept(io.BytesIO(scan.read_bytes()), file_name=scan.name, actor=CLERK)
        ids.append(accepted.intake_id)
    return ids


def _wait(kho: Kho, ids: list[str], pool: Pool, until_ended: int, timeout_s: float = 200.0) -> dict[str, Intake]:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        pool.tend()
        now = kho.progress(ids)
        if sum(intake.state in ENDED for intake in now.values()) >= until_ended:
            return now
        time.sleep(0.05)
    raise AssertionError(f"not ended in {timeout_s:g} s: {Counter(i.state for i in kho.progress(ids).values())}")


def _wait_for_work(kho: Kho, ids: list[str], pool: Pool) -> None:
    end = time.monotonic() + 200
    while time.monotonic() < end:
        pool.tend()
        if any(intake.state is IntakeState.WORKING for intake in kho.progress(ids).values()):
            return
        time.sleep(0.01)
    raise AssertionError("no worker took anything")


def test_workers_killed_again_and_again_lose_nothing_and_file_nothing_twice(
    kho: Kho, settings: Settings, tmp_path: Path
) -> None:
    ids = _take_in(kho, tmp_path, 4)
    killed = 0
    with Pool(settings, 2) as pool:
        for done in (0, 2):
            _wait(kho, ids, pool, until_ended=done)
            _wait_for_work(kho, ids, pool)
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)
                killed += 1
        ended = _wait(kho, ids, pool, until_ended=len(ids))
    assert killed >= 3
    assert all(intake.state in ENDED for intake in ended.values())
    for intake_id in ids:
        found = kho.papers_of(SYSTEM, intake_id), kho.reviews(SYSTEM, intake_id=intake_id)
        assert sum(len(papers) for papers in found) == 1
    assert kho.verify_audit().broken_at is None


def test_after_a_power_cut_another_service_takes_the_work_up(
    tmp_path: Path, kho: Kho, service: subprocess.Popen[bytes]
) -> None:
    ids = _take_in(kho, tmp_path, 2)
    end = time.monotonic() + 200
    while not any(intake.state is IntakeState.WORKING for intake in kho.progress(ids).values()):
        assert time.monotonic() < end, "no worker took anything"
        time.sleep(0.02)
    for pid in [*_descendants(service.pid), service.pid]:
        os.kill(pid, signal.SIGKILL)
    service.wait()
    with Pool(kho.settings.model_copy(update={"lease_s": 6.0}), 1) as pool:
        _wait(kho, ids, pool, until_ended=2)


def test_workers_do_not_outlive_a_killed_supervisor(service: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 200
    while len(_descendants(service.pid)) < 3:  # the resource tracker, the fork server, the worker
        assert time.monotonic() < end, "no worker was started"
        time.sleep(0.05)
    family = _descendants(service.pid)
    service.kill()
    service.wait()
    while any(_lives(pid) for pid in family):
        assert time.monotonic() < end + 60, "children outlived their killed supervisor"
        time.sleep(0.1)


def _descendants(pid: int) -> list[int]:
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_wait_for_a_lost_database_and_go_on_when_it_is_back(tmp_path: Path) -> None:
    server = make_postgres(tmp_path / "postgres")
    server.start()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path / "var",
        database_url=postgres_url(server, "postgres"),
        lease_s=6.0,
        max_attempts=2,
    )
    kho = Kho.open(settings)
    with kho.begin() as tx:
        seed(tx)
    ids = _take_in(kho, tmp_path, 3)
    try:
        with Pool(settings, 1) as pool:
            _wait_for_work(kho, ids, pool)
            server.kill()
            away_until = time.monotonic() + 8
            while time.monotonic() < away_until:
                pool.tend()
                time.sleep(0.2)
            workers = pool.pids
            server.start()
            ended = _wait(kho, ids, pool, until_ended=len(ids))
            assert pool.pids == workers  # nobody died of it
        assert all(intake.error_code != "gave-up" for intake in ended.values())
    finally:
        kho.close()
        server.stop()


def test_a_stop_lets_the_work_in_hand_end(kho: Kho, settings: Settings, tmp_path: Path) -> None:
    ids = _take_in(kho, tmp_path, 2)
    with Pool(settings, 1) as pool:
        _wait_for_work(kho, ids, pool)
    states = Counter(intake.state for intake in kho.progress(ids).values())
    assert states[IntakeState.WORKING] == 0
    assert sum(states[state] for state in ENDED) >= 1


def test_a_stop_without_grace_gives_the_work_back_at_once(kho: Kho, settings: Settings, tmp_path: Path) -> None:
    ids = _take_in(kho, tmp_path, 2)
    pool = Pool(settings, 1)
    _wait_for_work(kho, ids, pool)
    pool.stop(grace_s=0.0)
    assert {intake.state for intake in kho.progress(ids).values()} == {IntakeState.WAITING}
