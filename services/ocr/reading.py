"""The door's own functions: a file in, values out; the opening and reading happens in children under limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import TypeVar

from services.limits import Limits
from services.ocr.children.parent import Child
from services.ocr.children.work import Answer, Done, Failed, Opened, Task
from services.ocr.errors import NoPages, ReadError, TimeLimit, read_error
from services.ocr.model import Page, Quality, Reading

_Kind = TypeVar("_Kind", bound=Answer)

# How many pages may wait, read, for an earlier one: with the order kept, this bounds the memory of a long file.
_AHEAD = 4


def read_file(path: Path, *, limits: Limits = Limits(), jobs: int = 1) -> Reading:  # noqa: B008  frozen
    """Reads a whole file: PDF, TIFF, JPEG, PNG, WebP or HEIC.

    ``jobs`` pages are read at a time, each in its own process. A page that fails carries its error's code; a file of
    which no page could be read raises that error. Raises the ReadErrors of ``services.ocr.errors``.
    """
    with _File(path, "read", limits, jobs) as file:
        pages = tuple(_page(number, answer) for number, answer in file.answers())
        if all(page.error for page in pages):
            raise read_error(pages[0].error or "", file.first_detail)
        return Reading(
            pages=pages,
            media_type=file.opened.media_type,
            signatures=file.opened.signatures,
            readers=file.opened.readers,
            notes=tuple(f"page-{page.number}:{page.error}" for page in pages if page.error),
        )


def iter_pages(path: Path, *, limits: Limits = Limits(), jobs: int = 1) -> Iterator[Page]:  # noqa: B008
    """The pages in order as they are read; memory does not grow with the file. Raises as ``read_file``."""
    with _File(path, "read", limits, jobs) as file:
        for number, answer in file.answers():
            yield _page(number, answer)


def look_file(path: Path, *, limits: Limits = Limits()) -> tuple[Quality, ...]:  # noqa: B008
    """Each page's quality without reading it, for the clerk who still has the paper in hand. Raises as above."""
    with _File(path, "look", limits, 1) as file:
        return tuple(
            answer if isinstance(answer, Quality) else Quality(faults=(answer.code,))
            for _, answer in file.answers()
            if isinstance(answer, Quality | ReadError)
        )


def render_page(path: Path, number: int, *, max_px: int = 1600, limits: Limits = Limits()) -> bytes:  # noqa: B008
    """Page ``number`` (from 1) upright, as PNG with its longer side at most ``max_px``. Raises as above."""
    child = Child("render", path, limits, max_px=max_px)
    try:
        if not 1 <= number <= child.opened().page_count:
            raise NoPages(f"page {number}")
        child.ask(number)
        message = child.answer()
    finally:
        child.end()
    if isinstance(message, Done) and isinstance(message.answer, bytes):
        return message.answer
    raise read_error(message.code, message.detail) if isinstance(message, Failed) else read_error("")


def write_archive_copy(path: Path, reading: Reading, out: Path, *, limits: Limits = Limits()) -> None:  # noqa: B008
    """Writes a searchable PDF/A-2b of ``path`` to ``out``; ``reading`` is what ``read_file`` gave for it.

    The original is only read. Raises CannotArchive and as ``read_file``.
    """
    whole = replace(limits, page_timeout_s=limits.file_timeout_s)
    child = Child("archive", path, whole, reading=reading, out=out.resolve())
    try:
        child.opened()
        child.ask(1)
        message = child.answer()
    finally:
        child.end()
    if isinstance(message, Failed):
        raise read_error(message.code, message.detail)


class _File:
    """One file under work in up to ``jobs`` children; answers come out in page order."""

    def __init__(self, path: Path, task: Task, limits: Limits, jobs: int) -> None:
        self._path, self._task, self._limits = path, task, limits
        self._ends_at = time.monotonic() + limits.file_timeout_s
        self._children: list[Child] = []
        self._stack = ExitStack()
        self.first_detail = ""
        try:
            self.opened = self._add_child()
        except BaseException:
            self._stack.close()  # __exit__ is not called for a file that could not be opened
            raise
        self._jobs = max(1, min(jobs, self.opened.page_count))

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def answers(self) -> Iterator[tuple[int, Answer | ReadError]]:
        """(page number, answer or the page's error), in order."""
        count, next_page, due = self.opened.page_count, 1, 1
        waiting: dict[int, Answer | ReadError] = {}
        while due <= count:
            while next_page <= count and next_page < due + self._jobs + _AHEAD and (child := self._idle()):
                child.ask(next_page)
                next_page += 1
            for child in self._ready():
                number = child.page or 0
                waiting[number] = self._take(child)
            while due in waiting:
                yield due, waiting.pop(due)
                due += 1

    def _idle(self) -> Child | None:
        for child in self._children:
            if child.page is None:
                return child
        if len(self._children) < self._jobs:
            self._add_child()
            return self._children[-1]
        return None

    def _ready(self) -> list[Child]:
        """Children that have answered or are over their time."""
        busy = [child for child in self._children if child.page is not None]
        now = time.monotonic()
        if now > self._ends_at:
            raise TimeLimit(f"the file took over {self._limits.file_timeout_s:g} s")
        soonest = min([child.seconds_left() for child in busy] + [self._ends_at - now])
        answered = wait([child.connection for child in busy], max(soonest, 0.0))
        return [child for child in busy if child.connection in answered or child.seconds_left() <= 0]

    def _take(self, child: Child) -> Answer | ReadError:
        try:
            message = child.answer()
        except ReadError as error:
            self._children.remove(child)
            self._note(error.detail)
            if not self._children:
                self._add_child()
            return error
        if isinstance(message, Done):
            return message.answer
        failed = read_error(message.code, message.detail) if isinstance(message, Failed) else read_error("")
        self._note(failed.detail)
        return failed

    def _note(self, detail: str) -> None:
        self.first_detail = self.first_detail or detail

    def _add_child(self) -> Opened:
        child = Child(self._task, self._path, self._limits)
        try:
            opened = child.opened()
        except ReadError:
            child.end()
            raise
        self._stack.callback(child.end)
        self._children.append(child)
        return opened


def _page(number: int, answer: Answer | ReadError) -> Page:
    if isinstance(answer, Page):
        return answer
    code = answer.code if isinstance(answer, ReadError) else "truncated-file"
    return Page(
        number=number,
        width_px=0,
        height_px=0,
        dpi=0.0,
        rotation_deg=0,
        skew_deg=0.0,
        source="recognised",
        quality=Quality(),
        text="",
        error=code,
    )
