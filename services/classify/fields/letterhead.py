"""The head of an administrative document by the geometry of NĐ 30/2020 (DOMAIN §7.2).

Left column: parent body, issuing body, "Số: …", "V/v …". Right column: national title, motto, "Địa danh, ngày …".
The columns are cut apart where the national title begins, whatever the reader made of the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.codes import DateFound, dates_in
from services.classify.layout import Row, Segment, Sheet, union
from services.classify.text import clean_leaders, key, ratio
from services.classify.titles import is_motto
from services.ocr.model import Box, Word

_ZONE = 0.5
_NUMBER_LABEL = re.compile(r"^\W{0,2}[Ss][ốôoóỐÔ06éÓÒòõổồ]{1,2}(?=[\s:.;,/\d]|$)[\s:.;,]*")
# A tax notice's number begins with letters and a dossier's number: LTB2575103-TK0012877/TB-CCT.
_NUMBER = re.compile(
    r"^(\d[\d.,]{0,6}\s?[a-zA-Z]?|[A-Z]{2,4}\d{5,}(?:\s?-\s?[A-Z]{0,3}\d+)?)\s*/\s*([0-9A-Za-zÀ-ỹĐđ&.]+(?:\s?[-–/]\s?[0-9A-Za-zÀ-ỹĐđ&.]+)*)"
)
_BARE_NUMBER = re.compile(r"\d{1,5}\s?/\s?[A-ZĐ][A-ZĐ0-9a-z]*\s?[-–][\w.\-– ]{2,24}")  # its "Số:" was not read
_ABOUT = re.compile(r"^\W{0,2}[Vv]\s?[/.]?\s?[vVyY]\b[\s:.]*(?:việc\s+)?")
_HEADS = (
    "uy ban", "ubnd", "so ", "cong an", "chi cuc", "cuc ", "van phong", "phong ", "ban quan ly", "trung tam", "bo ",
    "toa an", "vien ", "truong ", "benh vien", "cong ty", "hoi dong", "bao hiem", "kho bac", "chi nhanh", "thue ",
    "tong cuc", "bo phan", "thanh tra", "ngan hang", "hoi ", "thu tuong", "chinh phu", "tram ", "doi ",
    "doanh nghiep", "hop tac xa", "mat tran", "doan ", "ban chi dao", "hat ", "tong cong ty", "so", "phong kham",
    "ban ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """A text of the head with its place and the mean confidence of its words."""

    text: str
    box: Box
    confidence: float
    page: int


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
    parent, agency = _agency([s for s in left if id(s.words[0]) in begun], sheet) if motto else (None, None)
    if motto and agency is None and title_row is not None:
        agency = _between(rows, title_row, sheet)
    about = _about(left, rows, edge, sheet)
    return Letterhead(motto, parent, agency, number, symbol, blank, day, place, blank_day, about)


def _between(rows: Sequence[Row], title_row: int, sheet: Sheet) -> Printed | None:
    """A body named on a line of its own between the national title and the paper's title."""
    after = next((i for i, row in enumerate(rows) if any(is_motto(s.key) for s in row.segments)), None)
    if after is None:
        return None
    for position, row in enumerate(rows[after:], after):
        if row.index >= title_row:
            break
        first = row.segments[0]
        text = first.key
        if len(row.segments) > 1 or is_motto(text) or ":" in first.text or len(text) > 70 or _NO_AGENCY.match(text):
            continue
        if text.startswith(_HEADS) and not re.match(r"so \d", text) and len(text.split()) > 1:
            parts = [first]
            if position + 1 < len(rows) and rows[position + 1].index < title_row:
                below = rows[position + 1].segments[0]
                if re.match(r"(xa|phuong|thi tran|huyen|tinh|thanh pho)\b", below.key) and len(below.key) < 40:
                    parts.append(below)
            return _printed(parts, sheet)
    return None


def _over_motto(rows: Sequence[Row]) -> list[Segment]:
    """Lines above a centred national title."""
    over: list[Segment] = []
    for row in rows:
        if any(_motto_start(segment) is not None for segment in row.segments):
            break
        over += row.segments
    return over


def number_at(segments: Sequence[Segment]) -> bool:
    return any(_NUMBER_LABEL.match(segment.text) or _BARE_NUMBER.fullmatch(segment.text) for segment in segments)


def _right_column(rows: Sequence[Row]) -> float | None:
    """Where the column of the national title begins, in pixels; None where there is none."""
    for row in rows:
        for segment in row.segments:
            start = _motto_start(segment)
            if start is not None:
                return float(segment.words[start].box.left)
    return None


