"""Which type the printed title names. The title zone only: other papers' names stand in bodies everywhere.

Order of DOMAIN §10: the topmost title line that matches wins, at one line the longest title wins, and a line that
begins as a form (tờ khai, đơn, giấy đề nghị) can only be a form. A công văn has no title: "V/v" under the number and
"Kính gửi" take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.classify.catalogue import Catalogue, PaperType
from services.classify.layout import Segment, Sheet
from services.classify.text import key, prefix_ratio, ratio

_ZONE = 0.45  # of the page's height; a stamp or a receipt's head can push the title down from the usual third
_MATCH = 0.85
_MOTTO = (
    "cong hoa xa hoi chu nghia viet nam",
    "doc lap tu do hanh phuc",
    "socialist republic of viet nam",
    "independence freedom happiness",
)
_FORM_HEAD = re.compile(
    r"^(to khai|don(?! vi| gia| thuoc| dat hang)|giay de nghi|giay xin|phieu de nghi|phieu yeu cau cap|van ban de "
    r"nghi|ban dang ky|phieu khai|to trinh bay)\b"
)
_BODY = re.compile(
    r"^(kinh gui|can cu|so |toi |ho va ten|ho ten|ho chu dem|ngay |hom nay|dia chi|ong |ba |noi |dieu 1|v v |ve viec )"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A type found by rule. ``score`` 0 to 1 says how well the printed words fit."""

    code: str
    score: float
    how: str  # title, broad, form, symbol, letter
    title: str = ""
    top: float = 0.0
    rows: tuple[int, ...] = ()


def is_motto(text: str) -> bool:
    """Whether a segment's key is the national title or motto, as damaged as readers make it."""
    squeezed = text.replace(" ", "")
    return any(
        phrase.replace(" ", "") in squeezed or (len(squeezed) > 12 and ratio(phrase, text) > 0.72) for phrase in _MOTTO
    )


def title_lines(sheet: Sheet, zone: float = _ZONE) -> Iterator[tuple[Segment, int, list[Segment]]]:
    """Each line that could begin a title, its row, and the lines that could carry it on (itself first)."""
    rows = [row for row in sheet.rows if row.top < zone * sheet.height] or list(sheet.rows[:12])
    for position, row in enumerate(rows):
        for segment in row.segments:
            if not _could_begin(segment, sheet):
                continue
            chain = [segment]
            for later in rows[position + 1 : position + 5]:
                following = [s for s in later.segments if _under(segment, s, sheet)]
                if not following or later.top - chain[-1].bottom > 4 * sheet.letter_px or is_motto(following[0].key):
                    break
                if _BODY.match(following[0].key) and not following[0].key.startswith("ve viec"):
                    break
                chain.append(following[0])
            yield segment, row.index, chain


def _could_begin(segment: Segment, sheet: Sheet) -> bool:
    text = segment.key
    if len(text) < 3 or is_motto(text):
        return False
    large = segment.height > 1.25 * sheet.letter_px
    if _alone_in_the_middle(segment, sheet):
        return True
    return segment.capitals > 0.6 or (large and segment.capitals > 0.1) or _FORM_HEAD.match(text) is not None


def _alone_in_the_middle(segment: Segment, sheet: Sheet) -> bool:
    """A short centred line in small letters, as some offices print titles ("Giấy khai sinh"); items stand left."""
    return (
        sheet.boxed
        and 2 <= len(segment.words) <= 8
        and segment.text[:1].isupper()
        and not segment.text.rstrip().endswith((",", ";", ".", ":"))
        and abs(segment.middle - sheet.width / 2) < 0.07 * sheet.width
        and segment.box.left > 0.25 * sheet.width
        and segment.box.right < 0.75 * sheet.width
    )


def _under(above: Segment, below: Segment, sheet: Sheet) -> bool:
    if not sheet.boxed:
        return True
    shared = min(above.box.right, below.box.right) - max(above.box.left, below.box.left)
    return shared > 0.3 * min(above.box.right - above.box.left, below.box.right - below.box.left)


def find_title(sheet: Sheet, book: Catalogue) -> Named | None:
    """The type the title names, or None. ``how`` is ``broad`` where the words name only a kind of paper."""
    best: Named | None = None
    for segment, row, chain in title_lines(sheet):
        lines = [part.key for part in chain]
        found = _match(lines, book)
        if found is None:
            continue
        paper, score, how, used = found
        if (
            sheet.boxed
            and segment.middle < 0.36 * sheet.width
            and paper.head in ("official", "minutes")
            and how != "broad"
        ):
            score -= 0.06  # an agency's name or a note at the left, not a centred title
        named = Named(
            paper.code,
            score,
            how,
            " ".join(part.text for part in chain[:used]),
            segment.top,
            tuple(range(row, row + used)),
        )
        if best is None or _better(named, best):
            best = named
        if best.score > 0.95 and best.how != "broad":
            break
    return best


