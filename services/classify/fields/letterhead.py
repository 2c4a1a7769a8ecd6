"""The head of an administrative document by the geometry of NĐ 30/2020 (DOMAIN §7.2).

Left column: parent body, issuing body, "Số: …", "V/v …". Right column: national title, motto, "Địa danh, ngày …".
The columns are cut apart where the national title begins, whatever the reader made of the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.codes import DateFound, dates_in
from services.classify.fields.head_body import agency_between, agency_over
from services.classify.fields.head_lines import (
    ABOUT,
    BARE_NUMBER,
    NUMBER_LABEL,
    Printed,
    mean,
    motto_start,
    printed,
)
from services.classify.layout import Row, Segment, Sheet, union
from services.classify.text import key
from services.classify.titles import is_motto
from services.ocr.model import Box, Word

_ZONE = 0.5
# A tax notice's number begins with letters and a dossier's number: LTB2575103-TK0012877/TB-CCT.
_NUMBER = re.compile(
    r"^(\d[\d.,]{0,6}\s?[a-zA-Z]?|[A-Z]{2,4}\d{5,}(?:\s?-\s?[A-Z]{0,3}\d+)?)\s*/\s*([0-9A-Za-zÀ-ỹĐđ&.]+(?:\s?[-–/]\s?[0-9A-Za-zÀ-ỹĐđ&.]+)*)"
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the head says. ``number`` is None where no digit stands there: see ``blank_number``."""

    motto: bool
    parent: Printed | None = None
    agency: Printed | None = None
    number: Printed | None = None
    symbol: str | None = None
    blank_number: Box | None = None
    day: DateFound | None = None
    day_place: Printed | None = None
    blank_day: Box | None = None
    about: Printed | None = None


def read_letterhead(sheet: Sheet, title_row: int | None = None) -> Letterhead:
    """The head of the paper that begins on this sheet; ``title_row`` is the index of the row where its title begins."""
    rows = [row for row in sheet.rows if row.top < _ZONE * sheet.height]
    edge = _right_column(rows)
    left: list[Segment] = []
    right: list[Segment] = []
    end = _head_end(rows)
    for row in rows[:end]:
        for segment in row.segments:
            one, other = _cut(segment, edge, sheet)
            if one:
                left.append(one)
            if other:
                right.append(other)
    motto = any(is_motto(segment.key) for segment in right)
    number, symbol, blank = _number(left + ([] if number_at(left) else right), sheet)
    title = next((row.top for row in rows if row.index == title_row), None)
    # Below the title a line that begins with a day is a sentence; only "Trảng Bom, ngày …" may still be the head's.
    dated = [s for s in right + left if title is None or s.top <= title or not s.key.startswith("ngay")]
    day, place, blank_day = _day(dated, sheet)
    over = [row for row in rows if title_row is None or row.index < title_row]
    begun = {id(segment.words[0]) for row in over for segment in row.segments}
    if sheet.boxed and edge is not None and edge < 0.36 * sheet.width:
        left = _over_motto(rows)  # a national title across the page: no columns below it
    parent, agency = agency_over([s for s in left if id(s.words[0]) in begun], sheet) if motto else (None, None)
    if motto and agency is None and title_row is not None:
        agency = agency_between(rows, title_row, sheet)
    about = _about(left, rows, edge, sheet)
    return Letterhead(motto, parent, agency, number, symbol, blank, day, place, blank_day, about)


def _over_motto(rows: Sequence[Row]) -> list[Segment]:
    """Lines above a centred national title."""
    over: list[Segment] = []
    for row in rows:
        if any(motto_start(segment) is not None for segment in row.segments):
            break
        over += row.segments
    return over


def number_at(segments: Sequence[Segment]) -> bool:
    return any(NUMBER_LABEL.match(segment.text) or BARE_NUMBER.fullmatch(segment.text) for segment in segments)


