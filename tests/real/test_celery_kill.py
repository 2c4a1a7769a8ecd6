"""Celery on real Valkey, PostgreSQL and S3: messages are lost and workers killed; every file comes to its end once."""

from __future__ import annotations

import base64
import io
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.coverage import seed
from services.settings import Settings
from services.storage import Kho
from services.storage.model import Actor, Intake, IntakeState
from tests.real.servers import free_port
from tests.workers import papers
from workers.celery_app import lacking_wakes, make_app, wake
from workers.province import CeleryWorker

UNIT = "25195"
ENDED = (IntakeState.FILED, IntakeState.REVIEW, IntakeState.REFUSED)


@pytest.fixture
def settings(postgres: str, s3: dict[str, object], valkey: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path / "var",
        database_url=postgres,
        broker_url=valkey,
        identity_keys=base64.b64encode(bytes(range(32))).decode(),
        lease_s=6.0,
        max_attempts=10,
        **s3,
    )


@pytest.fixture
def kho(settings: Settings) -> Iterator[Kho]:
    opened = Kho.open(settings)
    with opened.begin() as tx:
        seed(tx)
    yield opened
    opened.close()


def _take_in(kho: Kho, folder: Path, count: int) -> list[str]:
    ids = []
    for number in range(count):
        scan = papers.scan(folder / f"{number}.png", number)
        accepted = kho.accept(io.BytesIO(scan.read_bytes()), file_name=scan.name, actor=Actor("clerk", UNIT, "clerk"))
        ids.append(accepted.intake_id)
    return ids


def _until(kho: Kho, ids: list[str], worker: CeleryWorker, states: tuple[IntakeState, ...], count: int) -> list[Intake]:
    end = time.monotonic() + 150
    while time.monotonic() < end:
        worker.tend()
        found = [intake for intake in kho.progress(ids).values() if intake.state in states]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(Counter(intake.state for intake in kho.progress(ids).values()))


def test_lost_messages_and_killed_workers_lose_no_file_and_file_none_twice(
    kho: Kho, settings: Settings, tmp_path: Path
) -> None:
    ids = _take_in(kho, tmp_path, 4)  # and no message is sent: all were lost
    worker = CeleryWorker(settings, 1)
    try:
        [first] = _until(kho, ids, worker, (IntakeState.WORKING,), 1)
        os.kill(int((first.lease_owner or "").split(":")[2]), signal.SIGKILL)  # the pool's process, in the middle
        _until(kho, ids, worker, ENDED, 1)
        _until(kho, ids, worker, (IntakeState.WORKING,), 1)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)  # the whole worker
        _until(kho, ids, worker, ENDED, len(ids))
    finally:
        worker.stop()
    admin = Actor("test", UNIT, "admin")
    for intake_id in ids:
        papers_and_reviews = [*kho.papers_of(admin, intake_id), *kho.reviews(admin, intake_id=intake_id)]
        assert len(papers_and_reviews) == 1
    assert kho.verify_audit().broken_at is None


def test_a_message_wakes_and_the_queue_knows_what_it_lacks(settings: Settings) -> None:
    app = make_app(settings)
    before = lacking_wakes(app, 5)
    wake(app, "one")
    assert lacking_wakes(app, 5) == before - 1


def test_a_broker_that_is_away_refuses_no_file(settings: Settings) -> None:
    app = make_app(settings.model_copy(update={"broker_url": f"redis://127.0.0.1:{free_port()}/0"}))
    wake(app, "one")
    assert lacking_wakes(app, 5) == 0
