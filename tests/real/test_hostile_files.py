"""175 awkward, broken and malicious files from the test suites of well-known projects (origin: SOURCES.tsv there)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from services.limits import Limits
from services.ocr import read_file
from services.ocr.children.parent import Child
from services.ocr.errors import ReadError
from services.ocr.model import Reading
from tests.shared_data import SHARED, needs_shared

_FILES = sorted((SHARED / "hostile").iterdir()) if SHARED and (SHARED / "hostile").is_dir() else []
_CODES = {error.code for error in ReadError.__subclasses__()}
_LIMITS = Limits(max_pages=100, page_timeout_s=20.0, file_timeout_s=60.0)

pytestmark = needs_shared


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_a_hostile_file_ends_in_a_reading_or_a_typed_error(path: Path) -> None:
    began = time.monotonic()
    try:
        ended: Reading | ReadError = read_file(path, limits=_LIMITS)
    except ReadError as error:
        ended = error
    assert ended.pages if isinstance(ended, Reading) else ended.code in _CODES
    assert time.monotonic() - began < 60.0


def test_the_child_that_opened_it_is_gone_afterwards() -> None:
    bomb = next(path for path in _FILES if path.name == "OCRmyPDF__enormous.pdf")
    child = Child("look", bomb, _LIMITS)
    child.opened()
    scratch = child.scratch
    child.end()
    assert not scratch.exists()
