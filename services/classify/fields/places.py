"""The place of an issuing body whose name was printed without it: from another line of the same paper, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from services.classify.fields.head_lines import Printed
from services.classify.layout import Sheet
from services.classify.text import key

_UNITS = "xã|phường|thị trấn|huyện|quận|thành phố|thị xã|tỉnh"
_PLACE = rf"(?i:{_UNITS})[ ]+[\w' ]+"  # cut by ``_named`` where its capitals end
_PLACED = re.compile(r"\b(xa (?!hoi\b)|phuong |thi tran |thi xa |huyen |quan \d|tinh |thanh pho |khu vuc )")
_STARTS = re.compile(r"(tinh|thanh pho|huyen|quan|thi xa|xa|phuong|thi tran) [a-z0-9]")
# A look ahead: the name may run into the next committee's.
_COUNCIL = re.compile(rf"(?i:ủy ban nhân dân|uỷ ban nhân dân|ubnd)[ ]+(?=({_PLACE}))")
# Lines that name other committees: whom a paper is sent to, what it rests on, where somebody lives.
_OTHERS = re.compile(r"(kinh gui|can cu|xet|theo|noi nhan|noi (cu tru|thuong tru|sinh)|[-+*]|dieu \d|gui)\b")


def has_place(bare: str) -> bool:
    """Whether a body's name (a key) holds a place: "xã hội" is none."""
    return _PLACED.search(f"{bare} ") is not None


def starts_with_place(bare: str) -> bool:
    return _STARTS.match(bare) is not None


def lowest_place(text: str) -> str | None:
    """The last place of a row of places: "TỈNH ĐỒNG NAI HUYỆN TÂN PHÚ XÃ PHÚ AN" → "XÃ PHÚ AN"."""
    found = list(re.finditer(rf"\b(?i:{_UNITS})\b", text))
    return text[found[-1].start() :].strip() if found else None


def place_behind(agency: str, sheets: Sequence[Sheet]) -> str | None:
    """The place printed behind the body's full name on the first page, where it is always the same one."""
    words = r"\s+".join(re.escape(word) for word in agency.split())
    pattern = re.compile(rf"(?i:{words})\s+(?=({_PLACE}))")
    return _only(
        _named(match.group(1))
        for sheet in sheets[:1]
        for segment in sheet.segments
        for match in pattern.finditer(segment.text)
    )


def place_above(agency: str, parent: Printed | None) -> str | None:
    """The commune or district of the committee above it in the head; a province says nothing about a lower body."""
    if parent is None or not re.match(r"(uy ban nhan dan|ubnd|hdnd|hoi dong nhan dan)\b", key(parent.text)):
        return None
    place = re.search(r"\b(?i:xã|phường|thị trấn|huyện|quận|thị xã|thành phố)\s.+$", parent.text)
    return place.group() if place else None


def place_of_council(sheets: Sequence[Sheet]) -> str | None:
    """The place of "Ủy ban nhân dân xã …" where the first and the last page name no other."""
    pages = {sheet.number: sheet for sheet in (*sheets[:1], *sheets[-1:])}
    return _only(
        _named(match.group(1))
        for sheet in pages.values()
        for row in sheet.rows
        if not _OTHERS.match(row.key) and not re.match(r"\W*[-+*]", row.text)
        for match in _COUNCIL.finditer(row.text)
    )


def place_of_day(day: Printed | None, sheets: Sequence[Sheet]) -> str | None:
    """The place before the head's day ("Trảng Bom, ngày …") with the unit that the page puts before it."""
    if day is None:
        return None
    before = re.split(r",?\s*\bng[àa]y\b", day.text)[0].strip(" ,.")
    if re.fullmatch(_PLACE, before) and _named(before) == before:
        return before
    if not before or not all(word[0].isupper() or word.isdigit() for word in before.split()):
        return None
    pattern = re.compile(rf"\b(?i:xã|phường|thị trấn)[ ]+(?i:{re.escape(before)})\b[\w' ]*")
    places = [
        _named(match.group()) for sheet in sheets[:1] for row in sheet.rows for match in pattern.finditer(row.text)
    ]
    return _only(place for place in places if place and key(place).endswith(key(before)))


_VERBS = ("chung nhan", "chung thuc", "xac nhan", "quyet dinh", "thong bao", "de nghi", "bao cao", "cap cho")


def _named(place: str) -> str | None:
    """The unit and its name: the words behind the unit up to the first that no capital or digit begins."""
    words = place.split()
    size = 2 if key(" ".join(words[:2])) in ("thi tran", "thi xa", "thanh pho") else 1
    end = size
    while end < min(len(words), size + 4) and (words[end][0].isupper() or words[end].isdigit()):
        if key(" ".join(words[end : end + 2])) in _VERBS:
            break
        end += 1
    return " ".join(words[:end]) if end > size else None


def _only(found: Iterable[str | None]) -> str | None:
    """The one place named, however often; None where there are two."""
    places = {key(place): place for place in found if place}
    return next(iter(places.values())) if len(places) == 1 else None
