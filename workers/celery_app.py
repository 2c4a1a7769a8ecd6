"""Celery for a province: messages only wake workers; the intake row says what there is to do.

A message means "something waits", and the worker that gets it leases the row that is due, desk before backlog. So a
lost message delays a row until the next sweep, a doubled one finds nothing to do, and the order of a long queue
never makes a person wait. Workers are started by ``sohoa worker``; ``celery -A workers.celery_app worker`` works too.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from services.settings import Settings

TASK = "sohoa.process"
QUEUE = "sohoa"

log = logging.getLogger(__name__)


def make_app(settings: Settings) -> Celery:
    """The Celery application of these settings."""
    app = Celery("sohoa", broker=settings.broker_url, include=["workers.tasks"])
    app.sohoa_settings = settings
    longest_s = int(settings.file_timeout_s)
    app.conf.update(
        task_default_queue=QUEUE,
        task_acks_late=True,  # a killed worker's message comes back
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=longest_s + 120,  # the reading's own limits end a file long before
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the row is finished whatever the broker does
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            # Redis gives an unacknowledged message to another worker after this; shorter than a task would run it
            # twice. The throttle makes the check come every second, not minutes late.
            "visibility_timeout": longest_s + 600,
            "unacked_restore_throttle": 1,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "retry_on_timeout": True,
        },
        task_serializer="json",
        accept_content=["json"],
    )
    return app


def wake(app: Celery, intake_id: str) -> None:
    """Say that a row waits. A broker that is down is no reason to refuse a file: the sweep will wake it later."""
    try:
        app.send_task(TASK, args=[intake_id], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker is away, %s waits for the next sweep: %s", intake_id, error)


def lacking_wakes(app: Celery, waiting: int, *, most: int = 1_000) -> int:
    """How many messages the queue lacks for ``waiting`` rows; 0 while the broker is away."""
    try:
        with app.connection_for_write(connect_timeout=5) as connection:
            connection.ensure_connection(max_retries=1)
            queued = connection.default_channel.queue_declare(QUEUE, durable=True).message_count
    except (OperationalError, OSError) as error:
        log.warning("broker is away: %s", error)
        return 0
    return max(0, min(waiting, most) - int(queued))


def __getattr__(name: str) -> Any:
    """``app``, made when ``celery -A workers.celery_app`` asks for it: importing reads no environment."""
    if name != "app":
        raise AttributeError(name)
    app = globals()["app"] = make_app(Settings())
    return app
