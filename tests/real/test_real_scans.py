"""Real government scans, transcribed word for word: the bounds of issue 3, and a long file with flat memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.measures import letter_errors, lost_words
from services.limits import Limits
from services.ocr import iter_pages, read_file
from services.ocr.recognising import detector
from tests.ocr import drawing
from tests.shared_data import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.skipif(detector.models() is None, reason="trueocr is not installed")]

_LONG = 40  # pages here; `python -m bench.reading --long 500` does the same with 500


def _truths(kind: str) -> list[tuple[Path, str]]:
    assert SHARED is not None
    rows = (SHARED / "scans" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(row) for row in rows]
    return [(SHARED / "scans" / row["file"], row["text"]) for row in found if kind in row["file"]]


def test_real_scans_are_read_within_the_bounds() -> None:
    lost = words = bare = wrong = letters = 0
    for path, truth in _truths("real_"):
        text = read_file(path).text
        missing, count = lost_words(truth, text)
        lost, words = lost + missing, words + count
        bare += lost_words(truth, text, accents=False)[0]
        errors, length = letter_errors(truth, text)
        wrong, letters = wrong + errors, letters + length
    assert lost / words <= 0.016
    assert bare / words <= 0.013
    assert wrong / letters <= 0.03


def test_rendered_scans_lose_hardly_a_word() -> None:
    lost = words = 0
    for path, truth in _truths("synth_")[::3]:
        missing, count = lost_words(truth, read_file(path).text)
        lost, words = lost + missing, words + count
    assert lost / words <= 0.003


def test_a_long_file_comes_in_order_with_flat_memory(tmp_path: Path) -> None:
    strip = drawing.page(drawing.DECISION[:2]).crop((0, 250, 1654, 600))
    long = drawing.scanned_pdf([strip] * _LONG, tmp_path / "long.pdf")
    numbers, held = [], []
    for page in iter_pages(long, limits=Limits(), jobs=2):
        numbers.append(page.number)
        held.append(_resident_mb())
    assert numbers == list(range(1, _LONG + 1))
    assert held[-1] - held[5] < 10


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
