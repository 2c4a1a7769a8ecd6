"""Numbers and days that a pen wrote into a printed line ("Số: ……/QĐ-UBND", "ngày …… tháng …… năm 2025").

A reader trained on print may read such digits, and be sure of it. What gives the pen away is its ink, blue between
black words, and that its digits neither stand on the line nor are all as high as the print around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.sheet import Picture
from services.vietnamese import strip_marks

_FILLED_IN = re.compile(r"\b(so|ngay|thang|nam|no)\b")
_BLUE = 24  # of 255, blue over red in a stroke; the colour noise of a JPEG around black print stays below
_BLUE_WORD = 0.5  # share of a stroke's pixels
_BLACK_WORD = 0.15
_MIN_LETTER_PX = 9  # smaller digits differ by rounding alone
# How far digits leave base line and height, in heights of a digit and beyond what the line's print does itself. Of
# print 99 of 100 stay below 0.05 on flat paper; half of what pens write is over 0.12.
_UNEVEN = 0.075
_LONGEST = 5  # digits of a document's number; longer ones are identities, accounts, telephones
_YEAR = re.compile(r"(?:19|20)\d\d\W*")
_OF_CAPITALS = (0.97, 1.03)  # the height of print's digits, in heights of its capitals


class Glyph(NamedTuple):
    """A connected piece of ink, in pixels of the line's crop."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def penned(level: Picture, grey: Picture, lines: Sequence[ReadLine]) -> list[Rect]:
    """Places of pen-written digits in lines that hold a number or a day. ``level`` has the page's colours."""
    found: list[Rect] = []
    for line in lines:
        if not _FILLED_IN.search(strip_marks(line.text).lower()) or not any(map(_has_digit, line.words)):
            continue
        top, bottom = _span(line.rect.top, line.rect.bottom, grey.shape[0], line.rect.height * 0.2)
        left, right = _span(line.rect.left, line.rect.right, grey.shape[1], line.rect.height * 0.3)
        ink = _ink(grey[top:bottom, left:right])
        if ink is None:
            continue
        words = [word for word in line.words if 0 < _leading_digits(word) <= _LONGEST]
        blue = _blue_words(level[top:bottom, left:right], ink, line.words, left) if level.ndim == 3 else {}
        apart = {word: uneven(ink, line.words, word, left) for word in words}
        # A printed year that stands as unevenly says that the paper is bent, not that a pen wrote.
        bent = any(_YEAR.fullmatch(word.text) and share > _UNEVEN for word, share in apart.items())
        found += [word.rect for word in words if blue.get(word) or (apart[word] > _UNEVEN and not bent)]
    return found


def _span(start: float, end: float, limit: int, margin: float) -> tuple[int, int]:
    return max(0, int(start - margin)), min(limit, int(end + margin) + 1)


def _leading_digits(word: ReadWord) -> int:
    digits = re.match(r"\d*", word.text.lstrip(".…:"))
    return len(digits.group()) if digits else 0


def _has_digit(word: ReadWord) -> bool:
    return any(c.isdigit() for c in word.text)


def _ink(crop: Picture) -> NDArray[np.bool_] | None:
    """Where the line's strokes are; None where there is hardly any difference of light."""
    if crop.size == 0 or int(crop.max()) - int(crop.min()) < 60:
        return None
    level, _ = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    made: NDArray[np.bool_] = crop <= level
    return made


def _blue_words(colours: Picture, ink: NDArray[np.bool_], words: Sequence[ReadWord], left: int) -> dict[ReadWord, bool]:
    """Digit words with a run of blue strokes, in a line that has black words too."""
    soft = cv2.blur(colours, (3, 3)).astype(np.int16)
    blue = ink & (soft[..., 2] - soft[..., 0] > _BLUE)
    shares = {word: _share(blue, ink, word, left) for word in words}
    if not any(share < _BLACK_WORD for word, share in shares.items() if len(word.text) > 1):
        return {}
    return {word: _head_share(blue, ink, word, left) > _BLUE_WORD for word in words if _has_digit(word)}


