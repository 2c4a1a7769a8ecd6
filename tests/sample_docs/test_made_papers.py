"""The made-up papers for training and judging: what they promise to those who learn from them or are judged by them."""

from __future__ import annotations

import itertools
import re

import pytest

from bench.papers import codes, make, one, simulate, stack, wordings
from bench.papers.make import FONTS
from bench.papers.stack import SEPARATOR_CODE
from sample_docs.invented.mrz import check_digit
from sample_docs.painter.damage import HELD_OUT, KINDS, LEVELS
from sample_docs.painter.fonts import path_of

pytestmark = pytest.mark.skipif(
    not path_of("freeserif", "r").exists(), reason="the fonts of the papers are not installed"
)


def test_every_type_has_wordings_to_train_on_and_others_to_judge_by() -> None:
    assert len(codes("train")) == 52
    assert codes("train") == codes("judge")
    assert len({w.name for w in wordings()}) == len(wordings())


def test_train_and_judge_share_no_font_and_judge_has_damage_of_its_own() -> None:
    assert not {f for f, _ in FONTS["train"]} & {f for f, _ in FONTS["judge"]}
    for level, kinds in HELD_OUT.items():
        assert kinds
        assert not set(kinds) & set(KINDS[level])


def test_no_wording_of_judge_is_a_wording_of_train() -> None:
    bodies = {part: {w.body for w in wordings() if w.part == part} for part in ("train", "judge")}
    assert not bodies["train"] & bodies["judge"]


def test_the_same_seed_makes_the_same_papers() -> None:
    first, second = (list(make("train", 7, n=40)) for _ in range(2))
    assert [p.text for p in first] == [p.text for p in second]
    assert [p.fields for p in first] == [p.fields for p in second]
    assert [simulate(p).text for p in first] == [simulate(p).text for p in second]


def test_levels_come_equally_often() -> None:
    found = [p.level for p in make("judge", 3, per_type=4, strangers=0)]
    assert {level: found.count(level) for level in LEVELS} == dict.fromkeys(LEVELS, 52)


@pytest.mark.parametrize("part", ["train", "judge"])
def test_what_the_truth_says_stands_on_the_paper(part: str) -> None:
    for paper in make(part, 5, per_type=2):  # type: ignore[arg-type]
        text = re.sub(r"\s+", " ", paper.text).casefold()
        digits = re.sub(r"\D", "", text)
        for name in ("so_ky_hieu", "dinh_danh", "ma_ho_so"):
            value = paper.fields[name]
            if value and name not in paper.handwritten:
                spaced = value.casefold() in text
                assert spaced or re.sub(r"\D", "", value) in digits, (paper.wording, name, value)
        for name in ("chu_so_huu", "nguoi_ky"):
            value = paper.fields[name]
            assert not value or value.casefold() in text, (paper.wording, name, value)


def test_no_mark_of_the_wording_language_reaches_the_paper() -> None:
    for paper in itertools.chain(make("train", 9, per_type=2), make("judge", 9, per_type=2)):
        assert not re.search(r"[{}␣]|\[[^\]]*~", paper.text), paper.wording


def test_identity_numbers_agree_with_sex_and_birth_year_of_their_owner() -> None:
    seen = 0
    for paper in make("train", 2, per_type=3):
        for owner in paper.owners:
            if owner.identifier and len(owner.identifier) == 12 and owner.birth_date:
                seen += 1
                century, year = divmod(int(owner.birth_date[:4]), 100)
                assert int(owner.identifier[3]) // 2 == century - 19
                assert int(owner.identifier[4:6]) == year
    assert seen > 40


def test_cards_carry_a_machine_readable_zone_with_right_check_digits() -> None:
    card = one(next(w for w in wordings() if w.code == "CCCD"), 4)
    first, second, third = (row[0].text for page in (1,) for row in card.lines(page) if "<<" in row[0].text)
    assert len(first) == len(second) == len(third) == 30
    assert first[14] == check_digit(first[5:14])
    assert second[6] == check_digit(second[:6])
    assert second[29] == check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])


def test_strangers_belong_to_no_type_and_have_no_truth() -> None:
    strangers = [p for p in make("judge", 1, per_type=2, strangers=0.3) if p.code == "KHAC"]
    assert len(strangers) >= 20
    assert all(not p.owners and not any(p.fields.values()) for p in strangers)


def test_boundaries_of_a_stack_are_where_its_papers_lie() -> None:
    for seed in range(6):
        pile = stack("train", seed, papers=4, separators=seed % 2 == 0)
        for number, (first, last) in enumerate(pile.boundaries):
            kinds = [pile.pages[n - 1] for n in range(first, last + 1)]
            assert [p.paper for p in kinds] == [number] * pile.papers[number].page_count
        if seed % 2 == 0:
            codes_read = [c.text for page in simulate(pile, level="clean").pages for c in page.codes]
            assert codes_read.count(SEPARATOR_CODE) == 3


def test_an_odd_even_stack_is_put_right_by_its_own_order() -> None:
    pile = stack("judge", 8, papers=3, odd_even=True)
    right = [pile.pages[n - 1] for n in pile.right_order]
    for number, (first, last) in enumerate(pile.boundaries):
        assert [p.paper for p in right[first - 1 : last]] == [number] * (last - first + 1)
        assert [p.page for p in right[first - 1 : last]] == list(range(1, last - first + 2))
    assert pile.right_order != tuple(sorted(pile.right_order))


def test_images_come_at_the_asked_size_and_worn_ones_differ_from_clean() -> None:
    wording = next(w for w in wordings() if w.code == "QD")
    sizes = {one(wording, 1, level=level).image(1, dpi=100).size for level in LEVELS}
    assert sizes == {(827, 1169)}
    pictures = {one(wording, 1, level=level).image(1, dpi=60).tobytes() for level in LEVELS}
    assert len(pictures) == len(LEVELS)
