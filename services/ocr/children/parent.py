"""Untrusted files are opened in child processes under limits; this is the parent's side.

``Child`` is one process that has one file open. It is asked for pages and answers with values; a child that crashes,
hangs or eats its memory costs a page a typed error and is replaced, nothing more.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from services.errors import ServiceError
from services.limits import Limits
from services.ocr.children.work import Failed, Message, Opened, Order, Task
from services.ocr.errors import DamagedFile, MemoryLimit, ReadError, TimeLimit, read_error
from services.ocr.model import Reading

# Forking and opening a file takes milliseconds; the first start loads the networks.
_START_S = 60.0
_GRACE_S = 2.0


class Child:
    """One reading process with one file open."""

    def __init__(
        self,
        task: Task,
        path: Path,
        limits: Limits,
        *,
        max_px: int = 0,
        reading: Reading | None = None,
        out: Path | None = None,
    ) -> None:
        self._limits = limits
        self.scratch = Path(tempfile.mkdtemp(prefix="sohoa-read-"))
        order = Order(task, path.resolve(), self.scratch, limits, limits.memory_mb, max_px, reading, out)
        self.connection, self._report, self.pid = _bear(order)
        self.page: int | None = None  # the page it is at work on
        self._since = time.monotonic()

    def opened(self) -> Opened:
        """What it found when it opened the file. Raises the ReadError it met."""
        message = self._receive(max(self._limits.page_timeout_s, 1.0))
        if isinstance(message, Failed):
            raise read_error(message.code, message.detail)
        if not isinstance(message, Opened):
            raise DamagedFile("the reading child answered out of turn")
        return message

    def ask(self, number: int) -> None:
        """Sets it to work on a page."""
        self.page, self._since = number, time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its death is told by answer()
            self.connection.send_bytes(str(number).encode())

    def seconds_left(self) -> float:
        """Until the page it works on is over its time."""
        return self._since + self._limits.page_timeout_s - time.monotonic()

    def answer(self) -> Message:
        """The page's answer. Raises TimeLimit, MemoryLimit or DamagedFile when the child did not survive it."""
        message = self._receive(max(self.seconds_left(), 0.0))
        self.page = None
        return message

    def end(self) -> None:
        """Kills it if it is still there and clears what it left."""
        with contextlib.suppress(OSError):
            self.connection.send_bytes(b"0")
        self.connection.close()
        if self.page is not None:
            self._kill()
        self._report.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _receive(self, timeout_s: float) -> Message:
        try:
            if not self.connection.poll(timeout_s):
                self._kill()
                raise TimeLimit(f"over {self._limits.page_timeout_s:g} s")
            return loads(self.connection.recv_bytes())
        except (EOFError, ConnectionResetError, BrokenPipeError) as gone:
            raise self._death() from gone

    def _death(self) -> ReadError:
        """The error that a child's end stands for: killed from outside is memory, a crash is the file's fault."""
        self._kill()
        line = self._report.readline().strip()
        status = int(line) if line else 0
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if killed in (signal.SIGKILL, signal.SIGABRT):  # the kernel's OOM killer; C++ out of memory aborts
            return MemoryLimit(f"ended by signal {killed}")
        return DamagedFile(f"the reading child ended by status {status}")

    def _kill(self) -> None:
        if self.pid > 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


class _Nursery:
    """The started ``services.ocr.children.nursery`` of this process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            environment = os.environ | {
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p) or str(Path.cwd()),
                "OMP_THREAD_LIMIT": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.ocr.children.nursery", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        self._control = ours
        self._owner = os.getpid()

    def usable(self) -> bool:
        """False in a fork of the process that started it, and after its death."""
        return self._owner == os.getpid() and self._process.poll() is None

    def bear(self, order: Order) -> tuple[Connection, io.BufferedReader]:
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        try:
            socket.send_fds(self._control, [order.task.encode()], [theirs.fileno(), write_end])
        except OSError:
            ours.close()
            os.close(read_end)
            raise
        finally:
            theirs.close()
            os.close(write_end)
        connection, report = Connection(ours.detach()), os.fdopen(read_end, "rb")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # no child took it: the report says so
            connection.send_bytes(pickle.dumps(order))
        return connection, report

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        self._control.close()
        if self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):  # it leaves by itself when the socket closes
                self._process.wait(_GRACE_S)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()


def _bear(order: Order) -> tuple[Connection, io.BufferedReader, int]:
    """A child from the nursery; from a new one where the old has just died. Raises ServiceError."""
    for _ in range(3):
        try:
            connection, report = _nursery().bear(order)
        except OSError:  # it died while we spoke to it
            stop()
            continue
        line = report.readline()
        if line:
            return connection, report, int(line)
        connection.close()
        report.close()
        stop()
    raise ServiceError("no reading child could be started")


_lock = threading.Lock()
_current: _Nursery | None = None


def _nursery() -> _Nursery:
    global _current
    with _lock:
        if _current is None or not _current.usable():
            if _current is not None:
                _current.end()
            _current = _Nursery()
        return _current


def stop() -> None:
    """Ends this process's nursery; the next file starts another."""
    global _current
    with _lock:
        if _current is not None:
            _current.end()
            _current = None


def nursery_pid() -> int:
    """The nursery's process id; one is started where there is none."""
    return _nursery().pid


atexit.register(stop)


class _Values(pickle.Unpickler):
    """Reads only our own value objects: a child taken over by a hostile file must not run code in the parent."""

    _ALLOWED = frozenset(
        [("services.ocr.children.work", name) for name in ("Opened", "Done", "Failed")]
        + [("services.ocr.model", name) for name in ("Page", "Word", "Box", "Code", "Quality", "Signature")]
    )

    def find_class(self, module: str, name: str) -> object:
        if (module, name) in self._ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no value of ours")


def loads(data: bytes) -> Message:
    """A child's message. Raises DamagedFile when it holds anything but our values."""
    try:
        message = _Values(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise DamagedFile(f"the reading child sent nonsense: {error}") from error
    return message  # type: ignore[no-any-return]
