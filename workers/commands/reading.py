"""``sohoa read``, ``sohoa repair``, ``sohoa classify``, ``sohoa archive``: files in, text and papers out; no kho."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.errors import InputError, LimitError, SohoaError
from workers.commands.common import (
    SOME_REFUSED,
    JsonLines,
    error_json,
    progress,
    put,
    put_json,
    read_settings,
    refusals,
    say,
)
from workers.edge import cores

if TYPE_CHECKING:
    from services.classify.model import Piece
    from services.limits import Limits
    from services.ocr.model import Reading

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", show_default=False, help="PDF, TIFF, JPEG, PNG, WebP, HEIC.")
]


@refusals
def read(
    files: Files,
    jsonl: JsonLines = False,
    words: Annotated[bool, typer.Option("--words", help="With --jsonl: every word's text, box, confidence.")] = False,
) -> None:
    """Read scans: text, and with --jsonl everything that was seen on each page."""
    from services.ocr.wire import page_json

    def tell(path: Path, seconds: float, reading: Reading | None, error: SohoaError | None) -> None:
        if jsonl:
            pages = [page_json(page, words=words) for page in reading.pages] if reading else []
            text = reading.text if reading else ""
            put_json({"file": str(path), "seconds": seconds, "error": error_json(error), "pages": pages, "text": text})
        elif reading:
            put(reading.text)

    _each(files, tell)


@refusals
def classify(files: Files, jsonl: JsonLines = False) -> None:
    """Which papers are in these scans: type, fields, confidence."""
    from services.classify import understand
    from services.classify.wire import piece_json

    def tell(path: Path, seconds: float, reading: Reading | None, error: SohoaError | None) -> None:
        started = time.perf_counter()
        pieces = understand(reading) if reading else ()
        seconds = round(seconds + time.perf_counter() - started, 3)
        if jsonl:
            found = [piece_json(piece) for piece in pieces]
            put_json({"file": str(path), "seconds": seconds, "error": error_json(error), "pieces": found})
        else:
            for piece in pieces:
                put(_sentence(path, piece))

    _each(files, tell)


@refusals
def repair(
    file: Annotated[Path | None, typer.Argument(help="Text file; standard input when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Also list each change with its margin.")] = False,
) -> None:
    """Give stripped or garbled Vietnamese text its letters back, line for line."""
    from services.ocr.accents import repair_text

    repaired = repair_text(_text_of(file))
    if not as_json:
        sys.stdout.write(repaired.text)
        return
    changes = [
        {
            "line": change.line,
            "start": change.start,
            "end": change.end,
            "before": change.before,
            "after": change.after,
            "margin": change.margin,
            "sure": change.sure,
        }
        for change in repaired.changes
    ]
    put_json({"text": repaired.text, "changes": changes})


@refusals
def archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The searchable PDF/A to write.", show_default=False)],
) -> None:
    """Write a searchable PDF/A-2b copy of a scan beside the original, which stays as it is."""
    from services.ocr import read_file, write_archive_copy

    limits = read_settings().limits
    write_archive_copy(file, read_file(file, limits=limits, jobs=cores()), out, limits=limits)
    say(f"{out}")


Tell = Callable[[Path, float, "Reading | None", "SohoaError | None"], None]


def _each(files: Sequence[Path], tell: Tell) -> None:
    """Read every file and tell of each in the order given; exit 1 when some were refused."""
    refused = 0
    with progress() as bar:
        task = bar.add_task("Đọc", total=len(files), note="")
        for path, seconds, reading, error in _readings(files, read_settings().limits):
            tell(path, seconds, reading, error)
            if error is not None:
                refused += 1
                say(f"{path}: {error.code}: {error.message}")
            bar.update(task, advance=1, note=path.name)
    if refused:
        raise typer.Exit(SOME_REFUSED)


def _readings(files: Sequence[Path], limits: Limits) -> Iterator[tuple[Path, float, Reading | None, SohoaError | None]]:
    """One file uses all cores for its pages; many files are read side by side, a core each."""
    many = min(len(files), cores())
    jobs = max(1, cores() // many)
    with ThreadPoolExecutor(max_workers=many) as pool:
        ahead: deque[tuple[Path, Future[tuple[float, Reading | None, SohoaError | None]]]] = deque()
        for path in files:
            ahead.append((path, pool.submit(_read_one, path, limits, jobs)))
            if len(ahead) > 2 * many:
                done, future = ahead.popleft()
                yield done, *future.result()
        for done, future in ahead:
            yield done, *future.result()


def _read_one(path: Path, limits: Limits, jobs: int) -> tuple[float, Reading | None, SohoaError | None]:
    from services.ocr import read_file

    started = time.perf_counter()
    reading: Reading | None = None
    error: SohoaError | None = None
    try:
        _check(path)
        reading = read_file(path, limits=limits, jobs=jobs)
    except (InputError, LimitError) as refusal:
        error = refusal
    return round(time.perf_counter() - started, 3), reading, error


def _check(path: Path) -> None:
    """Raises ``NoSuchFile``, ``NotAFile`` or ``Unreadable``; a link that a person names is followed."""
    from workers.files import NoSuchFile, NotAFile, Unreadable

    if not path.exists():
        raise NoSuchFile(str(path))
    if not path.is_file():
        raise NotAFile(str(path))
    if not os.access(path, os.R_OK):
        raise Unreadable(str(path))


def _sentence(path: Path, piece: Piece) -> str:
    pages = f"{piece.first_page}" if piece.first_page == piece.last_page else f"{piece.first_page}-{piece.last_page}"
    from services.classify.reasons import why

    asks = f"  cần người xem: {why(piece.reason)}" if piece.reason else ""
    return f"{path}  tr. {pages}  {piece.code}  {piece.name}  {piece.confidence:.2f}{asks}"


def _text_of(file: Path | None) -> str:
    from workers.files import NoSuchFile

    try:
        data = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except FileNotFoundError as error:
        raise NoSuchFile(str(file)) from error
    return data.decode("utf-8-sig", errors="replace")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (read, classify, repair, archive):
        app.command()(command)