def _right_column(rows: Sequence[Row]) -> float | None:
    """Where the column of the national title begins, in pixels; None where there is none."""
    for row in rows:
        for segment in row.segments:
            start = motto_start(segment)
            if start is not None:
                return float(segment.words[start].box.left)
    return None


def _head_end(rows: Sequence[Row]) -> int:
    """The row after the head: the first "Kính gửi", "Căn cứ" or label row past the motto."""
    for index, row in enumerate(rows):
        if index and re.match(
            r"^(kinh gui|can cu |dieu 1|toi |ho va ten|ho chu dem|ho ten|hom nay|ong |ba |ben [ab]\b|cccd|cmnd|"
            r"chung toi)",
            row.key,
        ):
            return index
    return len(rows)


def _cut(segment: Segment, edge: float | None, sheet: Sheet) -> tuple[Segment | None, Segment | None]:
    """The segment's parts in the left and the right column."""
    if edge is None or not sheet.boxed:
        start = motto_start(segment)
        if start:
            return segment.split_at(start)
        day = re.search(r"\bngày\b|\bngay\b", segment.text)
        if edge is not None and (start == 0 or (day and not NUMBER_LABEL.match(segment.text))):
            return None, segment
        return segment, None
    slack = 1.5 * sheet.letter_px
    start = motto_start(segment)
    if start is not None:
        return (None, segment) if start == 0 else segment.split_at(start)
    if segment.box.left >= edge - 5 * slack and segment.box.left >= 0.33 * sheet.width:
        return None, segment
    if segment.box.right <= edge + slack:
        return segment, None
    best, place = 0.0, None
    for index in range(1, len(segment.words)):
        gap = segment.words[index].box.left - segment.words[index - 1].box.right
        middle = (segment.words[index].box.left + segment.words[index - 1].box.right) / 2
        if abs(middle - edge) < 0.16 * sheet.width and gap > best:
            best, place = float(gap), index
    if place is None or _spans(segment, sheet):
        return (segment, None) if segment.middle < 0.55 * sheet.width else (None, segment)
    return segment.split_at(place)


def _spans(segment: Segment, sheet: Sheet) -> bool:
    """A centred line of the full width (a title, a body line) belongs to no column."""
    return (
        is_motto(segment.key) is False
        and abs(segment.middle - sheet.width / 2) < 0.05 * sheet.width
        and "so" not in segment.key[:3]
    )


def _number(segments: Sequence[Segment], sheet: Sheet) -> tuple[Printed | None, str | None, Box | None]:
    for segment in segments:
        label = NUMBER_LABEL.match(segment.text)
        if not label and not BARE_NUMBER.fullmatch(segment.text):
            continue
        rest = segment.text[label.end() if label else 0 :].replace("Ð", "Đ").strip()
        match = _NUMBER.match(rest)
        if match and re.fullmatch(r"(19|20)\d{2}\b.*|.*[^\W\d].*", match.group(2)):
            number = re.sub(r"\s", "", match.group(1)).rstrip(".,")
            symbol = re.sub(r"\s", "", match.group(2)).strip(".,-–")
            words = _words_with_digits(segment.words)
            whole = Printed(f"{number}/{symbol}", union(w.box for w in words), mean(words), sheet.number)
            return whole, symbol, None
        if (tail := re.search(r"/\s*([0-9A-ZĐa-z&.]+(?:\s?[-–]\s?[0-9A-Za-zÀ-ỹĐđ&.]+)+)", rest)) is not None:
            return None, re.sub(r"\s", "", tail.group(1)), segment.box
        plain = re.match(r"^([0-9A-Z][0-9A-ZĐ.\-]{1,17})(?=\s|$|[,;])", rest)
        after = rest[plain.end() :].strip() if plain else ""
        if after and not re.match(r"(?i)(quyển|ngày|ký hiệu|mẫu|tờ)", after):
            plain = None
        if plain and any(c.isdigit() for c in plain.group(1)) and not re.fullmatch(r"\d{9}|\d{12}", plain.group(1)):
            # A symbol that lost its slash ("210BB-HĐ") is shown to a person.
            sure = segment.confidence * (0.4 if re.search(r"\d[A-ZĐ]+-", plain.group(1)) else 1.0)
            return Printed(plain.group(1).strip(".-"), segment.box, sure, sheet.number), None, None
        if not any(c.isdigit() for c in rest) and len(rest) < 12:
            return None, None, segment.box
    return None, None, None