def _motto_start(segment: Segment) -> int | None:
    keys = [key(word.text) for word in segment.words]
    for index, word in enumerate(keys):
        rest = " ".join(keys[index : index + 8])
        if word[:2] in ("co", "ca", "cq", "ch", "c") and ratio("cong hoa xa hoi chu nghia viet nam", rest) > 0.8:
            return index
    if is_motto(segment.key):
        return 0
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
        start = _motto_start(segment)
        if start:
            return segment.split_at(start)
        day = re.search(r"\bngày\b|\bngay\b", segment.text)
        if edge is not None and (start == 0 or (day and not _NUMBER_LABEL.match(segment.text))):
            return None, segment
        return segment, None
    slack = 1.5 * sheet.letter_px
    start = _motto_start(segment)
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
        label = _NUMBER_LABEL.match(segment.text)
        if not label and not _BARE_NUMBER.fullmatch(segment.text):
            continue
        rest = segment.text[label.end() if label else 0 :].replace("Ð", "Đ").strip()
        match = _NUMBER.match(rest)
        if match and re.fullmatch(r"(19|20)\d{2}\b.*|.*[^\W\d].*", match.group(2)):
            number = re.sub(r"\s", "", match.group(1)).rstrip(".,")
            symbol = re.sub(r"\s", "", match.group(2)).strip(".,-–")
            words = _words_with_digits(segment.words)
            printed = Printed(f"{number}/{symbol}", union(w.box for w in words), _mean(words), sheet.number)
            return printed, symbol, None
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


def _mean(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)


_AFTER_DAY = 8  # signs behind the head's day; a sentence that begins with a day goes on
_BLANK_DAY = re.compile(
    r"ng[a-z]{0,2}y\W*(?:[a-z]{0,2}\W*)?th[a-z]{1,3}g\b.*n[a-z]{1,2}m?\s*(?:19|20)\d{2}|ng[a-z]{0,2}y\W*\d{1,2}\W*th[a-z]{1,3}g\W+n[a-z]{1,2}m?\s*(?:19|20)\d{2}"
)


def _day(segments: Sequence[Segment], sheet: Sheet) -> tuple[DateFound | None, Printed | None, Box | None]:
    for segment in segments:
        if (
            "ng" not in segment.key
            or " gio " in f" {segment.key} "
            or re.match(r"^(can cu|theo|xet|so chung thuc|quyen so|sinh)", segment.key)
        ):
            continue
        text = segment.text
        found = [
            one
            for one in dates_in(text)
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


_NO_AGENCY = re.compile(
    r"^(sao y|ban sao|mau |don |to khai|giay |tp ht|stt\b|phieu |thong bao|quyet dinh|bien |hop dong|trich luc|"
    r"[a-z]{1,4}\d)|.*\b20\d\d\b"
)


def _agency(left: Sequence[Segment], sheet: Sheet) -> tuple[Printed | None, Printed | None]:
    """Parent and issuing body: lines in capitals above the number, lines that begin no body carry the one above on."""
    groups: list[list[Segment]] = []
    previous: Segment | None = None
    for segment in left:
        text = segment.key
        if (
            _NUMBER_LABEL.match(segment.text)
            or _BARE_NUMBER.fullmatch(segment.text)
            or _ABOUT.match(segment.text)
            or is_motto(text)
        ):
            if groups:
                break
            continue
        if segment.capitals < 0.7 or len(text.replace(" ", "")) < 3 or _NO_AGENCY.match(text):
            if groups and previous is not None and segment.top - previous.bottom > sheet.letter_px:
                break
            continue
        if previous is not None and segment.top - previous.bottom > 3.5 * sheet.letter_px and sheet.boxed:
            break
        starts = text.startswith(_HEADS)
        unfinished = (
            bool(groups)
            and re.search(
                r"\b(van phong|va|cua|cac|trung tam|chi nhanh|so|ban|tinh|thanh pho|huyen|xa|phuong|quan)$|^phong$",
                " ".join(s.key for s in groups[-1]),
            )
            is not None
        )
        if not groups or (starts and not unfinished):
            if groups and not starts:
                groups[-1].append(segment)
            else:
                groups.append([segment])
        else:
            groups[-1].append(segment)
        previous = segment
    if not groups:
        return None, None
    parent = _printed(groups[-2], sheet) if len(groups) > 1 else None
    return parent, _printed(groups[-1], sheet)


def _printed(segments: Sequence[Segment], sheet: Sheet) -> Printed:
    text = clean_leaders(" ".join(segment.text for segment in segments)).strip(" .,-–—_*|~'`:")
    words = [word for segment in segments for word in segment.words]
    return Printed(text, union(segment.box for segment in segments), _mean(words), sheet.number)


def _about(left: Sequence[Segment], rows: Sequence[Row], edge: float | None, sheet: Sheet) -> Printed | None:
    """The abstract of a công văn: "V/v …" and the lines under it in the left column."""
    start = next((i for i, s in enumerate(left) if _ABOUT.match(s.text)), None)
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
    printed = _printed(parts, sheet)
    return Printed(_ABOUT.sub("", printed.text).strip(), printed.box, printed.confidence, printed.page)
