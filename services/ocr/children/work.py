"""What a reading child does, and the messages it exchanges with its parent.

The parent sends an ``Order``, then page numbers, then 0. The child answers ``Opened`` or ``Failed`` once, then one
``Done`` or ``Failed`` a page.
"""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, TypeAlias

import cv2
from PIL import Image

from services.errors import SohoaError
from services.limits import Limits
from services.ocr.errors import DamagedFile, MemoryLimit
from services.ocr.model import Page, Quality, Reading, Signature
from services.ocr.opening.document import OpenedFile, open_file
from services.ocr.opening.signatures import find_signatures
from services.ocr.pages import page
from services.ocr.recognising import readers

Task = Literal["read", "look", "render", "archive"]
Answer: TypeAlias = Page | Quality | bytes


@dataclass(frozen=True, slots=True)
class Order:
    """One file for one child. ``scratch`` is a folder of the parent's that goes away with the child."""

    task: Task
    path: Path
    scratch: Path
    limits: Limits
    memory_mb: int
    max_px: int = 0
    reading: Reading | None = None  # what an archive copy is made from, and where it goes
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    page_count: int
    media_type: str
    readers: tuple[str, ...]
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Done:
    number: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """``number`` 0: the file itself."""

    number: int
    code: str
    detail: str


Message: TypeAlias = Opened | Done | Failed


def warm_up() -> None:
    """Loads libraries and networks before the first fork, and keeps every library to one thread.

    A thread does not survive a fork, and one process a core is several times faster than threads of their own.
    """
    cv2.setNumThreads(1)
    readers.load()


def warm_up_for(task: Task) -> None:
    """Loads what only some tasks need, before the first fork that is given one of them."""
    if task == "archive":
        from services.ocr.archive import copy as archive

        archive.load()


def serve(connection: Connection, order: Order) -> None:
    """The child's whole life."""
    tempfile.tempdir = str(order.scratch)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        opened, media_type = open_file(order.path, order.limits)
        marks = _signatures(order, media_type)
    except Exception as error:  # a file can break any library; the answer is still typed
        _send(connection, _failed(0, error))
        return
    names = readers.available() if order.task == "read" else ()
    _send(connection, Opened(opened.page_count, media_type, names, marks))
    work = _TASKS[order.task]
    while number := int(connection.recv_bytes()):
        try:
            message: Message = Done(number, work(opened, number, order))
        except (
            SohoaError,
            MemoryError,
            ArithmeticError,
            LookupError,
            OSError,
            ValueError,
            RuntimeError,
            cv2.error,
        ) as e:
            message = _failed(number, e)
        _send(connection, message)
    opened.close()


def _read(opened: OpenedFile, number: int, order: Order) -> Answer:
    return page.read_page(opened.sheet(number), number)


def _look(opened: OpenedFile, number: int, order: Order) -> Answer:
    return page.look_at(opened.sheet(number))


def _render(opened: OpenedFile, number: int, order: Order) -> Answer:
    picture = page.upright_of(opened.sheet(number)).picture
    image = Image.fromarray(picture)
    image.thumbnail((order.max_px, order.max_px), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def _archive(opened: OpenedFile, number: int, order: Order) -> Answer:
    if order.reading is None or order.out is None:
        raise ValueError("an archive copy needs a reading and a place")
    from services.ocr.archive import (
        copy as archive,  # its libraries take as long to load as a page takes to read: not for readers
    )

    archive.build_archive_copy(order.path, order.reading, order.out, order.limits)
    return b""


_TASKS: dict[Task, Callable[[OpenedFile, int, Order], Answer]] = {
    "read": _read,
    "look": _look,
    "render": _render,
    "archive": _archive,
}


def _signatures(order: Order, media_type: str) -> tuple[Signature, ...]:
    if order.task != "read" or media_type != "application/pdf":
        return ()
    return find_signatures(order.path)


def _failed(number: int, error: Exception | Any) -> Failed:
    if isinstance(error, SohoaError):
        return Failed(number, error.code, error.detail)
    if isinstance(error, MemoryError) or "insufficient memory" in str(error).lower():
        return Failed(number, MemoryLimit.code, str(error))
    return Failed(number, DamagedFile.code, f"{type(error).__name__}: {error}")


def _send(connection: Connection, message: Message) -> None:
    connection.send_bytes(pickle.dumps(message, protocol=5))
