"""Opens a file that may be anything: what it is, how many pages, and each page as a ``Sheet`` when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from services.limits import Limits
from services.ocr.opening.pdf import PdfFile
from services.ocr.opening.pictures import PictureFile
from services.ocr.opening.sniff import media_type
from services.ocr.sheet import Sheet


class OpenedFile(Protocol):
    """What the adapters give: a count, and one page at a time."""

    page_count: int

    def sheet(self, number: int) -> Sheet:
        """Page ``number``, counted from 1."""
        ...

    def close(self) -> None: ...


def open_file(path: Path, limits: Limits) -> tuple[OpenedFile, str]:
    """The opened file and its media type.

    Raises EmptyFile, TooLarge, NotADocument, DamagedFile, EncryptedPdf, NoPages, TooManyPages, TooManyPixels.
    """
    kind = media_type(path, limits)
    if kind == "application/pdf":
        return PdfFile(path, limits), kind
    return PictureFile(path, kind, limits), kind
