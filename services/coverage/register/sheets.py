"""Spreadsheet files in, rows of cells out: XLSX, XLSM, XLS, ODS through calamine, CSV in the encodings Vietnamese
offices use.
"""

from __future__ import annotations

import csv
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from services.coverage.register.problems import SheetTooLarge, UnreadableSheet

MAX_ROWS = 1_000_000
MAX_COLUMNS = 300
_MAX_UNPACKED = 2 * 1024**3
_ENCODINGS = ("utf-8-sig", "cp1258")
_DELIMITERS = ",;\t|"


def read_rows(path: Path) -> Iterator[list[Any]]:
    """The rows of the first sheet, from spreadsheet row 1 on, lazily. Raises ``UnreadableSheet``, ``SheetTooLarge``."""
    rows = _csv_rows(path) if path.suffix.lower() in (".csv", ".txt", ".tsv") else _sheet_rows(path)
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise SheetTooLarge(f"row {number}, {len(row)} columns")
        yield row


def _sheet_rows(path: Path) -> Iterator[list[Any]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(info.file_size for info in packed.infolist())
        if unpacked > _MAX_UNPACKED:
            raise SheetTooLarge(f"{unpacked} bytes unpacked")
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
    except (calamine.CalamineError, OSError, IndexError) as error:
        raise UnreadableSheet(f"{type(error).__name__}: {error}") from error
    yield from sheet.iter_rows()


def _csv_rows(path: Path) -> Iterator[list[Any]]:
    encoding, delimiter = _csv_form(path)
    try:
        with path.open(encoding=encoding, newline="") as lines:
            yield from csv.reader(lines, delimiter=delimiter)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableSheet(f"{type(error).__name__}") from error


def _csv_form(path: Path) -> tuple[str, str]:
    """Encoding and delimiter, from the byte-order mark, a trial decoding and the first lines."""
    with path.open("rb") as opened:
        start = opened.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        encoding = next((e for e in _ENCODINGS if _decodes(path, e)), "")
    if not encoding:
        raise UnreadableSheet("unknown encoding")
    with path.open(encoding=encoding) as lines:
        sample = "".join(itertools.islice(lines, 20))
    return encoding, max(_DELIMITERS, key=sample.count)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as lines:
            while lines.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True
