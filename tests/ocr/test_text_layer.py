"""A PDF's own text: trusted where it is good Vietnamese, repaired where nothing else is there."""

from __future__ import annotations

from pathlib import Path

from services.ocr import read_file
from services.ocr.pages.text_layer import judge, lines_of, repaired
from services.ocr.sheet import LayerWord
from tests.ocr import drawing

_GOOD = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025 của Quốc hội"
_STRIPPED = "Can cu Luat To chuc chinh quyen dia phuong ngay 16 thang 6 nam 2025 cua Quoc hoi"


def _layer(text: str) -> list[LayerWord]:
    words, left = [], 100.0
    for word in text.split():
        words.append(LayerWord(word, left, 200.0, left + 14 * len(word), 230.0))
        left += 14 * len(word) + 10
    return words


def test_good_vietnamese_is_trusted() -> None:
    assert judge(_layer(_GOOD)) == "good"


def test_text_without_its_marks_is_not() -> None:
    assert judge(_layer(_STRIPPED)) == "stripped"


def test_no_letters_is_no_layer() -> None:
    assert judge(_layer("1 2 3 ...")) == "empty"


def test_words_of_one_line_stay_on_one_line() -> None:
    (line,) = lines_of(_layer(_GOOD))
    assert line.text == _GOOD


def test_repair_gives_marks_back_and_keeps_the_places() -> None:
    lines = lines_of(_layer(_STRIPPED))
    (line,) = repaired(lines)
    assert line.text == _GOOD
    assert [word.rect for word in line.words] == [word.rect for word in lines[0].words]


def test_a_drawn_page_in_another_language_is_left_as_it_is(tmp_path: Path) -> None:
    lines = ["This certificate was issued by the consulate", "and concerns the bearer of this passport"]
    page = read_file(drawing.drawn_pdf(lines, tmp_path / "letter.pdf")).pages[0]
    assert page.source == "text-layer"
    assert page.text.splitlines() == lines
