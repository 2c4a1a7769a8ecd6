"""A stack of pages → papers: where does a paper begin, which pages are blank backs or separator sheets.

A page begins a paper when it shows a beginning (national title, a title of the catalogue, "Trang 1/3") and nothing ties
it to the page before (its page number, the headings of later pages, a sentence running on).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.catalogue import Catalogue, PaperType
from services.classify.fields.signer import find_signers
from services.classify.layout import Sheet
from services.classify.text import ratio
from services.classify.titles import Named, find_letter, find_title, is_motto
from services.ocr.model import Page

_PAGE_OF = re.compile(r"(?:\btrang|\bpage|\bto so)\s*(?:so\s*)?(\d{1,3})\s*(?:/|tren|of|trong)?\s*(\d{1,3})?\b")
_ONLY_NUMBER = re.compile(r"^\W*(\d{1,3})\W*$")
_FRACTION = re.compile(r"^\W*(\d{1,3})\s*/\s*(\d{1,3})\W*$")
_SEPARATOR = re.compile(
    r"^(to|trang|phieu|giay)?\s*(phan cach|ngan cach|tach ho so|tach giay to|separator|patch t|patch code)\b"
)
_SEPARATOR_CODE = re.compile(r"^(?:PATCH\s?T?|SOHOA[-:]?(?:SEP|TACH)|SEPARATOR|TACH)", re.IGNORECASE)
_GOES_ON = re.compile(r"^(phu luc|dieu \d+|chuong|muc \d|loi chung|danh sach kem|[ivx]{1,4} |\d{1,2} |[a-z] |- )")
_LATER_HEADINGS = re.compile(
    r"^(phu luc|loi chung|nhung thay doi sau khi|danh muc kem|y kien cua|phan danh cho|xac nhan cua|ket qua kham|ii "
    r"|iii |iv )"
)
_ENDS_OPEN = re.compile(r"[a-zà-ỹđ,;–-]$")


@dataclass(frozen=True, slots=True)
class Part:
    """Pages ``first``..``last`` (indices into the sheets, inclusive) that are one paper."""

    first: int
    last: int


def split_pages(sheets: Sequence[Sheet], book: Catalogue) -> list[Part]:
    """The stack's papers in order. Blank pages at a paper's end and separator sheets belong to none."""
    parts: list[list[int]] = []
    forced = True
    kind: PaperType | None = None
    for index, sheet in enumerate(sheets):
        if is_separator(sheet):
            forced = True
            continue
        if is_blank(sheet):
            continue
        named = find_title(sheet, book)
        if forced or not parts or begins(sheet, sheets[parts[-1][-1]], named, kind, len(parts[-1])):
            parts.append([index])
            kind = book[named.code] if named else None
        else:
            parts[-1].append(index)
        forced = False
    return [Part(pages[0], pages[-1]) for pages in parts]


def is_blank(sheet: Sheet) -> bool:
    """No words worth reading and nothing drawn, coded or stamped."""
    page = sheet.page
    if page.codes or page.error:
        return False
    if page.quality.blank:
        return True
    letters = sum(c.isalnum() for row in sheet.rows for word in row.words for c in word.text if word.confidence > 0.3)
    return letters < 4 and not page.red_stamps and not page.handwriting and page.source != "text-layer"


def is_separator(sheet: Sheet) -> bool:
    """A sheet put between papers: a separator code, or hardly more than the word on it."""
    if any(_SEPARATOR_CODE.match(code.text.strip()) for code in sheet.page.codes):
        return True
    words = sum(len(row.words) for row in sheet.rows)
    return words < 25 and any(_SEPARATOR.match(segment.key) for segment in sheet.segments)


def begins(sheet: Sheet, before: Sheet, named: Named | None, kind: PaperType | None, pages_so_far: int) -> bool:
    """Whether a page is the first of a new paper."""
    number, total = page_number(sheet)
    _, earlier_total = page_number(before)
    earlier, _ = page_number(before)
    if number == 1 and total is not None:
        return True
    if number is not None and number > 1:
        tied = earlier == number - 1 or (earlier is None and pages_so_far >= number - 1)
        if tied and (total is None or earlier_total in (None, total)) and not (total is None and _strong(sheet, named)):
            return False
    if kind is not None and _is_later_page(sheet, kind):
        return False
    if _strong(sheet, named):
        return True
    if (
        named is not None
        and named.how == "title"
        and named.score > 0.93
        and kind is not None
        and named.code != kind.code
    ):
        return not _runs_on(sheet, before)
    if find_letter(sheet) >= 0.6:
        return True
    if _other_format(sheet, before) and (named is not None or _opens(sheet)):
        return True
    if _runs_on(sheet, before):
        return False
    if (
        kind is not None
        and kind.head == "card"
        and named is None
        and any(cue in sheet.key for cue in (*kind.cues, *kind.back_keys))
    ):
        return False  # a card's back
    return (_opens(sheet) and _ended(before)) or (number is None and _closed(before) and not _goes_on(sheet))


def _opens(sheet: Sheet) -> bool:
    """A heading of its own at the top: a line in capitals, centred or large, that later pages do not begin with."""
    for row in sheet.rows[:5]:
        if row.top > 0.3 * sheet.height:
            break
        for segment in row.segments:
            letters = sum(c.isalpha() for c in segment.text)
            if segment.capitals < 0.75 or letters < 6 or segment.confidence < 0.5 or _LATER.match(segment.key):
                continue
            centred = abs(segment.middle - sheet.width / 2) < 0.13 * sheet.width
            if (centred and len(row.segments) == 1) or segment.height > 1.3 * sheet.letter_px:
                return True
    return False


_LATER = re.compile(
    r"^(dieu |phu luc|chuong |muc |phan |[ivx]{1,4} |[a-z] |\d|loi chung|nhung thay doi|y kien|xac nhan|ket luan|"
    r"ket qua|"
    r"noi dung|danh muc|dac diem|so do|ghi chu|ben [ab]\b|nguoi |dai dien|cam doan|noi nhan|thanh phan|"
    r"quyet nghi|to chuc thuc hien|nhiem vu|giai phap|trach nhiem|kinh phi|tm |kt |chu tich|giam doc|stt)"
)


def _ended(sheet: Sheet) -> bool:
    """The page before came to its end: room left below its last line, or a signature."""
    rows = [row for row in sheet.rows if sum(len(word.text) for word in row.words if word.confidence > 0.5) > 5]
    if not rows or rows[-1].box.bottom < 0.84 * sheet.height:
        return True
    return bool(find_signers([sheet]))


def _closed(sheet: Sheet) -> bool:
    """The page before is plainly the last of its paper: signed, or the lower half of the page left empty."""
    rows = [row for row in sheet.rows if sum(len(word.text) for word in row.words if word.confidence > 0.5) > 5]
    return bool(rows) and (rows[-1].box.bottom < 0.6 * sheet.height or bool(find_signers([sheet])))


def _goes_on(sheet: Sheet) -> bool:
    """The page begins as later pages do: a numbered item, an article, an attestation, a signature's heading."""
    return any(_LATER.match(segment.key) or _GOES_ON.match(segment.key) for segment in sheet.segments[:2])


