"""A watched folder: what a scanner drops there is taken in, and leaves it only when its end is known.

    FOLDER/scan.pdf                       → the unit's intake without a dossier
    FOLDER/H19.12-250725-0001/scan.pdf    → that dossier
    FOLDER/done/2025-08-20/…              taken in, and filed or waiting for a person
    FOLDER/refused/2025-08-20/…           refused, the reason beside it in NAME.ly-do.txt

No state but the folder and the kho: after a restart a file still there is recognised by its bytes and followed on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from services.errors import AccessError, ConflictError, InputError, LimitError
from services.storage import Kho
from services.storage.model import Actor, Intake, IntakeState, Priority
from services.vietnamese import nfc
from workers import files
from workers.refusals import Refusal

log = logging.getLogger(__name__)

DONE, REFUSED = "done", "refused"
EMPTY_PATIENCE_S = 30.0  # scanners create the file first and write it later
MANY = 200  # files followed at a time; the others wait in the folder

_ENDED = (IntakeState.FILED, IntakeState.REVIEW, IntakeState.REFUSED)


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, and the moment from which the file has looked so (seconds of the monotonic clock)."""

    look: files.Look
    since: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that left the folder: where it lies now and, when refused, why."""

    source: Path
    now_at: Path
    refusal: Refusal | None


class Watch:
    """One watched folder of one unit. ``turn`` does one round; the caller decides how often and keeps time."""

    def __init__(
        self,
        kho: Kho,
        folder: Path,
        *,
        actor: Actor,
        limit_bytes: int,
        today: Callable[[], dt.date] = dt.date.today,
        wake: Callable[[str], None] = lambda intake_id: None,
    ) -> None:
        self._kho = kho
        self._folder = folder
        self._actor = actor
        self._limit_bytes = limit_bytes
        self._today = today
        self._wake = wake
        self._seen: dict[Path, Seen] = {}
        self._followed: dict[Path, str] = {}  # file → intake

    def turn(self, now: float) -> list[Moved]:
        """Take in what is ready, move what has ended. ``now`` is a monotonic time in seconds.

        Raises ``ServiceError`` when the kho is away; nothing is moved then.
        """
        moved: list[Moved] = []
        present: dict[Path, Seen] = {}
        for path in self._candidates():
            try:
                seen = files.look(path)
            except InputError as error:
                log.debug("%s passed over: %s", path, error)
                continue
            before = self._seen.get(path)
            present[path] = before if before and before.look == seen else Seen(seen, now)
            if path not in self._followed and self._ready(present[path], now) and len(self._followed) < MANY:
                moved += self._take(path, seen)
        self._seen = present
        return moved + self._follow()

    def _candidates(self) -> Iterator[Path]:
        """Files of the folder and of its dossiers' folders; never links, never what already left."""
        for entry in _entries(self._folder):
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False) and entry.name not in (DONE, REFUSED):
                yield from (Path(e.path) for e in _entries(Path(entry.path)) if e.is_file(follow_symlinks=False))

    @staticmethod
    def _ready(seen: Seen, now: float) -> bool:
        """Two equal looks, far enough apart; an empty file gets longer."""
        return now - seen.since >= (files.SETTLE_S if seen.look.size else EMPTY_PATIENCE_S)

    def _take(self, path: Path, seen: files.Look) -> list[Moved]:
        try:
            with files.SteadyFile(path, seen) as stream:
                accepted = self._kho.accept(
                    cast(BinaryIO, stream),
                    file_name=nfc(path.name),
                    actor=self._actor,
                    dossier=self._dossier(path),
                    priority=Priority.DESK,
                    limit_bytes=self._limit_bytes,
                )
        except files.StillGrowing:
            return []
        except (InputError, LimitError, AccessError, ConflictError) as error:
            return [self._move(path, Refusal(error.code, error.message))]
        self._followed[path] = accepted.intake_id
        self._wake(accepted.intake_id)
        return []

    def _follow(self) -> list[Moved]:
        """Move the files whose intakes have ended."""
        if not self._followed:
            return []
        now = self._kho.progress(tuple(self._followed.values()))
        ended = {path: now[id_] for path, id_ in self._followed.items() if id_ in now and now[id_].state in _ENDED}
        return [self._let_go(path, intake) for path, intake in ended.items()]

    def _let_go(self, path: Path, intake: Intake) -> Moved:
        del self._followed[path]
        return self._move(path, Refusal.of(intake) if intake.state is IntakeState.REFUSED else None)

    def _dossier(self, path: Path) -> str | None:
        return None if path.parent == self._folder else nfc(path.parent.name)

    def _move(self, path: Path, refusal: Refusal | None) -> Moved:
        """Out of the way by a rename within the folder; a name already there gets a number."""
        inside = path.parent.relative_to(self._folder)
        target = self._folder / (REFUSED if refusal else DONE) / self._today().isoformat() / inside
        target.mkdir(parents=True, exist_ok=True)
        place = _free_name(target, path.name)
        with contextlib.suppress(FileNotFoundError):  # somebody took it away: it is in the kho all the same
            path.rename(place)
        if refusal:
            place.with_name(place.name + ".ly-do.txt").write_text(
                f"{refusal.code}\n{refusal.message}\n", encoding="utf-8"
            )
        self._seen.pop(path, None)
        return Moved(path, place, refusal)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not files.is_noise(e.name)), key=lambda entry: entry.name)
    except OSError as error:
        log.warning("%s cannot be looked into: %s", folder, error)
        return []


def _free_name(folder: Path, name: str) -> Path:
    place = folder / name
    number = 1
    while place.exists():
        number += 1
        place = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return place
