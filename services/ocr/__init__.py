"""Bytes → pages → clean image → words → trustworthy Vietnamese text.

    read_file(path)           every page read, the file's signatures, who read it
    iter_pages(path)          the same page by page, with flat memory
    look_file(path)           quality only, at once: must this page be scanned again?
    render_page(path, 1)      the upright page for a screen
    write_archive_copy(…)     a searchable PDF/A-2b beside the original

Files are never trusted: they are opened in child processes under ``Limits``. A file that cannot be read raises one
of the errors in ``services.ocr.errors``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.ocr.reading import iter_pages, look_file, read_file, render_page, write_archive_copy

__all__ = ["iter_pages", "look_file", "read_file", "render_page", "write_archive_copy"]


def __getattr__(name: str) -> object:
    """Opens the door when it is used: ``model`` and ``accents`` alone need no OpenCV and no PDF library."""
    if name in __all__:
        return getattr(import_module("services.ocr.reading"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
