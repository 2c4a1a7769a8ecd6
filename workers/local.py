"""Local work: processes that lease intake rows, and the supervisor that keeps them alive.

    Pool ── starts N children, restarts the dead, sweeps leases that ran out, stops them cleanly
      └── run_worker (one process) ── work_once, work_once, … until told to stop

The row is the truth: a child killed at any point leaves a lease, which the sweep gives back. A database that goes
away costs waiting, never a paper.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import signal
import socket
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import ClassVar

from services.errors import ServiceError
from services.settings import Settings
from services.storage import Kho
from workers.edge import worker_count
from workers.learning import Learned
from workers.work import DOWN, work_once

log = logging.getLogger(__name__)

IDLE_S = 0.5  # between two looks for work when there was none
LONGEST_WAIT_S = 30.0  # between two tries while a store is down
SWEEP_S = 10.0
GRACE_S = 20.0  # what a stop waits for work in hand, before it is given back


class WorkersFail(ServiceError):
    code: ClassVar[str] = "workers-fail"
    vi: ClassVar[str] = "Các tiến trình xử lý không khởi động được; hãy chạy sohoa doctor để biết thiếu gì."
    en: ClassVar[str] = "The worker processes cannot start; run sohoa doctor to see what is missing."


def run_worker(settings: Settings, name: str, ready: Event, supervisor: Connection, verbose: int = 0) -> None:
    """One child: work until told to stop (SIGTERM) or until the ``supervisor`` is gone (its end of the pipe closed)."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor decides
    logging.basicConfig(level=(logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
    learned = Learned(settings.data_dir)
    kho: Kho | None = None
    wait_s = IDLE_S
    ready.set()
    while not stop.is_set() and not supervisor.poll():
        try:
            kho = kho or Kho.open(settings, migrate=False)  # the supervisor has seen to that
            if work_once(kho, name, learned):
                wait_s = IDLE_S
                continue
            wait_s = IDLE_S
        except DOWN as error:
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
            log.warning("a store is away, next try in %.0f s: %s", wait_s, error)
        stop.wait(wait_s)
    if kho is not None:
        kho.close()


@dataclass(frozen=True, slots=True)
class _Child:
    process: BaseProcess
    name: str
    ready: Event


class Pool:
    """N worker processes and their sweeper. Call ``tend`` often, or ``run`` until told to stop."""

    def __init__(self, settings: Settings, count: int | None = None, *, verbose: int = 0) -> None:
        self._settings = settings
        self._count = count or worker_count(settings)
        self._verbose = verbose
        # Children are forked from a server that has imported everything and opened nothing: they start at once, share
        # its memory, and carry no database connection of ours along.
        self._server = multiprocessing.get_context("forkserver")
        self._server.set_forkserver_preload(["workers.work"])
        self._alive = self._server.Pipe(duplex=False)  # never written to; children see our end close when we die
        self._children: list[_Child] = []
        self._dead: list[str] = []  # names whose leases are still to be given back
        self._false_starts = 0
        self._kho: Kho | None = None
        self._next_sweep = 0.0

    def __enter__(self) -> Pool:
        return self  # children start with the first ``tend``: who finds nothing to do needs none

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> tuple[int, ...]:
        """The living children's process ids."""
        return tuple(child.process.pid for child in self._children if child.process.pid and child.process.is_alive())

    def tend(self) -> None:
        """Replace dead children; give back their leases and those that ran out. A lost store is waited for.

        Raises ``WorkersFail`` when children die again and again before they could work.
        """
        self._bury()
        if self._dead or time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_S
            self._sweep()
        while self._kho is not None and len(self._children) < self._count:
            self._children.append(self._start())

    def run(self, stop: threading.Event) -> None:
        """Tend the children until ``stop`` is set, then stop them."""
        try:
            while not stop.is_set():
                self.tend()
                stop.wait(0.5)
        finally:
            self.stop()

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Let work in hand end within ``grace_s``; kill the rest, whose rows go back in line."""
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + grace_s
        for child in self._children:
            child.process.join(max(0.0, deadline - time.monotonic()))
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
            self._dead.append(child.name)
        self._children.clear()
        self._sweep()
        if self._kho is not None:
            self._kho.close()
            self._kho = None
        for end in self._alive:
            end.close()

    def _start(self) -> _Child:
        name = f"local:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        ready = self._server.Event()
        process = self._server.Process(
            target=run_worker, args=(self._settings, name, ready, self._alive[0], self._verbose), name=name
        )
        process.start()
        return _Child(process, name, ready)

    def _bury(self) -> None:
        for child in [child for child in self._children if not child.process.is_alive()]:
            log.warning("worker %s died (exit %s); another takes its place", child.name, child.process.exitcode)
            self._children.remove(child)
            self._dead.append(child.name)
            self._false_starts = 0 if child.ready.is_set() else self._false_starts + 1
        if self._false_starts > 2 * self._count:
            raise WorkersFail(f"{self._false_starts} workers died before they could work")

    def _sweep(self) -> None:
        try:
            self._kho = self._kho or Kho.open(self._settings)
            back = self._kho.sweep(dead=tuple(self._dead))
        except DOWN as error:
            log.warning("no sweep: %s", error)
            return
        self._dead.clear()
        if back:
            log.info("%d intakes back in line", back)
