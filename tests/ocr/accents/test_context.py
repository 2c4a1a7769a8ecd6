"""The net that restores accents from the words around."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pytest

from services.ocr.accents.context import WINDOW, ContextModel, Word
from services.vietnamese import fold_tone_placement, nfc, strip_marks
from tests.shared_data import SHARED, needs_shared

SENTENCES = [
    "Ủy ban nhân dân xã có trách nhiệm tiếp nhận hồ sơ và trả kết quả cho người dân.",
    "Giấy chứng nhận quyền sử dụng đất do cơ quan có thẩm quyền cấp.",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
]


@pytest.fixture(scope="module")
def net() -> ContextModel:
    return ContextModel.load()


def best(line: str, words: list[Word]) -> str:
    """The line in lower case with the likeliest form of every word."""
    parts, at = [], 0
    for word in words:
        said = word.forms[int(word.log_probs.argmax())] if word.forms else line[word.start : word.end].lower()
        parts += [line[at : word.start], said]
        at = word.end
    return "".join([*parts, line[at:]])


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_stripped_line_of_a_letter_gets_its_accents_back(net: ContextModel, sentence: str) -> None:
    stripped = strip_marks(sentence)
    (words,) = net.candidates([stripped])
    assert best(stripped, words) == fold_tone_placement(sentence.lower())


def test_the_other_end_of_the_sentence_decides(net: ContextModel) -> None:
    lines = ["Ong ay mua ban xe o to cu.", "Ong ay mua ban ghe moi."]
    rows = net.candidates(lines, joined=False)
    assert [best(line, row).split()[3] for line, row in zip(lines, rows, strict=True)] == ["bán", "bàn"]


def test_a_sentence_broken_over_two_lines_is_read_as_one(net: ContextModel) -> None:
    lines = ["UBND tinh giao So Tai", "chinh chu tri, phoi hop voi cac don vi"]
    first, second = net.candidates(lines)
    assert best(lines[0], first).endswith("sở tài")
    assert best(lines[1], second).startswith("chính chủ trì")


def test_the_probabilities_of_a_word_add_up_to_one(net: ContextModel) -> None:
    (words,) = net.candidates([strip_marks(SENTENCES[0])])
    assert all(np.isclose(np.exp(w.log_probs).sum(), 1.0, atol=1e-5) for w in words if w.forms)


def test_every_form_is_the_word_but_for_its_marks(net: ContextModel) -> None:
    line = strip_marks(" ".join(SENTENCES))
    (words,) = net.candidates([line])
    assert all(strip_marks(form) == line[w.start : w.end].lower() for w in words for form in w.forms)


def test_numbers_and_codes_have_no_choice(net: ContextModel) -> None:
    (words,) = net.candidates(["So 433 ngay 20/5/2025, mau 04A"])
    assert [bool(w.forms) for w in words] == [True, False, True, False, False, False, True, False]


def test_words_are_given_in_order_with_their_places(net: ContextModel) -> None:
    line = "  (Kinh gui):  - So Noi vu;"
    (words,) = net.candidates([line])
    assert [line[w.start : w.end] for w in words] == re.findall(r"\w+", line)


def test_a_word_that_kept_its_marks_keeps_them(net: ContextModel) -> None:
    line = "Ông Trần Văn Hạnh, cư trú tại xã Phú Lý"
    (words,) = net.candidates([line])
    assert best(line, words) == line.lower()


def test_a_line_by_itself_is_answered_the_same_whatever_lines_are_asked_with_it(net: ContextModel) -> None:
    line = strip_marks(SENTENCES[0])
    (alone,) = net.candidates([line], joined=False)
    among = net.candidates([strip_marks(s) for s in SENTENCES] + [line, line], joined=False)[-1]
    assert all(np.allclose(a.log_probs, b.log_probs, atol=1e-4) for a, b in zip(alone, among, strict=True))


def test_the_same_question_gets_the_same_answer_to_the_last_bit(net: ContextModel) -> None:
    lines = [strip_marks(s) for s in SENTENCES]
    first, again = net.candidates(lines), net.candidates(lines)
    assert all(
        np.array_equal(a.log_probs, b.log_probs)
        for x, y in zip(first, again, strict=True)
        for a, b in zip(x, y, strict=True)
    )


@pytest.mark.parametrize("repeats", [WINDOW // 18, WINDOW // 18 + 1, 30])
def test_a_line_longer_than_the_window_is_answered_to_its_end(net: ContextModel, repeats: int) -> None:
    text = " ".join([SENTENCES[0]] * repeats)
    line = strip_marks(text)
    (words,) = net.candidates([line])
    assert best(line, words) == text.lower()
    assert all(a.end <= b.start for a, b in pairwise(words))


def test_lines_without_words_have_no_words(net: ContextModel) -> None:
    assert net.candidates(["", " --- ", "…"]) == [[], [], []]
    assert net.candidates([]) == []


def test_text_in_letters_and_marks_apart_is_read_like_composed_text(net: ContextModel) -> None:
    (composed,) = net.candidates(["xã Phú Lý"])
    (apart,) = net.candidates([unicodedata.normalize("NFD", "xã Phú Lý")])
    assert [w[:3] for w in composed] == [w[:3] for w in apart]


@needs_shared
def test_stripped_directives_are_right_in_more_than_99_3_of_100_syllables(net: ContextModel) -> None:
    assert SHARED is not None
    right = total = 0
    for number in range(4):
        lines = nfc((SHARED / "seeds_text" / f"directive_{number}.txt").read_text(encoding="utf-8")).split("\n")
        stripped = [strip_marks(line) for line in lines]
        for line, bare, words in zip(lines, stripped, net.candidates(stripped), strict=True):
            truth = [fold_tone_placement(w) for w in re.findall(r"\w+", line.lower())]
            said = re.findall(r"\w+", best(bare, words))
            right += sum(a == b for a, b in zip(truth, said, strict=True))
            total += len(truth)
    assert right / total > 0.993
