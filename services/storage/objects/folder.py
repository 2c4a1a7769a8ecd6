"""Objects in a folder: ``objects/3f7/3f7ac…`` named by their SHA-256, never half there.

A file is written in ``incoming``, flushed to the disk, given its name by a hard link, and the folder entry flushed too:
after a power cut the object is whole or absent. What a crash left in ``incoming`` is removed when it is a day old.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from services.storage.errors import DiskFull, ObjectMissing, ObjectRotten, ObjectsDown
from services.storage.objects.contract import CHUNK, Stored, checked, copy_hashed, is_name

_SHARD = 3  # letters of the name that its folder is called by
_STALE_S = 24 * 3600.0


class FolderStore:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects, self._incoming, self._rotten = root / "objects", root / "incoming", root / "quarantine"
        for folder in (self._objects, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self._sweep_incoming()

    def put(self, stream: BinaryIO, *, limit_bytes: int) -> Stored:
        with _told():
            handle, name = tempfile.mkstemp(dir=self._incoming)
            aside = Path(name)
            try:
                with os.fdopen(handle, "wb", buffering=0) as out:
                    sha256, size = copy_hashed(stream, out, limit_bytes=limit_bytes)
                    if self._stands(sha256, size):
                        return Stored(sha256, size, existed=True)
                    os.fchmod(out.fileno(), 0o440)
                    os.fsync(out.fileno())
                won = self._name(aside, sha256, size)
                return Stored(sha256, size, existed=not won)
            finally:
                aside.unlink(missing_ok=True)

    def _name(self, aside: Path, sha256: str, size: int) -> bool:
        """Gives the flushed file its name; False where another writer of the same bytes was first."""
        place = self._place(sha256)
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            _flush_folder(self._objects)
        try:
            os.link(aside, place)  # unlike rename, a link has one winner
        except FileExistsError:
            if self._stands(sha256, size):
                return False
            return self._name(aside, sha256, size)  # what stood there was rotten and is aside now
        _flush_folder(place.parent)
        return True

    def _stands(self, sha256: str, size: int) -> bool:
        """Whether the object is there, good and flushed. A rotten one is moved aside: good bytes are at hand."""
        place = self._place(sha256)
        if self.size(sha256) is None:
            return False
        if self.size(sha256) != size or _hash_of(place) != sha256:
            self.quarantine(sha256)
            return False
        # The writer that was first may not have flushed the folders yet, and our answer promises they are.
        _flush_folder(place.parent)
        _flush_folder(self._objects)
        return True

    def size(self, sha256: str) -> int | None:
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        with self.fetch(sha256) as path, path.open("rb") as file:
            file.seek(start)
            return file.read(-1 if length is None else length)

    def chunks(self, sha256: str) -> Iterator[bytes]:
        with self.fetch(sha256) as path, path.open("rb", buffering=0) as file:
            while chunk := _read(file, sha256):
                yield chunk

    @contextlib.contextmanager
    def fetch(self, sha256: str) -> Iterator[Path]:
        place = self._place(sha256)
        if not place.is_file():
            raise ObjectMissing(sha256)
        yield place

    def link(self, sha256: str, *, life: dt.timedelta, file_name: str | None = None) -> str | None:
        return None

    def names(self) -> Iterator[str]:
        for shard in sorted(path for path in self._objects.iterdir() if path.is_dir() and len(path.name) == _SHARD):
            yield from sorted(
                path.name for path in shard.iterdir() if is_name(path.name) and path.name.startswith(shard.name)
            )

    def quarantine(self, sha256: str) -> str:
        self._rotten.mkdir(exist_ok=True)
        aside = self._rotten / f"{checked(sha256)}.{time.time_ns()}"
        with _told(), contextlib.suppress(FileNotFoundError):  # someone else moved it first
            self._place(sha256).rename(aside)
            _flush_folder(aside.parent)
            _flush_folder(self._place(sha256).parent)
        return str(aside)

    def _place(self, sha256: str) -> Path:
        return self._objects / checked(sha256)[:_SHARD] / sha256

    def _sweep_incoming(self) -> None:
        for path in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE_S:
                    path.unlink()


def _hash_of(path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := _read(file, path.name):
                digest.update(chunk)
    except ObjectRotten:
        return None
    return digest.hexdigest()


def _read(file: FileIO, sha256: str) -> bytes:
    """The next piece. Raises ObjectRotten where the disk has lost it."""
    try:
        return file.read(CHUNK)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise ObjectRotten(sha256) from error


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """The operating system's refusal as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(error)) from error
        raise ObjectsDown(str(error)) from error
