"""What a reader gives: lines of words, in pixels of the picture it was shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Rect(NamedTuple):
    """Left, top, right, bottom in pixels, not rounded."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre_y(self) -> float:
        return (self.top + self.bottom) / 2


class ReadWord(NamedTuple):
    """One word as one reader saw it; ``confidence`` from 0 to 1."""

    text: str
    rect: Rect
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line's words from left to right; ``rect`` is the line's own place, which may be larger than its words'."""

    words: tuple[ReadWord, ...]
    rect: Rect
    reader: str = field(default="")

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def around(rects: list[Rect]) -> Rect:
    """The smallest rectangle that holds them all."""
    return Rect(
        min(r.left for r in rects), min(r.top for r in rects), max(r.right for r in rects), max(r.bottom for r in rects)
    )
