"""Pushing a backlog: every file handed to the kho, followed to its end, told of in one line.

    walk → settle → accept (object and row durable) → ledger → … workers … → how it ended → ledger → line

Memory stays flat over hundreds of thousands of files: one folder's names, ``WINDOW`` files in flight. A bad file is
one refused line and the batch goes on; the same command run again goes on where the last one stopped.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from services.errors import AccessError, ConflictError, InputError, LimitError, SohoaError, UsageError
from services.storage import Kho
from services.storage.model import Actor, Intake, IntakeState, Priority, Role
from workers import files
from workers.ledger import Entry, Ledger
from workers.refusals import Refusal

log = logging.getLogger(__name__)

WINDOW = 500  # files accepted and not yet ended; bounds memory and what waits in line because of us
GROWING_PATIENCE_S = 600.0  # how long the end of a batch waits for files still being written
POLL_S = 0.2

_ENDED = (IntakeState.FILED, IntakeState.REVIEW, IntakeState.REFUSED)


@dataclass(frozen=True, slots=True)
class Job:
    """What the files of one batch are: whose, and where given, of which dossier and in which role."""

    unit: str
    dossier: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """How one file ended. ``state`` is filed, review, refused, or waiting where the batch does not wait for the end."""

    file: Path
    seconds: float
    state: str
    intake_id: str | None = None
    already: bool = False  # the kho had these bytes for this unit and dossier before
    skipped: bool = False  # the ledger knew it from an earlier run
    error: Refusal | None = None


@dataclass(slots=True)
class Summary:
    """A batch in numbers."""

    states: dict[str, int] = field(default_factory=dict)
    already: int = 0
    skipped: int = 0

    @property
    def refused(self) -> int:
        """Files that were not taken in."""
        return self.states.get(IntakeState.REFUSED, 0)

    def count(self, line: Line) -> None:
        """Add one file."""
        self.states[line.state] = self.states.get(line.state, 0) + 1
        self.already += line.already
        self.skipped += line.skipped


@dataclass(frozen=True, slots=True)
class _InFlight:
    file: Path
    job: Job
    look: files.Look
    started: float
    already: bool


class Batch:
    """One push. ``tend`` is called while waiting (keeps local workers alive); ``tell`` gets each file's line."""

    def __init__(
        self,
        kho: Kho,
        ledger: Ledger,
        *,
        actor: Callable[[Job], Actor],
        limit_bytes: int,
        tell: Callable[[Line], None],
        tend: Callable[[], None] = lambda: None,
        wake: Callable[[str], None] = lambda intake_id: None,
        wait: bool = True,
        window: int = WINDOW,
    ) -> None:
        self._kho = kho
        self._ledger = ledger
        self._actor = actor
        self._limit_bytes = limit_bytes
        self._tell_person = tell
        self._tend = tend
        self._wake = wake
        self._wait = wait
        self._window = window
        self._next_look = 0.0
        self._in_flight: dict[str, list[_InFlight]] = {}
        self._growing: deque[tuple[Path, Job]] = deque()
        self.summary = Summary()

    def push(self, paths: Iterable[Path], job_of: Callable[[Path], Job]) -> Summary:
        """Hand over every file under ``paths`` and follow each to its end.

        Raises ``ServiceError`` when the kho is away: what was accepted stays accepted, the rest is as it was.
        """
        for found in files.walk(paths):
            if isinstance(found, tuple):
                self._refuse(*found, 0.0)
                continue
            try:
                job = job_of(found)
            except UsageError as error:
                self._refuse(found, error, 0.0)
                continue
            self._take(found, job, patience_s=files.SETTLE_S)
            self._collect(most=self._window - 1)
        patience_until = time.monotonic() + GROWING_PATIENCE_S
        while self._growing:
            path, job = self._growing.popleft()
            self._take(path, job, patience_s=max(0.0, patience_until - time.monotonic()), last=True)
        self._collect(most=0)
        return self.summary

    def _take(self, path: Path, job: Job, *, patience_s: float, last: bool = False) -> None:
        """One file into the kho; a file still growing is left for the end of the batch."""
        started = time.monotonic()
        try:
            seen = files.look(path)
            known = self._ledger.find(path.absolute(), job.unit, job.dossier)
            if known and known.is_of(seen) and self._told_again(path, known):
                return
            seen = files.wait_until_settled(path, patience_s=patience_s)
            with files.SteadyFile(path, seen) as stream:
                accepted = self._kho.accept(
                    cast(BinaryIO, stream),
                    file_name=path.name,
                    actor=self._actor(job),
                    dossier=job.dossier,
                    role=job.role,
                    priority=Priority.BACKLOG,
                    limit_bytes=self._limit_bytes,
                )
        except files.StillGrowing as error:
            if last:
                self._refuse(path, error, time.monotonic() - started)
            else:
                self._growing.append((path, job))
            return
        except (InputError, LimitError, AccessError, ConflictError, UsageError) as error:
            self._refuse(path, error, time.monotonic() - started)
            return
        flight = _InFlight(path, job, seen, started, accepted.already)
        self._write(flight, IntakeState.WAITING, accepted.intake_id, None)
        self._wake(accepted.intake_id)
        if self._wait:
            self._in_flight.setdefault(accepted.intake_id, []).append(flight)
        else:
            self._tell(Line(path, time.monotonic() - started, "waiting", accepted.intake_id, accepted.already))

    def _told_again(self, path: Path, known: Entry) -> bool:
        """A file that an earlier run saw to its end is told of from the ledger, without opening it."""
        if known.state not in _ENDED:
            return False
        if known.state == IntakeState.REFUSED and known.intake_id is not None:
            now = self._kho.progress([known.intake_id]).get(known.intake_id)
            if now is not None and now.state is not IntakeState.REFUSED:
                return False  # an operator had it tried again: it is followed to its new end
        error = Refusal(known.error_code, known.error_message or "") if known.error_code else None
        self._tell(Line(path, 0.0, known.state, known.intake_id, already=True, skipped=True, error=error))
        return True

    def _collect(self, *, most: int) -> None:
        """Tell now and then of files that ended; wait while more than ``most`` are in flight."""
        while self._in_flight and (len(self._in_flight) > most or time.monotonic() >= self._next_look):
            ended = self._ended()
            for intake in ended:
                for flight in self._in_flight.pop(intake.id):
                    self._end(flight, intake)
            if self._in_flight:
                self._tend()
            self._next_look = time.monotonic() + POLL_S
            if not ended and len(self._in_flight) > most:
                time.sleep(POLL_S)

    def _ended(self) -> list[Intake]:
        now: Mapping[str, Intake] = self._kho.progress(tuple(self._in_flight))
        return [intake for intake in now.values() if intake.state in _ENDED]

    def _end(self, flight: _InFlight, intake: Intake) -> None:
        error = Refusal.of(intake) if intake.state is IntakeState.REFUSED else None
        self._write(flight, intake.state, intake.id, error)
        seconds = time.monotonic() - flight.started
        self._tell(Line(flight.file, seconds, intake.state, intake.id, flight.already, error=error))

    def _refuse(self, path: Path, error: SohoaError, seconds: float) -> None:
        """Refused at the door: no bytes were kept, and the ledger forgets it, so that the next run tries again."""
        self._tell(Line(path, seconds, IntakeState.REFUSED, error=Refusal(error.code, error.message)))

    def _write(self, flight: _InFlight, state: str, intake_id: str | None, error: Refusal | None) -> None:
        self._ledger.write(
            Entry(
                path=str(flight.file.absolute()),
                unit=flight.job.unit,
                dossier=flight.job.dossier or "",
                size=flight.look.size,
                mtime_ns=flight.look.mtime_ns,
                intake_id=intake_id,
                state=str(state),
                error_code=error.code if error else None,
                error_message=error.message if error else None,
            )
        )

    def _tell(self, line: Line) -> None:
        self.summary.count(line)
        self._tell_person(line)
