"""Either reader may be absent: the product reads with the other and says so; without any it says what to install."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ocr import errors, read_file
from services.ocr.children import parent as children
from services.ocr.recognising import detector, tesseract
from tests.ocr import drawing


@pytest.fixture(autouse=True)
def _own_nursery() -> Iterator[None]:
    """The nursery looks for readers when it starts."""
    children.stop()
    yield
    children.stop()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return drawing.jpeg(drawing.page(), tmp_path / "scan.jpg")


def _without_trueocr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package of that name without its networks stands before the installed one."""
    (tmp_path / "path" / "trueocr").mkdir(parents=True)
    (tmp_path / "path" / "trueocr" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "path")


def _without_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.skipif(not tesseract.available(), reason="tesseract with vie is not installed")
def test_without_trueocr_tesseract_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scan: Path) -> None:
    _without_trueocr(monkeypatch, tmp_path)
    reading = read_file(scan)
    assert reading.readers == ("tesseract",)
    missing = Counter(re.findall(r"\w+", " ".join(drawing.DECISION))) - Counter(re.findall(r"\w+", reading.text))
    assert missing.total() <= 2


@pytest.mark.skipif(not tesseract.available(), reason="tesseract with vie is not installed")
def test_without_trueocr_a_turned_page_is_still_turned_upright(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _without_trueocr(monkeypatch, tmp_path)
    image = drawing.page(drawing.DECISION * 3).rotate(90, expand=True)
    page = read_file(drawing.jpeg(image, tmp_path / "scan.jpg")).pages[0]
    assert page.rotation_deg == 90
    assert "chính quyền địa phương" in page.text


@pytest.mark.skipif(detector.models() is None, reason="trueocr is not installed")
def test_without_tesseract_the_networks_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scan: Path) -> None:
    _without_tesseract(monkeypatch, tmp_path)
    reading = read_file(scan)
    assert reading.readers == ("vie-lines", "trueocr")
    assert reading.text.splitlines() == list(drawing.DECISION)


def test_without_any_reader_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scan: Path
) -> None:
    _without_trueocr(monkeypatch, tmp_path)
    _without_tesseract(monkeypatch, tmp_path)
    with pytest.raises(errors.NoReader) as refused:
        read_file(scan)
    assert "tesseract-ocr-vie" in refused.value.vi
