"""Persons and bodies named in running text: name, identity number, birth date, as contracts and certificates give them.

``Ông: NGUYỄN VĂN AN, sinh năm 1975, CCCD số 075075001234 …``: a name opens a person, the numbers and dates up to the
next name are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.codes import dates_in, ids_in, kind_of_id
from services.classify.fields.values import parse_name
from services.classify.layout import Row, union
from services.ocr.model import Box

_OPENS = re.compile(
    r"(?:^|(?<=[\s;:,.(]))(?:và\s+)?(?:(?:hộ\s+)?(?:ông|bà|anh|chị)\b(?:\s*[/(,]\s*(?:bà|ông)\)?)?|họ và tên(?:\s+(?:chồng|vợ|người\s+\S+(?:\s+\S+)?))?|họ tên|"
    r"họ, chữ đệm(?:,| và) tên(?:\s+\S+){0,3}?|tôi tên là|tên tôi là|tôi là|chúng tôi là|tên tổ chức|tên công ty|tên người sử dụng đất|tên người sử dụng|công dân)(?:\s*\(?\d{0,2}\)?)?\s*[:.]?\s*(?:là\s+)?(?:ông|bà)?\s*[:.]?\s*",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"sinh\s*(?:ngày|năm|\S{0,2}ày)?\s*[:.,]?\s*(?:ngày\s*)?((?:\d{1,2}[/.-]\d{1,2}[/.-])?(?:19|20)\d{2})|năm sinh\s*[:.]?\s*((?:19|20)\d{2})|ngày,? tháng,? năm sinh\s*[:.]?\s*(\d{1,2}/\d{1,2}/\d{4})|ngày sinh\s*[:.]?\s*(\d{1,2}/\d{1,2}/\d{4})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person or body as named. ``birth`` is ISO 8601, or a year alone."""

    name: str
    quality: float
    page: int
    box: Box
    confidence: float
    identifier: str | None = None
    identifier_box: Box | None = None
    identifier_page: int = 0
    birth: str | None = None
    heading: str = ""  # the words that opened the name, as a key


def people_in(rows: Sequence[tuple[int, Row]]) -> list[Person]:
    """Everyone named in these rows (page number, row), in order."""
    found: list[Person] = []
    for page, row in rows:
        text = row.text
        places = [match for match in _OPENS.finditer(text)]
        names = []
        for match in places:
            name = parse_name(text[match.end() :])
            if name is None and text[match.end() :].strip()[:7].lower().startswith("công ty"):
                name = parse_name(text[match.end() :].strip())
            if name is not None and name.quality >= 0.55:
                names.append((match.start(), name, match.group()))
        pieces = _pieces(text, [start for start, _, _ in names])
        _tell(found, pieces[0], page, row)
        for (_, name, opened), piece in zip(names, pieces[1:], strict=True):
            confidence = sum(word.confidence for word in row.words) / len(row.words)
            found.append(
                Person(
                    name.value,
                    name.quality,
                    page,
                    union(word.box for word in row.words),
                    confidence,
                    heading=opened.strip().lower(),
                )
            )
            _tell(found, piece, page, row)
    return found


def _pieces(text: str, starts: Sequence[int]) -> list[str]:
    edges = [0, *starts, len(text)]
    return [text[a:b] for a, b in zip(edges, edges[1:], strict=False)]


def _tell(found: list[Person], text: str, page: int, row: Row) -> None:
    """Gives the last person the number and birth date that stand in the text."""
    if not found:
        return
    last = found[-1]
    identifier, place, at = last.identifier, last.identifier_box, last.identifier_page
    if identifier is None:
        for number, _, _ in ids_in(text):
            if kind_of_id(number) in ("cccd", "cmnd", "mst"):
                identifier, place, at = number, row.box, page
                break
    birth = last.birth
    if birth is None and (match := _BORN.search(text)) is not None:
        told = next(group for group in match.groups() if group)
        days = dates_in(told)
        birth = days[0].iso if days else told[-4:]
    found[-1] = Person(
        last.name, last.quality, last.page, last.box, last.confidence, identifier, place, at, birth, last.heading
    )
