"""A page's words → rows of segments by geometry, whatever order the reader gave them in.

A *segment* is a run of words with no wide gap, a *row* all segments on one height. The letterhead of Vietnamese papers
has two columns and forms have labels side by side, so both views are needed. Slope is measured from the words
themselves, so a slanted page gives straight rows. A page that has only text (no boxes) gets rows from its lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median

from services.classify.text import clean_leaders, key, upper_share
from services.ocr.model import Box, Page, Word
from services.vietnamese import strip_marks

_WIDE_GAP = 2.0  # in letter heights: columns stand further apart than words of justified text
_TEXT_ROW_PX = 40  # made-up row height of pages that have only text
_TEXT_LETTER_PX = 16


@dataclass(frozen=True)
class Segment:
    """Words side by side with no wide gap between them. ``top``/``bottom`` have the page's slope taken out."""

    words: tuple[Word, ...]
    top: float
    bottom: float

    @cached_property
    def text(self) -> str:
        return clean_leaders(" ".join(word.text for word in self.words))

    @cached_property
    def key(self) -> str:
        return key(self.text)

    @cached_property
    def box(self) -> Box:
        return union(word.box for word in self.words)

    @cached_property
    def height(self) -> float:
        return float(median(word.box.bottom - word.box.top for word in self.words))

    @cached_property
    def confidence(self) -> float:
        return sum(word.confidence for word in self.words) / len(self.words)

    @cached_property
    def capitals(self) -> float:
        """Share of capital letters among the letters, 0 to 1."""
        return upper_share(self.text)

    @property
    def middle(self) -> float:
        return (self.box.left + self.box.right) / 2

    def split_at(self, index: int) -> tuple[Segment, Segment]:
        return Segment(self.words[:index], self.top, self.bottom), Segment(self.words[index:], self.top, self.bottom)


@dataclass(frozen=True)
class Row:
    """Segments on one height, left to right."""

    segments: tuple[Segment, ...]
    index: int = 0

    @cached_property
    def text(self) -> str:
        return "  ".join(segment.text for segment in self.segments)

    @cached_property
    def key(self) -> str:
        return key(self.text)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)

    @cached_property
    def box(self) -> Box:
        return union(segment.box for segment in self.segments)

    @property
    def top(self) -> float:
        return min(segment.top for segment in self.segments)

    @property
    def bottom(self) -> float:
        return max(segment.bottom for segment in self.segments)


@dataclass(frozen=True)
class Sheet:
    """One page as rows. ``boxed`` is False where positions are made up because the page has only text."""

    page: Page
    rows: tuple[Row, ...]
    letter_px: float
    boxed: bool = True
    width: float = 1.0
    height: float = 1.0
    inside: Box = field(default=Box(0, 0, 1, 1))

    @property
    def number(self) -> int:
        return self.page.number

    @cached_property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)

    @cached_property
    def key(self) -> str:
        return "\n".join(row.key for row in self.rows)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for row in self.rows for segment in row.segments)

    def without(self, dropped: Iterable[int]) -> Sheet:
        """The same sheet with the rows of these indices taken out."""
        gone = set(dropped)
        kept = tuple(row for row in self.rows if row.index not in gone)
        return Sheet(self.page, kept, self.letter_px, self.boxed, self.width, self.height, self.inside)


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them (at least one)."""
    found = list(boxes)
    return Box(
        min(box.left for box in found),
        min(box.top for box in found),
        max(box.right for box in found),
        max(box.bottom for box in found),
    )


def lay_out(page: Page) -> Sheet:
    """The page's words as rows from top to bottom."""
    words = [
        word
        for given in page.words
        if given.box.bottom > given.box.top and not _junk(word := _unglued(given)) and not _at_edge(word, page)
    ]
    boxed = bool(words)
    if not boxed:
        words = _words_of_text(page.text)
    if not words:
        return Sheet(page, (), 1.0, boxed, float(page.width_px or 1), float(page.height_px or 1))
    letter = (
        float(median(word.box.bottom - word.box.top for word in words if any(c.isalnum() for c in word.text)) or 1)
        if any(any(c.isalnum() for c in word.text) for word in words)
        else float(median(word.box.bottom - word.box.top for word in words))
    )
    slope = _slope(words) if boxed else 0.0
    rows = _rows(_segments(words, letter, slope), letter)
    sure = [word for word in words if word.confidence > 0.6 and len(word.text) > 1] or words
    inside = union(word.box for word in sure)
    width = float(page.width_px) if boxed and page.width_px else float(inside.right)
    height = float(page.height_px) if boxed and page.height_px else float(max(inside.bottom, 60 * _TEXT_ROW_PX))
    return Sheet(page, rows, letter, boxed, width, height, inside)


