"""A province's worker machine: one Celery worker as a child, swept and woken from here.

Every machine runs this; sweeping from several at once is harmless, so there is no single scheduler to lose.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time

from services.settings import Settings
from services.storage import Kho
from workers.celery_app import lacking_wakes, make_app, wake
from workers.edge import worker_count
from workers.local import WorkersFail
from workers.work import DOWN

log = logging.getLogger(__name__)

SWEEP_S = 10.0
GRACE_S = 60.0
_FALSE_START_S = 10.0


class CeleryWorker:
    """The Celery worker of this machine, restarted when it dies, with its sweeper."""

    def __init__(self, settings: Settings, count: int | None = None, *, verbose: int = 0) -> None:
        self._settings = settings
        self._count = count or worker_count(settings)
        self._level = ("WARNING", "INFO", "DEBUG")[min(verbose, 2)]
        self._app = make_app(settings)
        self._kho: Kho | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._false_starts = 0
        self._next_sweep = 0.0

    def run(self, stop: threading.Event) -> None:
        """Keep the worker alive and sweep until ``stop`` is set. Raises ``WorkersFail`` when it cannot start."""
        try:
            while not stop.is_set():
                self.tend()
                stop.wait(0.5)
        finally:
            self.stop()

    def tend(self) -> None:
        """One round: a dead worker is replaced, leases that ran out go back, waiting rows get their messages."""
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_S
            self._sweep()
        if self._kho is not None and (self._child is None or self._child.poll() is not None):
            self._restart()

    @property
    def pid(self) -> int | None:
        """The Celery worker's process id."""
        return self._child.pid if self._child else None

    def stop(self) -> None:
        """Let tasks in hand end; after the grace their rows wait for the sweep of another machine."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._kho is not None:
            self._kho.close()

    def _restart(self) -> None:
        if self._child is not None:
            log.warning("celery worker ended (exit %s); it is started again", self._child.returncode)
            lived_s = time.monotonic() - self._started
            self._false_starts = self._false_starts + 1 if lived_s < _FALSE_START_S else 0
            if self._false_starts > 5:
                raise WorkersFail("the celery worker ends as soon as it starts")
        self._started = time.monotonic()
        command = [sys.executable, "-m", "celery", "-A", "workers.celery_app", "worker"]
        options = [f"--concurrency={self._count}", f"--loglevel={self._level}", "--without-gossip", "--without-mingle"]
        self._child = subprocess.Popen([*command, *options], env=os.environ | self._environment())

    def _environment(self) -> dict[str, str]:
        """Our settings as the child reads them."""
        given = self._settings.model_dump(exclude_none=True, exclude_unset=True)
        secret = {name: value.get_secret_value() for name, value in given.items() if hasattr(value, "get_secret_value")}
        return {f"SOHOA_{name.upper()}": str(value) for name, value in (given | secret).items()}

    def _sweep(self) -> None:
        try:
            self._kho = self._kho or Kho.open(self._settings)
            self._kho.sweep()
            waiting = self._kho.queue()["waiting"]
        except DOWN as error:
            log.warning("no sweep: %s", error)
            return
        for _ in range(lacking_wakes(self._app, waiting)):
            wake(self._app, "")
