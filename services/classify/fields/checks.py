"""Values against each other and against ink: what contradicts is lowered, what a pen wrote is never trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.catalogue import PaperType
from services.classify.codes import cccd_birth_year, cccd_sex, valid_cccd
from services.classify.fields.common import inked
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import key


def check(facts: Facts, sheets: Sequence[Sheet], paper: PaperType) -> None:
    """Numbers against the text: birth year and sex (DOMAIN §8.1); a paper is not issued before its owner's birth."""
    number = facts.fields["dinh_danh"]
    about_one = paper.head in ("card", "certificate", "extract")  # a form names several people
    if about_one and number is not None and valid_cccd(number.value) and paper.owner not in ("mother", "spouses"):
        born = facts.more.get("ngay_sinh")
        sex = facts.more.get("gioi_tinh")
        agree = clash = 0
        if born is not None and re.match(r"\d{4}", born.value) and _near(born, number, sheets):
            same = int(born.value[:4]) == cccd_birth_year(number.value)
            agree, clash = agree + same, clash + (not same)
        if sex is not None and key(sex.value) in ("nam", "nu") and _near(sex, number, sheets):
            same = key(sex.value) == key(cccd_sex(number.value))
            agree, clash = agree + same, clash + (not same)
        if clash:
            facts.conflicts.add("dinh_danh")
            facts.fields["dinh_danh"] = replace(number, confidence=min(number.confidence, 0.55))
        elif agree:
            facts.fields["dinh_danh"] = replace(number, confidence=min(0.99, number.confidence + 0.04 * agree))
    issued = facts.fields["ngay_cap"]
    born = facts.more.get("ngay_sinh")
    if issued is not None and born is not None and re.match(r"\d{4}-", born.value) and issued.value < born.value:
        facts.conflicts.add("ngay_cap")
        facts.fields["ngay_cap"] = replace(issued, confidence=min(issued.confidence, 0.4))
    until = facts.fields["thoi_han"]
    if until is not None and issued is not None and re.match(r"\d{4}-", until.value) and until.value < issued.value:
        facts.fields["thoi_han"] = replace(until, confidence=min(until.confidence, 0.4))


_TABLE_HEAD = re.compile(r"(stt|tt|so tt)\b.*\b(ho|ten)\b")
_REACH = 18  # letter heights between two values about the same person


def _near(one: Value, other: Value, sheets: Sequence[Sheet]) -> bool:
    """On one page and close enough to be about the same person."""
    if one.box is None or other.box is None:
        return one.page == other.page
    sheet = next(sheet for sheet in sheets if sheet.number == one.page)
    low, high = sorted((one.box.top, other.box.top))
    if any(low < row.box.top < high and _TABLE_HEAD.match(row.key) for row in sheet.rows):
        return False  # a list of other people begins between them
    return one.page == other.page and abs(one.box.top - other.box.top) < _REACH * sheet.letter_px


def handwriting(facts: Facts, sheets: Sequence[Sheet], head: Letterhead) -> None:
    """Values that stand where a pen wrote are shown to a person, whatever the reader made of them."""
    pages = {sheet.number: sheet.page for sheet in sheets}
    for name in ("so_ky_hieu", "ngay_cap"):
        value = facts.fields[name]
        if (
            value is not None
            and value.box is not None
            and value.confidence < 0.985
            and inked(pages[value.page], value.box)
        ):
            facts.fields[name] = replace(value, confidence=min(value.confidence, 0.5))
            facts.unread.setdefault(name, "handwritten")
