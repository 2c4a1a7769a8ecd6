"""Vietnamese letters: the few foldings every part compares text by.

Four questions, four functions: are these the same letters (``nfc``), the same letters but for marks
(``strip_marks``), the same words to a searcher (``fold``), the same words to a measure (``fold_tone_placement``)?
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")


def _unmarked(letter: str) -> str:
    if letter in "đĐ":
        return "d" if letter == "đ" else "D"
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))


# Latin-1, Latin Extended-A/B and Latin Extended Additional hold every precomposed Vietnamese letter.
_STRIP = {
    code: bare
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))
    if (bare := _unmarked(chr(code))) != chr(code)
}

# Two spellings of one syllable differ only in which vowel carries the tone: hòa/hoà, khỏe/khoẻ, thúy/thuý.
_PLACEMENT = {
    old: new
    for pair, toned in (("oa", "òóỏõọ àáảãạ"), ("oe", "òóỏõọ èéẻẽẹ"), ("uy", "ùúủũụ ỳýỷỹỵ"))
    for first, second in zip(*toned.split(), strict=True)
    for old, new in (
        (pair[0] + second, first + pair[1]),
        (pair[0].upper() + second, first.upper() + pair[1]),
        (pair[0].upper() + second.upper(), first.upper() + pair[1].upper()),
    )
}
_PLACEMENT_RE = re.compile("|".join(_PLACEMENT))


def nfc(text: str) -> str:
    """Composed form (NFC), the form all text has inside the product."""
    return unicodedata.normalize("NFC", text)


def storable(text: str) -> str:
    """The text as every record store takes it: no NUL (PostgreSQL knows none), no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def strip_marks(text: str) -> str:
    """The same letters without tone and vowel marks, đ → d; case and length of NFC text are kept."""
    return nfc(text).translate(_STRIP)


def fold(text: str) -> str:
    """What a search compares: no marks, lower case, single spaces."""
    return _SPACES.sub(" ", strip_marks(text)).strip().lower()


def fold_tone_placement(text: str) -> str:
    """One spelling for the two ways to place a tone (hoà → hòa, khoẻ → khỏe, thuý → thúy); ``quý`` stays."""
    return _PLACEMENT_RE.sub(_place, nfc(text))


def _place(match: re.Match[str]) -> str:
    found = match.group()
    before = match.string[match.start() - 1] if match.start() else ""
    # In "qu" the u belongs to the consonant, so "quý" has only one spelling.
    return found if found[0] in "uU" and before in ("q", "Q") else _PLACEMENT[found]