def _share(blue: NDArray[np.bool_], ink: NDArray[np.bool_], word: ReadWord, left: int, part: float = 1.0) -> float:
    start = max(0, int(word.rect.left - left))
    end = max(start + 1, int(word.rect.left + word.rect.width * part - left) + 1)
    strokes = int(ink[:, start:end].sum())
    return float(blue[:, start:end].sum()) / strokes if strokes else 0.0


def _head_share(blue: NDArray[np.bool_], ink: NDArray[np.bool_], word: ReadWord, left: int) -> float:
    """The share in the digits before a stroke: ``214/QĐ-UBND`` has only its number from the pen."""
    head = re.split(r"[/\-]", word.text)[0]
    return _share(blue, ink, word, left, max(0.1, len(head) / len(word.text)))


def uneven(ink: NDArray[np.bool_], words: Sequence[ReadWord], word: ReadWord, left: int) -> float:
    """How far a word's leading digits leave the line's base and height, in heights; 0 where it cannot be told."""
    glyphs = list(_glyphs(ink))
    inside: list[Glyph] = []
    others: list[Glyph] = []
    for glyph in glyphs:
        place = glyph.middle + left
        mine = word.rect.left - 2 <= place <= word.rect.right + 2
        (inside if mine else others).append(glyph)
    letters = [c for other in words if other is not word for c in other.text if c.isalnum()]
    measure = _measure(others, level=sum(c.isupper() or c.isdigit() for c in letters) > 0.7 * len(letters))
    if measure is None:
        return 0.0
    slope, base, high, spread = measure
    count = _leading_digits(word)
    tall = [glyph for glyph in inside if glyph.height > 0.6 * high]
    if not count or len(tall) < count or (len(tall) != len(word.text) and len(tall) - count > len(word.text)):
        return 0.0
    own = float(np.median([glyph.height for glyph in tall[:count]]))
    high = min(max(own, _OF_CAPITALS[0] * high), _OF_CAPITALS[1] * high)
    apart = []
    for glyph in tall[:count]:
        line = slope * glyph.middle + base
        if glyph.right - glyph.left > 1.15 * high:
            return 0.0  # digits that touch are not measured
        apart.append(max(abs(glyph.bottom - line), abs(glyph.top - (line - high))) / high)
    return max(0.0, float(np.mean(apart)) - 2 * spread)


def _glyphs(ink: NDArray[np.bool_]) -> Iterator[Glyph]:
    """Pieces of ink that could be letters, left to right."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    found = []
    for index in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[index])
        if area > 6 and height > 0.15 * ink.shape[0] and width < 3 * ink.shape[0]:
            found.append(Glyph(left, top, left + width, top + height))
    yield from sorted(found)


def _measure(glyphs: Sequence[Glyph], *, level: bool) -> tuple[float, float, float, float] | None:
    """The line's base (slope, offset), the height of its capitals and digits, and how far its print leaves the base.

    ``level``: capitals and digits only. None where too little tells.
    """
    if len(glyphs) < 4:
        return None
    heights = np.array([glyph.height for glyph in glyphs], float)
    bottoms = np.array([glyph.bottom for glyph in glyphs], float)
    middles = np.array([glyph.middle for glyph in glyphs])
    base = float(np.median(bottoms[heights > 0.5 * np.median(heights)]))
    near = (np.abs(bottoms - base) < 0.2 * np.median(heights)) & (heights > 0.5 * np.median(heights))
    if near.sum() < 4:
        return None
    slope, offset = 0.0, float(np.median(bottoms[near]))
    if near.sum() >= 6 and np.ptp(middles[near]) > 8 * np.median(heights):
        slope, offset = (float(v) for v in np.polyfit(middles[near], bottoms[near], 1))
    rise = slope * middles[near] + offset - np.array([g.top for g, used in zip(glyphs, near, strict=True) if used])
    small = float(np.percentile(rise, 30))
    upper = rise[(rise > 1.12 * small) & (rise < 1.75 * small)]
    if not level and len(upper) < 2:
        return None  # small letters alone do not say how high a digit is
    high = float(np.median(rise)) if level else float(np.median(upper))
    if high < _MIN_LETTER_PX:
        return None
    spread = float(np.mean(np.abs(bottoms[near] - (slope * middles[near] + offset)))) / high
    return slope, offset, high, spread
