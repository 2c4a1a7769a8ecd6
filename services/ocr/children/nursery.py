"""The process that bears reading children: it loads the libraries and networks once and forks for every file.

Started by ``parent.py`` as ``python -m services.ocr.children.nursery FD``. Over the socket FD it gets, for each child,
the name of its task and two descriptors: the child's own connection, over which its order comes, and a pipe on which
the nursery reports the child's pid and, when it has ended, its wait status. A fork costs milliseconds where a fresh
interpreter costs a second, and the networks' memory is shared by all children. Children die with the nursery, the
nursery with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import resource
import select
import signal
import socket
import sys
from multiprocessing.connection import Connection
from typing import cast

_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 16 * 1024 * 1024


def main() -> None:
    """Loads everything a child needs, then serves until the parent closes the socket."""
    _keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    with socket.socket(fileno=int(sys.argv[1])) as control:
        from services.ocr.children import work

        work.warm_up()
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        children: dict[int, int] = {}  # pid → the pipe that reports its end
        try:
            _serve(control, wake_read, wake_write, children)
        finally:
            for pid in children:
                _end_group(pid)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _keep_freed_memory() -> None:
    """Pictures come and go by the dozen a page: freed memory is kept for the next, not asked of the kernel anew.

    Set before anything is allocated, and inherited by the children. A C library without ``mallopt`` goes without.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _serve(control: socket.socket, wake_read: int, wake_write: int, children: dict[int, int]) -> None:
    from services.ocr.children import work

    while True:
        ready, _, _ = select.select([control.fileno(), wake_read], [], [])
        if wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_read, 4096)
            _reap(children)
        if control.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(control, 16, 2)
            if not request or len(descriptors) != 2:
                return
            connection, report = descriptors
            work.warm_up_for(cast("work.Task", request.decode()))
            pid = os.fork()
            if pid == 0:
                control.close()
                for other in (wake_read, wake_write, report, *children.values()):
                    os.close(other)
                _be_child(connection)
            children[pid] = report
            os.close(connection)
            with contextlib.suppress(OSError):
                os.write(report, b"%d\n" % pid)


def _reap(children: dict[int, int]) -> None:
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            _end_group(pid)  # a Tesseract that outlived its child
            report = children.pop(pid)
            with contextlib.suppress(OSError):
                os.write(report, b"%d\n" % status)
            os.close(report)


def _end_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _be_child(descriptor: int) -> None:
    """In the fork: takes its limits, does the work, and never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # decoders write complaints about broken files straight to the terminal
            os.dup2(null, stream)
        from services.ocr.children import work

        with Connection(descriptor) as connection:
            order: work.Order = pickle.loads(connection.recv_bytes())  # noqa: S301  from our own parent
            _take_limits(order.memory_mb)
            work.serve(connection, order)
        status = 0
    except (BrokenPipeError, EOFError, ConnectionResetError):
        status = 0  # the parent has lost interest
    finally:
        os._exit(status)


def _take_limits(memory_mb: int) -> None:
    with open("/proc/self/statm") as file:  # noqa: PTH123  one read of a kernel file
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    ceiling = mapped + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


if __name__ == "__main__":
    main()
