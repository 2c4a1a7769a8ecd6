"""The one Celery task: woken by a message, work on the row that is due."""

from __future__ import annotations

import logging
import os
import socket

from celery import Celery, Task, shared_task
from celery.signals import worker_process_shutdown

from services.settings import Settings
from services.storage import Kho
from workers.celery_app import TASK
from workers.learning import Learned
from workers.work import DOWN, work_once

log = logging.getLogger(__name__)

# Process id → its own kho and model; a forked child must not use its parent's connections.
_held: dict[int, tuple[Kho, Learned]] = {}


@shared_task(name=TASK, bind=True)  # type: ignore[untyped-decorator]  # celery has no types
def process_due(self: Task, intake_id: str = "") -> bool:
    """Take the row that is due through the whole way; True when there was one. ``intake_id`` is for the log only.

    While a store is away nothing is lost: the row goes back in line and the next sweep wakes a worker again.
    """
    settings = _settings(self.app)
    worker = f"celery:{socket.gethostname()}:{os.getpid()}:{self.request.id}"
    try:
        kho, learned = _hands(settings)
        return work_once(kho, worker, learned)
    except DOWN as error:
        log.warning("woken for %s, but a store is away: %s", intake_id or "the sweep", error)
        return False


def _settings(app: Celery) -> Settings:
    settings: Settings = app.sohoa_settings
    return settings


def _hands(settings: Settings) -> tuple[Kho, Learned]:
    pid = os.getpid()
    if pid not in _held:
        _held.clear()
        kho = Kho.open(settings, migrate=False)  # the supervisor has seen to that
        _held[pid] = kho, Learned(settings.data_dir)
    return _held[pid]


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _close(**_: object) -> None:
    held = _held.pop(os.getpid(), None)
    if held is not None:
        held[0].close()
