from __future__ import annotations

from services.ocr.accents import Candidate, choose, language_score, score_line


def test_right_text_scores_above_stripped_and_noise() -> None:
    right = score_line("Căn cứ Luật Tổ chức chính quyền địa phương")
    others = ("Can cu Luat To chuc chinh quyen dia phuong", "Czn cq Lxat Tw chkc zhjnh", "xq~ 8zz| fhgj")
    assert all(right > score_line(other) + 3 for other in others)


def test_an_empty_line_scores_nothing() -> None:
    assert score_line("") == 0.0


def test_unknown_words_are_counted() -> None:
    score = language_score("Ủy ban nhân dân xqzwk")
    assert (score.words, score.known) == (5, 4)


def test_the_language_decides_where_readers_are_as_sure() -> None:
    slots = [
        [Candidate("Ủy", -0.1), Candidate("Úy", -0.1)],
        [Candidate("ban", -0.1)],
        [Candidate("nhãn", -0.1), Candidate("nhân", -0.1)],
        [Candidate("dan", -0.1), Candidate("dân", -0.1)],
    ]
    assert choose(slots) == (0, 0, 1, 1)


def test_a_reader_that_is_sure_overrules_the_language() -> None:
    slots = [[Candidate("ban", 0.0)], [Candidate("nhãn", 0.0), Candidate("nhân", -40.0)], [Candidate("dân", 0.0)]]
    assert choose(slots) == (0, 0, 0)


def test_candidates_of_several_words_and_of_none_can_be_chosen() -> None:
    slots = [
        [Candidate("Ủy ban", -1.0), Candidate("Ủybận", -1.0)],
        [Candidate("", -1.0), Candidate("ẹ", -1.0)],
        [Candidate("nhân dân tỉnh", -1.0), Candidate("nhãn dân tính", -1.0)],
    ]
    assert choose(slots) == (0, 0, 0)


def test_a_slot_without_candidates_has_no_choice() -> None:
    assert choose([[], [Candidate("dân", 0.0)]]) == (-1, 0)
    assert choose([]) == ()