def _words_with_digits(words: Sequence[Word]) -> list[Word]:
    """The words of a number: all but its label."""
    kept = [word for word in words[1:] if any(c.isalnum() for c in word.text)]
    return kept or list(words)


_AFTER_DAY = 8  # signs behind the head's day; a sentence that begins with a day goes on
_YEAR_BELOW = re.compile(r"\bn[ăa]m$", re.IGNORECASE)
_UNTIL = re.compile(r"\b(den|tu|het|truoc|cham nhat)( ngay)?$")  # a day of an end, not of the paper
_BLANK_DAY = re.compile(
    r"ng[a-z]{0,2}y\W*(?:[a-z]{0,2}\W*)?th[a-z]{1,3}g\b.*n[a-z]{1,2}m?\s*(?:19|20)\d{2}|ng[a-z]{0,2}y\W*\d{1,2}\W*th[a-z]{1,3}g\W+n[a-z]{1,2}m?\s*(?:19|20)\d{2}"
)


def _day(segments: Sequence[Segment], sheet: Sheet) -> tuple[DateFound | None, Printed | None, Box | None]:
    for segment, after in zip(segments, (*segments[1:], None), strict=False):
        if (
            "ng" not in segment.key
            or " gio " in f" {segment.key} "
            or re.match(r"^(can cu|theo|xet|so chung thuc|quyen so|sinh)", segment.key)
        ):
            continue
        text = segment.text
        if after is not None and _YEAR_BELOW.search(text) and re.fullmatch(r"(?:19|20)\d\d", after.text):
            text, segment = f"{text} {after.text}", Segment(segment.words + after.words, segment.top, after.bottom)
        found = [
            one
            for one in dates_in(text)
            if not _UNTIL.search(key(text[: one.start]))
            if (re.match(r"ng", key(text[one.start :])) and len(text) - one.end < _AFTER_DAY)
            or (
                len(text) - one.end < 4
                and ":" not in text[: one.start]
                and re.search(r"(^|^[a-z0-9 ]{2,24} )ngay$", key(text[: one.start]))
            )
        ]
        if found:
            return found[0], Printed(text, segment.box, segment.confidence, sheet.number), None
        if _BLANK_DAY.search(key(text).replace("/", " ")):
            return None, None, segment.box  # the head's own, and empty: no later day is the head's
    return None, None, None


def _about(left: Sequence[Segment], rows: Sequence[Row], edge: float | None, sheet: Sheet) -> Printed | None:
    """The abstract of a công văn: "V/v …" and the lines under it in the left column."""
    start = next((i for i, s in enumerate(left) if ABOUT.match(s.text)), None)
    if start is None:
        return None
    parts = [left[start]]
    for segment in left[start + 1 :]:
        if sheet.boxed and (
            segment.top - parts[-1].bottom > 1.3 * sheet.letter_px
            or (edge is not None and segment.box.right > edge + 0.1 * sheet.width)
        ):
            break
        if (
            segment.capitals > 0.8
            or segment.key.startswith(("kinh gui", "ngay"))
            or re.search(r"\bngay \d* ?thang\b", segment.key)
        ):
            break
        parts.append(segment)
        if len(parts) == 7:
            break
    whole = printed(parts, sheet)
    return Printed(ABOUT.sub("", whole.text).strip(), whole.box, whole.confidence, whole.page)
