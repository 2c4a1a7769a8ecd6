"""A row of words as tokens: words cut at colons and dotted leaders, each with its share of the word's box."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from services.classify.layout import Row
from services.classify.text import key
from services.ocr.model import Box

_PIECES = re.compile(
    r"[.…·•_‥]{2,}|[:;]|(?<=[^\W\d])/(?=[^\W\d])|(?:(?!(?<=[^\W\d])/(?=[^\W\d]))[^:;.…·•_‥])+(?:[.·](?:(?!(?<=[^\W\d])/(?=[^\W\d]))[^:;.…·•_‥])+)*\.?|."
)
_LEADER = re.compile(r"^[.…·•_‥\-–—,'`~*|]+$")
_ITEM = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[a-zđ][.)]|[IVX]{1,4}[.)]|[-–+•*]|\(?\d{1,2}\))$")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a word: letters, a colon, or a leader. ``key`` is empty for colons and leaders."""

    text: str
    key: str
    box: Box
    confidence: float
    segment: int  # index of the segment within its row
    first: bool  # begins its segment

    @property
    def colon(self) -> bool:
        return self.text in (":", ";")

    @property
    def leader(self) -> bool:
        return not self.key and not self.colon


@lru_cache(maxsize=4096)
def tokens_of(row: Row) -> tuple[Token, ...]:
    """The row's words cut at colons and dotted leaders, each piece with its share of the word's box."""
    made = []
    for position, segment in enumerate(row.segments):
        first = True
        for word in segment.words:
            size = max(1, len(word.text))
            for match in _PIECES.finditer(word.text):
                piece = match.group()
                left = word.box.left + (word.box.right - word.box.left) * match.start() // size
                right = word.box.left + (word.box.right - word.box.left) * match.end() // size
                plain = "" if _LEADER.match(piece) else key(piece).replace(" ", "")
                made.append(
                    Token(
                        piece, plain, Box(left, word.box.top, right, word.box.bottom), word.confidence, position, first
                    )
                )
                first = False
    return tuple(made)


def is_item(text: str) -> bool:
    """Whether a piece is the number or the dash of a list's item."""
    return _ITEM.match(text) is not None
