"""Persons and bodies named in running text: name, identity number, birth date, as contracts and certificates give them.

``Ông: NGUYỄN VĂN AN, sinh năm 1975, CCCD số 075075001234 …``: a name opens a person, the numbers and dates up to the
next name are theirs. Lines that run to the right edge are read on into the next, so that a name may break over two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.classify.codes import dates_in, ids_in, kind_of_id
from services.classify.fields.values import parse_name
from services.classify.layout import Row
from services.ocr.model import Box

_OPENS = re.compile(
    r"(?:^|(?<=[\s;:,.(–-]))(?:và\s+)?(?:(?:[Hh]ộ\s+)?(?:[Ôô]ng|ÔNG|[Bb]à|BÀ|[Aa]nh|[Cc]hị)\b(?:\s*[/(,|]\s*(?:[Bb]à|[Ôô]ng|BÀ)\)?)*|[Ôô]ng[lI1]Bà\b|"
    r"(?:[Hh]ọ và tên|HỌ VÀ TÊN|[Hh]ọ tên|[Hh]ọ,? chữ đệm(?:,| và)? tên)(?:\s+(?:người\s+)?[a-zà-ỹ]+){0,3}|[Tt]ôi "
    r"tên(?: là|(?=\s*:))|[Tt]ên tôi là|[Tt]ôi là|[Cc]húng tôi(?: là| gồm(?: có)?)?(?=\s*:)|[Cc]húng tôi là|"
    r"[Nn]gười (?:nộp|đăng ký|khai|đã chết|được cấp)(?=\s*:)|[Dd]o ông/bà|"
    r"[Tt]ên (?:tổ chức|công ty|đơn vị|doanh nghiệp)|[Tt]ên người sử dụng(?: đất)?|[Cc]ông dân|[Cc]ho phép|[Cc]ấp "
    r"cho|[Đđ]ối với(?=\s*:)|[Cc]on là|[Bb]ên [a-zà-ỹ ]{2,22}(?:\s*\([Bb]ên [AB]\))?(?=\s*:)|[Nn]gười (?:được )?ủy "
    r"quyền(?=\s*:))(?:\s*\(?\d{0,2}\)?)?\s*[:.]?\s*(?:là\s+)?(?:[Ôô]ng/?\(?[Bb]à\)?|[Ôô]ng|[Bb]à)?\s*[:.]?\s*"
)
_FIRM = re.compile(
    r"(?:Công ty|CÔNG TY|Doanh nghiệp tư nhân|DOANH NGHIỆP TƯ NHÂN|Hợp tác xã|HỢP TÁC XÃ|Chi nhánh [Cc]ông ty|Ngân "
    r"hàng|NGÂN HÀNG)\s+(?=\w)[^,;:.()\n]{4,90}"
)
_BORN = re.compile(
    r"sinh\s*(?:ngày|năm)?\s*[:.,]?\s*(?:ngày\s*)?((?:\d{1,2}[/.-]\d{1,2}[/.-])?(?:19|20)\d{2})|"
    r"năm sinh\s*[:.]?\s*((?:19|20)\d{2})|(?:ngày,? tháng,? năm sinh|ngày sinh|sinh "
    r"ngày)\s*[:.]?\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|ngày \d{1,2} tháng \d{1,2} năm \d{4})",
    re.IGNORECASE,
)


_BEHIND_FIRM = re.compile(r"[,\s]+(?:(?:MST|MSDN|mã số|địa chỉ|trụ sở|đại diện)\b|C[ỘÔO]NG H[ÒOÓ][AÀ] X[ÃA])")


@dataclass(frozen=True, slots=True)
class Person:
    """A person or body as named. ``birth`` is ISO 8601, or a year alone. ``heading`` opened the name."""

    name: str
    quality: float
    page: int
    box: Box
    confidence: float
    identifier: str | None = None
    identifier_box: Box | None = None
    identifier_page: int = 0
    birth: str | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """Rows as one text; ``starts`` holds where each row begins."""

    text: str
    starts: tuple[int, ...]
    rows: tuple[tuple[int, Row], ...]

    def row_at(self, place: int) -> tuple[int, Row]:
        index = max(i for i, start in enumerate(self.starts) if start <= place)
        return self.rows[index]


_ITEM = re.compile(r"\W*\d{1,2}[.)]\s")


def running_text(rows: Sequence[tuple[int, Row]]) -> _Text:
    """The rows' text;
    a row that reaches the right edge goes on into the next with a space unless that opens a numbered item, others end
    with a line feed.
    """
    edge = max((row.box.right for _, row in rows), default=0)
    begin = min((row.box.left for _, row in rows), default=0)
    text = ""
    starts = []
    for (_, row), after in zip(rows, (*rows[1:], None), strict=False):
        starts.append(len(text))
        full = row.box.right > edge - 0.12 * (edge - begin) and len(row.segments) == 1
        full = full and not (after is not None and _ITEM.match(after[1].text))
        text += row.text + (" " if full else "\n")
    return _Text(text, tuple(starts), tuple(rows))


def people_in(rows: Sequence[tuple[int, Row]]) -> list[Person]:
    """Everyone named in these rows (page number, row), in order."""
    if not rows:
        return []
    told = running_text(rows)
    found: list[tuple[int, Person]] = []
    for match in _OPENS.finditer(told.text):
        name = parse_name(told.text[match.end() : match.end() + 120].split("\n")[0])
        if name is not None and name.quality >= 0.55:
            found.append((match.start(), _person(told, match.end(), name.value, name.quality, match.group())))
    for match in _FIRM.finditer(told.text):
        if not any(abs(start - match.start()) < 60 and start <= match.start() for start, _ in found):
            found.append((match.start(), _person(told, match.start(), _firm_name(match.group()), 0.85, "")))
    if not found:
        return []
    found.sort(key=lambda one: one[0])
    ends = [start for start, _ in found[1:]] + [len(told.text)]
    return [_tell(person, told, start, end) for (start, person), end in zip(found, ends, strict=True)]


def _firm_name(text: str) -> str:
    """The name without what stands behind it, the national title of the right column before all."""
    return _BEHIND_FIRM.split(" ".join(text.split()))[0].rstrip(" .…·–-")


def _person(told: _Text, place: int, name: str, quality: float, heading: str) -> Person:
    page, row = told.row_at(place)
    words = row.words
    return Person(
        name,
        quality,
        page,
        row.box,
        sum(word.confidence for word in words) / len(words),
        heading=heading.strip().lower(),
    )


def _tell(person: Person, told: _Text, start: int, end: int) -> Person:
    """The person with the number and birth date that stand before the next name."""
    text = told.text[start:end]
    for number, place, _ in ids_in(text):
        if kind_of_id(number) in ("cccd", "cmnd", "mst"):
            page, row = told.row_at(start + place)
            person = replace(person, identifier=number, identifier_box=row.box, identifier_page=page)
            break
    if (match := _BORN.search(text)) is not None:
        told_date = next(group for group in match.groups() if group)
        days = dates_in(told_date)
        person = replace(person, birth=days[0].iso if days else told_date[-4:])
    return person
