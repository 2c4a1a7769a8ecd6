"""The body that issued a paper, as its head names it: over the number, or between the national title and the title."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.classify.fields.head_lines import ABOUT, BARE_NUMBER, NUMBER_LABEL, Printed, printed
from services.classify.layout import Row, Segment, Sheet
from services.classify.text import is_syllable
from services.classify.titles import is_motto
from services.ocr.model import Word

_HEADS = (
    "uy ban", "ubnd", "so ", "cong an", "chi cuc", "cuc ", "van phong", "phong ", "ban quan ly", "trung tam", "bo ",
    "toa an", "vien ", "truong ", "benh vien", "cong ty", "hoi dong", "bao hiem", "kho bac", "chi nhanh", "thue ",
    "tong cuc", "bo phan", "thanh tra", "ngan hang", "hoi ", "thu tuong", "chinh phu", "tram ", "doi ",
    "doanh nghiep", "hop tac xa", "mat tran", "doan ", "ban chi dao", "hat ", "tong cong ty", "so", "phong kham",
    "ban ",
)  # fmt: skip


_NO_AGENCY = re.compile(
    r"^(sao y|ban sao|mau |don |to khai|giay |tp ht|stt\b|phieu |thong bao|quyet dinh|bien (?!hoa)|hop dong|trich luc|"
    r"the bao hiem|so bao hiem|so ho |bang tot|chung chi|[a-z]{1,4}\d)|.*\b20\d\d\b"
)
# Lines that always begin a body, whatever stands above: a place called "… Quán" or "… Xã" does not run on into them.
_BEGINS = re.compile(
    r"(uy ban nhan dan|ubnd|bo phan|trung tam|cong an|phong [a-z]{2,}|so [a-z]{2,}|chi nhanh|hoi dong|van phong)\b"
)


_UNIT_END = re.compile(r"\b(tinh|thanh pho|huyen|xa|phuong)$")


def agency_over(left: Sequence[Segment], sheet: Sheet) -> tuple[Printed | None, Printed | None]:
    """Parent and issuing body: lines in capitals above the number, lines that begin no body carry the one above on."""
    groups: list[list[Segment]] = []
    previous: Segment | None = None
    for segment in left:
        text = segment.key
        if (
            NUMBER_LABEL.match(segment.text)
            or BARE_NUMBER.fullmatch(segment.text)
            or ABOUT.match(segment.text)
            or is_motto(text)
        ):
            if groups:
                break
            continue
        if segment.capitals < 0.7 or _too_short(segment, groups) or _NO_AGENCY.match(text):
            if groups and previous is not None and segment.top - previous.bottom > sheet.letter_px:
                break
            continue
        if previous is not None and segment.top - previous.bottom > 3.5 * sheet.letter_px and sheet.boxed:
            break
        starts = text.startswith(_HEADS)
        unfinished = (
            bool(groups)
            and re.search(
                r"\b(van phong|va|cua|cac|trung tam|chi nhanh|so|ban|tinh|thanh pho|huyen|xa|phuong)$|^phong$",
                " ".join(s.key for s in groups[-1]),
            )
            is not None
        )
        if unfinished and _BEGINS.match(text) and _UNIT_END.search(" ".join(s.key for s in groups[-1])):
            unfinished = False  # the place behind "XÃ" was not read
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
    parent = printed(_without_crumbs(groups[-2]), sheet) if len(groups) > 1 else None
    return parent, printed(_without_crumbs(groups[-1]), sheet)


def _too_short(line: Segment, groups: Sequence[object]) -> bool:
    """Crumbs; but "MỸ" alone on its line may end "HUYỆN CẨM"."""
    letters = line.key.replace(" ", "")
    return len(letters) < 3 and not (groups and len(letters) == 2 and is_syllable(letters) and line.confidence > _CRUMB)


_CRUMB = 0.9


def _without_crumbs(lines: Sequence[Segment]) -> list[Segment]:
    """The lines without what a stamp or a pen left at their ends: words read with doubt that are no syllables."""
    kept = []
    for line in lines:
        words = list(line.words)
        while len(words) > 1 and _is_crumb(words[-1]):
            words.pop()
        while len(words) > 1 and _is_crumb(words[0]):
            words.pop(0)
        kept.append(Segment(tuple(words), line.top, line.bottom))
    return kept


def _is_crumb(word: Word) -> bool:
    text = word.text.strip(".,-–’'")
    if text.isdigit():
        return False  # "XÃ HỐ NAI 3"
    lone = len(text) == 1 and text.isalpha() and not is_syllable(text)
    return lone or (word.confidence < _CRUMB and not (is_syllable(text) and text.isalpha() and len(text) > 1))


def agency_between(rows: Sequence[Row], title_row: int, sheet: Sheet) -> Printed | None:
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
            return printed(parts, sheet)
    return None
