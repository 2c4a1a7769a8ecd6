from __future__ import annotations

from pathlib import Path

import pytest

from services.ocr.accents import judge_text
from services.vietnamese import nfc, strip_marks
from tests.ocr.accents.test_garbled import SCAN
from tests.ocr.accents.test_stripped import LETTER
from tests.shared_data import SHARED, needs_shared

ENGLISH = (Path(__file__).resolve().parents[3] / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (LETTER, "good"),
        (strip_marks(LETTER), "stripped"),
        (SCAN, "garbled"),
        (ENGLISH, "other"),
        ("", "empty"),
        ("  \n\t\n", "empty"),
        ("— … —", "empty"),
        ("Kinh gui: Uy ban nhan dan tinh", "stripped"),
        ("HỌ VÀ TÊN: NGUYỄN VĂN AN", "good"),
        ("01 / 02 / 2024", "good"),
    ],
)
def test_the_state_of_a_text_layer(text: str, state: str) -> None:
    assert judge_text(text) == state


@needs_shared
def test_directives_are_judged_right() -> None:
    assert SHARED is not None
    texts = [nfc((SHARED / "seeds_text" / f"directive_{number}.txt").read_text("utf-8")) for number in range(5)]
    assert [judge_text(text) for text in texts] == ["good", "good", "good", "good", "garbled"]
    assert {judge_text(strip_marks(text)) for text in texts[:4]} == {"stripped"}
