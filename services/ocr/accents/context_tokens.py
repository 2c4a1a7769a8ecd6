"""How the context net sees a line: words with their key, their case, and what stands before them.

A *key* is a word stripped and in lower case; a *form* is one accented spelling of a key (lower case, one tone
placement). Numbers and words with digits are classes; keys that the net does not know fall into hashed buckets, so
that they still are some context to their neighbours.
"""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

WORD_RE = re.compile(r"(\w+)")
CASES = ("none", "lower", "capital", "upper", "mixed")
GAPS = ("space", "comma", "stop", "semicolon", "colon", "open", "close", "quote", "dash", "slash", "other")
NUMBERS = ("pad", "mask", "digit", "2 digits", "3 digits", "4 digits", "digits", "code")
BUCKETS = 1024

_GAP = {
    ",": "comma",
    ".": "stop",
    "!": "stop",
    "?": "stop",
    "…": "stop",
    ";": "semicolon",
    ":": "colon",
    "(": "open",
    "[": "open",
    "{": "open",
    ")": "close",
    "]": "close",
    "}": "close",
    '"': "quote",
    "'": "quote",
    "“": "quote",
    "”": "quote",
    "‘": "quote",
    "’": "quote",
    "«": "quote",
    "»": "quote",
    "-": "dash",
    "–": "dash",
    "—": "dash",
    "/": "slash",
}
_GAP_NUMBER = {char: GAPS.index(name) for char, name in _GAP.items()}


class Tokens(NamedTuple):
    """The words of a line and, for each, the text between it and the word before."""

    words: list[str]
    gaps: list[str]


def split(line: str) -> Tokens:
    r"""Words (``\w+``) of a line and the gap before each; what follows the last word tells the net nothing it needs."""
    parts = WORD_RE.split(line)
    return Tokens(parts[1::2], parts[0:-1:2])


def gap_of(gap: str) -> int:
    """Class of the text before a word: its strongest sign, a plain blank when there is none."""
    found = [_GAP_NUMBER.get(char, len(GAPS) - 1) for char in gap if not char.isspace()]
    # Of several signs the last opening one or the first other one says most; a quote or bracket is seldom alone.
    for name in ("open", "quote", "stop", "semicolon", "colon", "comma", "dash", "slash", "close"):
        if GAPS.index(name) in found:
            return GAPS.index(name)
    return found[0] if found else 0


def case_of(word: str) -> int:
    """Number in ``CASES``; one capital letter alone counts as a capital, not as upper case."""
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 0
    if not any(c.isupper() for c in letters):
        return 1
    if letters[0].isupper() and not any(c.isupper() for c in letters[1:]):
        return 2
    return 3 if all(c.isupper() for c in letters) else 4


def word_code(key: str) -> int:
    """Number of a key that has no row of its own: a class of numbers, or one of the hashed buckets."""
    if key.isdigit():
        return 1 + min(len(key), 5)
    if any(c.isdigit() for c in key) or "_" in key:
        return len(NUMBERS) - 1
    return len(NUMBERS) + zlib.crc32(key.encode()) % BUCKETS
