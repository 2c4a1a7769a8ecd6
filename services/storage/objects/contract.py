"""The contract of an object store: bytes kept for ever under their SHA-256.

Two stores keep it: a folder (``folder.py``) and an S3 server (``s3.py``). An object is there whole or not at all, is
never changed and never removed; one that no longer matches its name is moved aside (``quarantine``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from services.storage.errors import EmptyUpload, TooLarge

CHUNK = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is durable now. ``existed`` says the same bytes were there before."""

    sha256: str
    size: int
    existed: bool


class ObjectStore(Protocol):
    """All methods raise ``ObjectsDown``, ``ObjectsRefused`` or ``DiskFull`` when the store cannot do its work."""

    def put(self, stream: BinaryIO, *, limit_bytes: int) -> Stored:
        """Keeps the stream; on return the bytes are durable and verified. Raises EmptyUpload, TooLarge."""

    def size(self, sha256: str) -> int | None:
        """Bytes of the object, None where there is none."""

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        """A range of the object, as much of it as there is. Raises ObjectMissing."""

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The object in pieces, memory flat. Raises ObjectMissing, and ObjectRotten where its disk gives none back."""

    def fetch(self, sha256: str) -> AbstractContextManager[Path]:
        """The object as a local file to read, verified on the way where it travels. Raises ObjectMissing."""

    def link(self, sha256: str, *, life: dt.timedelta, file_name: str | None = None) -> str | None:
        """A download address good for ``life``; None where the store has no door of its own."""

    def names(self) -> Iterator[str]:
        """Every object's SHA-256, in order; what else lies there is passed over."""

    def quarantine(self, sha256: str) -> str:
        """Moves a rotten object aside, so that a good copy can take its place; says where it went."""


def is_name(name: str) -> bool:
    """Whether an object can be called so."""
    return _SHA256.fullmatch(name) is not None


def checked(sha256: str) -> str:
    """The name itself, when it is one: nothing else ever becomes a path or a key."""
    if not is_name(sha256):
        raise ValueError("not a SHA-256")
    return sha256


def copy_hashed(stream: BinaryIO, out: BinaryIO, *, limit_bytes: int) -> tuple[str, int]:
    """Copies the stream and says its SHA-256 and size. Raises EmptyUpload, TooLarge."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit_bytes:
            raise TooLarge(f"over {limit_bytes} bytes")
        digest.update(chunk)
        out.write(chunk)
    if size == 0:
        raise EmptyUpload
    return digest.hexdigest(), size