def _better(new: Named, old: Named) -> bool:
    if old.how == "broad" and new.how != "broad":
        return new.score >= old.score - 0.05 and old.code not in ("DON",)
    return new.score > old.score + 0.08


def _match(lines: Sequence[str], book: Catalogue) -> tuple[PaperType, float, str, int] | None:
    """Best type for these lines: the longest title that fits, form heads before all others."""
    whole = " ".join(lines)
    first = lines[0]
    form = _FORM_HEAD.match(first) is not None or (len(first) < 9 and _FORM_HEAD.match(whole) is not None)
    best: tuple[float, PaperType, float, str, str] | None = None
    for paper, title, how in book.title_index:
        if form and paper.head not in ("form", "other"):
            continue
        if title[0] != whole[0] and prefix_ratio(title[:6], whole[:7]) < 0.6:
            continue
        fit = prefix_ratio(title, whole)
        letters = len(title.replace(" ", ""))
        # "BÊN BÁN" is one slip from "BIÊN BẢN": short titles must be there letter for letter.
        needed = _MATCH if letters > 12 else 0.93 if letters > 9 else 0.99
        if paper.head == "other":
            needed = max(needed, 0.94)  # a known stranger must not swallow a damaged title of ours
        if fit < needed or (how == "broad" and not _whole_words(title, whole)):
            continue
        if any(
            _has(ruled_out, first if len(first) > len(title) else whole[: len(title) + 40])
            for ruled_out in paper.not_keys
        ):
            continue
        weight = fit * 3 + min(len(title), 60) / 60 - (0.5 if how == "broad" else 0.0)
        if best is None or weight > best[0]:
            best = (weight, paper, fit, how, title)
    if best is None:
        return None
    _, paper, fit, how, title = best
    return paper, fit, how, _lines_used(lines, title)


def _whole_words(title: str, whole: str) -> bool:
    return f"{whole} ".startswith(f"{title} ")


def _has(phrase: str, text: str) -> bool:
    return f" {phrase} " in f" {text} "


def _lines_used(lines: Sequence[str], title: str) -> int:
    """How many of the lines the title covers."""
    size = len(title.replace(" ", ""))
    covered = 0
    for count, line in enumerate(lines, 1):
        covered += len(line.replace(" ", ""))
        if covered >= size - 2:
            return count
    return len(lines)


# ---------------------------------------------------------------- papers without a title, and symbols

_LETTER_ABOUT = re.compile(r"^v\s?[/.]?\s?[vy]\b")


def find_letter(sheet: Sheet) -> float:
    """How surely the page is a công văn, 0 to 1: the number without a type, "V/v" under it at the left, "Kính gửi"."""
    top = [row for row in sheet.rows if row.top < 0.55 * sheet.height]
    about = addressed = False
    for row in top:
        for segment in row.segments:
            left = not sheet.boxed or segment.box.left < 0.45 * sheet.width
            about = about or (left and _LETTER_ABOUT.match(segment.key) is not None)
            addressed = addressed or segment.key.startswith(("kinh gui", "kinh gti", "kinh gii", "kinh giri"))
    head = any(is_motto(segment.key) for row in top for segment in row.segments)
    return (0.45 if about else 0.0) + (0.35 if addressed else 0.0) + (0.18 if head else 0.0)


def find_symbol(number: str | None, book: Catalogue) -> str | None:
    """The type a document number names: ``12/QĐ-UBND`` → QD. None where it names none of ours."""
    if not number:
        return None
    match = re.search(r"/\s?(?:\d{4}/)?([A-ZĐa-z]{2,4})-", number)
    if not match:
        return None
    for paper in book.types.values():
        if match.group(1) in paper.symbols or any(key(match.group(1)) == key(one) for one in paper.symbols):
            return paper.code
    return None


def cue_share(sheet_key: str, paper: PaperType) -> float:
    """Share of a type's cues met in the text, three or more counting as all."""
    if not paper.cues:
        return 0.0
    met = sum(cue in sheet_key for cue in paper.cues)
    return min(1.0, met / min(3, len(paper.cues)))