def _strong(sheet: Sheet, named: Named | None) -> bool:
    top = [segment for row in sheet.rows if row.top < 0.3 * sheet.height for segment in row.segments]
    motto = any(is_motto(segment.key) for segment in top)
    titled = named is not None and named.score > 0.88 and named.top < 0.3 * sheet.height
    return motto or (
        titled and named is not None and named.how == "title" and named.score > 0.95 and named.top < 0.2 * sheet.height
    )


def _is_later_page(sheet: Sheet, kind: PaperType) -> bool:
    """The page opens with a heading that later pages of this type have, or is a card's back."""
    top = list(sheet.segments[:10])
    if kind.back_keys and any(
        ratio(heading, segment.key[: len(heading) + 4]) > 0.85 for heading in kind.back_keys for segment in top
    ):
        return True
    if kind.code == "CCCD" and ("idvnm" in sheet.key.replace(" ", "") or "dac diem nhan dang" in sheet.key):
        return not re.search(r"date of birth|ho va ten|full name|ngay sinh", sheet.key)
    if any(is_motto(segment.key) for segment in top):
        return False
    return bool(top) and _LATER_HEADINGS.match(top[0].key) is not None


def _runs_on(sheet: Sheet, before: Sheet) -> bool:
    """The last line of the page before breaks off in a sentence and this page's first line goes on in small letters."""
    if not before.rows or not sheet.rows:
        return False
    lines = [row.text for row in before.rows if len(row.text) > 12]
    first = next((row.text for row in sheet.rows if not _ONLY_NUMBER.match(row.text)), "")
    return bool(lines) and _ENDS_OPEN.search(lines[-1].rstrip()) is not None and first[:1].islower()


def _other_format(sheet: Sheet, before: Sheet) -> bool:
    one, other = sheet.page, before.page
    if not (one.height_px and other.height_px and one.width_px and other.width_px):
        return False
    return abs(one.width_px / one.height_px - other.width_px / other.height_px) > 0.15


def page_number(sheet: Sheet) -> tuple[int | None, int | None]:
    """The page number printed at the top or the foot, and the total where it stands beside it."""
    rows = sheet.rows
    if not rows:
        return None, None
    edges = [*rows[:2], *rows[-3:]]
    for row in edges:
        text = row.key
        raw = row.text.strip()
        if (match := _FRACTION.match(raw)) is not None and 1 <= int(match.group(1)) <= int(match.group(2)) < 200:
            return int(match.group(1)), int(match.group(2))
        if len(raw) < 60 and (match := _PAGE_OF.search(text)) is not None:
            total = int(match.group(2)) if match.group(2) else None
            if total is None or total >= int(match.group(1)):
                return int(match.group(1)), total
    for row in rows[:1]:
        match = _ONLY_NUMBER.match(row.text)
        if match and 2 <= int(match.group(1)) < 60 and row.top < 0.12 * sheet.height:
            return int(match.group(1)), None
    return None, None


def reorder_one_sided(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Pages of a stack scanned fronts first, then turned over and scanned backs last-to-first: 1 3 5 6 4 2 → 1 … 6.

    On request only: nothing in the pages proves the order. With an odd count the last front has no back.
    """
    fronts = pages[: (len(pages) + 1) // 2]
    backs = list(reversed(pages[(len(pages) + 1) // 2 :]))
    ordered: list[Page] = []
    for index, front in enumerate(fronts):
        ordered.append(front)
        if index < len(backs):
            ordered.append(backs[index])
    return tuple(ordered)