_LEADER_READ = re.compile(r"[0-9.,:;…·•_\-–—'`~|/\\rneHu]+")


_GLUED = re.compile(r"^(.*?[0-9A-Za-zÀ-ỹĐđ])(?:[.…·•_]{3,}|[.…·]{2,}$).*$")
_SYLLABLE = re.compile(r"(?:ngh?|[ckptg]h|nh|tr|qu|gi|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")
_GLUED_CONFIDENCE = 0.6  # a word that ran into its dotted leader: the reader's doubt is about the dots


def _unglued(word: Word) -> Word:
    """The word without the dotted leader it ran into; its confidence is no longer the leader's."""
    match = _GLUED.match(word.text)
    if match is None:
        return word
    head = match.group(1)
    right = word.box.left + (word.box.right - word.box.left) * len(head) // len(word.text)
    box = Box(word.box.left, word.box.top, max(right, word.box.left + 1), word.box.bottom)
    return Word(head, box, max(word.confidence, _GLUED_CONFIDENCE), word.line, word.block)


def _at_edge(word: Word, page: Page) -> bool:
    """A letter or two in the outermost 6 %: the scanner's edge or a frame."""
    middle = (word.box.left + word.box.right) / 2
    return len(word.text) <= 2 and page.width_px > 0 and not 0.06 < middle / page.width_px < 0.94


def _junk(word: Word) -> bool:
    """Crumbs of frames, pictures and dotted leaders: hardly recognised, or a row of like signs read with doubt."""
    text = word.text.strip()
    if not text or (word.confidence < 0.3 and not _SYLLABLE.fullmatch(strip_marks(text.strip(".,:;")).lower())):
        return True
    if word.confidence < 0.3 and len(text) < 3:
        return True
    if word.confidence < 0.6 and len(text) > 5 and _LEADER_READ.fullmatch(text):
        return len(set(text)) <= max(3, len(text) // 3)
    return False


def _words_of_text(text: str) -> list[Word]:
    """Words with made-up boxes: one row a line, letters of one width, wide runs of spaces kept as gaps."""
    words: list[Word] = []
    for number, line in enumerate(text.splitlines()):
        column = 0
        line = line.replace("\t", "        ")
        for token in line.split():
            column = line.index(token, column)
            left = column * _TEXT_LETTER_PX
            top = number * _TEXT_ROW_PX
            box = Box(left, top, left + len(token) * _TEXT_LETTER_PX, top + _TEXT_ROW_PX // 2)
            words.append(Word(token, box, 0.97, number, 0))
            column += len(token)
    return words


def _slope(words: Sequence[Word]) -> float:
    """Pixels down per pixel right, from the reader's own longer lines; 0 where there are none."""
    lines: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for word in words:
        lines[word.block, word.line].append(word)
    slopes = []
    for line in lines.values():
        first, last = line[0].box, line[-1].box
        run = (last.left + last.right) / 2 - (first.left + first.right) / 2
        if len(line) >= 4 and run > 10 * (first.bottom - first.top):
            slopes.append((last.bottom - first.bottom) / run)
    return float(median(slopes)) if len(slopes) >= 3 else 0.0


def _segments(words: Sequence[Word], letter: float, slope: float) -> list[Segment]:
    lines: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for word in words:
        lines[word.block, word.line].append(word)
    found = []
    for line in lines.values():
        line.sort(key=lambda word: word.box.left)
        run = [line[0]]
        for before, after in pairwise(line):
            if after.box.left - before.box.right > _WIDE_GAP * letter:
                found.append(_segment(run, slope))
                run = []
            run.append(after)
        found.append(_segment(run, slope))
    return found


def _segment(words: list[Word], slope: float) -> Segment:
    tops = [word.box.top - slope * (word.box.left + word.box.right) / 2 for word in words]
    bottoms = [word.box.bottom - slope * (word.box.left + word.box.right) / 2 for word in words]
    return Segment(tuple(words), float(median(tops)), float(median(bottoms)))


def _rows(segments: list[Segment], letter: float) -> tuple[Row, ...]:
    """Segments grouped where their middles are nearer than half a letter height."""
    groups: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.top + s.bottom) / 2):
        middle = (segment.top + segment.bottom) / 2
        if groups:
            last = groups[-1]
            at = sum((s.top + s.bottom) / 2 for s in last) / len(last)
            if middle - at < 0.55 * letter and not any(_overlap(segment, other) for other in last):
                last.append(segment)
                continue
        groups.append([segment])
    return tuple(Row(tuple(sorted(group, key=lambda s: s.box.left)), index) for index, group in enumerate(groups))


def _overlap(one: Segment, other: Segment) -> bool:
    shared = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
    return shared > 0.3 * min(one.box.right - one.box.left, other.box.right - other.box.left)
