from __future__ import annotations

from pathlib import Path

from services.ocr.accents import repair_text
from services.vietnamese import nfc
from tests.shared_data import SHARED, needs_shared

ENGLISH = (Path(__file__).resolve().parents[3] / "LICENSE").read_text("utf-8")


def test_english_is_left_alone() -> None:
    assert repair_text(ENGLISH).changes == ()


def test_english_lines_in_a_vietnamese_page_are_left_alone() -> None:
    line = "The quick brown fox jumps over the lazy dog while everybody else is watching from behind the window"
    page = f"Giam doc So Noi vu chiu trach nhiem trien khai thuc hien quyet dinh nay.\n{line}\nUy ban nhan dan tinh."
    assert repair_text(page).text.split("\n")[1] == line


def test_french_is_left_alone() -> None:
    text = "Bonjour, nous sommes très heureux de vous présenter le résumé de la réunion qui a eu lieu à Paris hier soir"
    assert repair_text(text).text == text


@needs_shared
def test_right_directives_are_not_changed_at_all() -> None:
    assert SHARED is not None
    for number in range(4):
        right = nfc((SHARED / "seeds_text" / f"directive_{number}.txt").read_text("utf-8"))
        assert repair_text(right).changes == ()


def test_right_text_full_of_names_and_loans_is_not_changed() -> None:
    text = (
        "Ông Nguyễn Văn Bưởi (sinh năm 1950) gửi email tới Công ty TNHH Samsung Electronics Việt Nam.\n"
        "Sân bay Liên Khương cách Đà Lạt 28 km; Krông Pắc, Ea H'leo và Đắk R'lấp thuộc Tây Nguyên."
    )
    assert repair_text(text).text == text
