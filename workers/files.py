"""Which files of a folder are taken in, and when a file is ready.

Scanners and network shares write slowly; people keep links, hidden files and half-downloads beside their scans. So: a
file is ready once it has stood unchanged for ``SETTLE_S``; links and special files are never opened; a file that
changes while it is being read is not accepted at all (``SteadyFile`` fails before the kho commits).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ClassVar

from services.errors import InputError

SETTLE_S = 2.0
_NOISE_NAMES = {"thumbs.db", "desktop.ini"}
_NOISE_ENDINGS = (".part", ".partial", ".tmp", ".crdownload", ".download", ".lock")


class NoSuchFile(InputError):
    code: ClassVar[str] = "no-such-file"
    vi: ClassVar[str] = "Không tìm thấy tệp này; hãy kiểm tra lại đường dẫn."
    en: ClassVar[str] = "There is no such file; check the path."


class NotAFile(InputError):
    code: ClassVar[str] = "not-a-file"
    vi: ClassVar[str] = "Đây là liên kết hoặc tệp đặc biệt nên không được mở; hãy đưa vào tệp thật."
    en: ClassVar[str] = "This is a link or a special file, which is never opened; give the file itself."


class Unreadable(InputError):
    code: ClassVar[str] = "unreadable-file"
    vi: ClassVar[str] = "Không có quyền đọc tệp hoặc thư mục này; hãy cấp quyền đọc rồi chạy lại."
    en: ClassVar[str] = "This file or folder may not be read; grant the right to read it and run again."


class StillGrowing(InputError):
    code: ClassVar[str] = "still-growing"
    vi: ClassVar[str] = "Tệp vẫn đang được ghi; hãy chờ máy quét ghi xong rồi chạy lại."
    en: ClassVar[str] = "The file is still being written; wait for the scanner to finish and run again."


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file saw. Two equal looks ``SETTLE_S`` apart mean that it is ready."""

    size: int
    mtime_ns: int
    inode: int
    changed_at: float  # seconds; the local kernel's clock, which a copied time stamp does not fool

    @property
    def age_s(self) -> float:
        """How long it has stood unchanged; negative where a file server's clock runs ahead."""
        return time.time() - self.changed_at


def look(path: Path) -> Look:
    """One look at a file. Raises ``NoSuchFile``, ``NotAFile`` (links are not followed) or ``Unreadable``."""
    try:
        seen = path.lstat()
    except FileNotFoundError as error:
        raise NoSuchFile(str(path)) from error
    except OSError as error:
        raise Unreadable(str(error)) from error
    if not stat.S_ISREG(seen.st_mode):
        raise NotAFile(str(path))
    return Look(seen.st_size, seen.st_mtime_ns, seen.st_ino, seen.st_ctime)


def wait_until_settled(path: Path, *, patience_s: float, settle_s: float | None = None) -> Look:
    """The look of a file that has stood unchanged for ``settle_s``. Raises ``StillGrowing`` after ``patience_s``."""
    settle_s = SETTLE_S if settle_s is None else settle_s
    seen = look(path)
    deadline = time.monotonic() + patience_s
    while not seen.age_s - settle_s >= 0:
        if time.monotonic() >= deadline:
            raise StillGrowing(str(path))
        # A clock that runs ahead gives a negative age: then only two equal looks tell.
        time.sleep(min(settle_s, max(0.05, settle_s - max(0.0, seen.age_s))))
        again = look(path)
        if again == seen and seen.age_s < 0:
            return again
        seen = again
    return seen


def walk(paths: Iterable[Path]) -> Iterator[Path | tuple[Path, InputError]]:
    """Every file to take in, folders in name order; what cannot be taken comes with its error.

    Holds the names of one folder at a time. Links to folders are not followed, so no loop is possible. Hidden
    files and what programs leave behind are passed over in folders, yet taken when named outright.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from _walk_folder(path)
        else:
            yield _checked(path)


def is_noise(name: str) -> bool:
    """Hidden files, office lock files, thumbnails and half downloads: never a scan."""
    lower = name.lower()
    return name.startswith((".", "~$")) or lower in _NOISE_NAMES or lower.endswith(_NOISE_ENDINGS)


def _walk_folder(folder: Path) -> Iterator[Path | tuple[Path, InputError]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        yield folder, Unreadable(str(error))
        return
    for name, is_folder in found:
        if is_noise(name):
            continue
        if is_folder:
            yield from _walk_folder(folder / name)
        else:
            yield _checked(folder / name)


def _checked(path: Path) -> Path | tuple[Path, InputError]:
    try:
        look(path)
    except InputError as error:
        return path, error
    return path


class SteadyFile:
    """A file read to its end, which fails with ``StillGrowing`` at the end if it changed meanwhile.

    The kho reads to the end before it commits, so a half-written file leaves no intake behind.
    """

    def __init__(self, path: Path, expected: Look) -> None:
        self._path = path
        self._expected = expected
        self._file: BinaryIO | None = None

    def __enter__(self) -> SteadyFile:
        try:
            handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError as error:
            raise NoSuchFile(str(self._path)) from error
        except OSError as error:
            raise Unreadable(str(error)) from error
        self._file = os.fdopen(handle, "rb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises ``StillGrowing`` instead of the end of a file that is not as it was."""
        if self._file is None:
            raise ValueError("read of a file that is not open")
        chunk = self._file.read(size)
        if not chunk or size < 0:
            seen = os.fstat(self._file.fileno())
            now = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
            if now != (self._expected.size, self._expected.mtime_ns, self._expected.inode):
                raise StillGrowing(str(self._path))
        return chunk
