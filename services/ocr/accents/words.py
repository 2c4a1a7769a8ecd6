"""The words the language model counts: how text is cut and folded, the same at build time and at run time."""

from __future__ import annotations

import re

from services.vietnamese import fold_tone_placement, strip_marks

# Five words stand for what is not a word. A sentence's edge is BOUND; a number or a code is NUMBER; ACRONYM is one that
# is not frequent enough to be a word of its own.
BOUND, UNKNOWN, NUMBER, COMMA, ACRONYM = range(5)
SPECIAL = ("<s>", "<unk>", "<n>", "<,>", "<acr>")

# The letters of a Vietnamese syllable without its marks: onset, rime.
SYLLABLE = re.compile(
    r"((?:b|ch?|d|gh?|gi(?=[aeiouy])|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?)"
    r"([aeiouy]{1,3}(?:ch?|m|ng?|nh|p|t)?)"
)

# A word, else a number or code with what hangs on it, else a comma, else a sentence's edge.
_PIECES = re.compile(r"[^\W\d_]+|\d(?:\S*[^\s.,;:!?)\]”\"’'»])?|,|[.;:!?…]+")


# A tone has two places only in a syllable that ends in its vowels: hoà or hòa, but always hoàn.
_OPEN_ENDS = frozenset("àáảãạèéẻẽẹỳýỷỹỵ")


def fold_word(word: str) -> str:
    """The form a word has in the lexicon: lower case, tone on the old-style vowel (hoà → hòa)."""
    low = word.lower()
    return fold_tone_placement(low) if low[-1:] in _OPEN_ENDS else low


_OLD_ENDS = re.compile(r"(?:[òóỏõọ][ae]|(?<!q)[ùúủũụ]y)(?![^\W\d_])")
_NEW_ENDS = re.compile(r"o[àáảãạèéẻẽẹ](?![^\W\d_])"), re.compile(r"(?<!q)u[ỳýỷỹỵ](?![^\W\d_])")
_NEW_STYLE = {
    old + new_first: first + marked
    for olds, news, first, new_first in (
        ("òóỏõọ", "àáảãạ", "o", "a"),
        ("òóỏõọ", "èéẻẽẹ", "o", "e"),
        ("ùúủũụ", "ỳýỷỹỵ", "u", "y"),
    )
    for old, marked in zip(olds, news, strict=True)
}


def in_new_style(word: str) -> str:
    """A lexicon word with its tone where the newer spelling puts it: hòa → hoà, thúy → thuý."""
    return word[:-2] + _NEW_STYLE.get(word[-2:], word[-2:])


def uses_new_style(text: str) -> bool:
    """Whether most words of ``text`` (NFC) that could be written either way follow the newer spelling."""
    low = text.lower()
    new = sum(len(pattern.findall(low)) for pattern in _NEW_ENDS)
    return new > len(_OLD_ENDS.findall(low))


def is_acronym(piece: str) -> bool:
    """Whether a piece is capitals that are no syllable: UBND, HĐND, but not TU or AN."""
    return piece.isupper() and 2 <= len(piece) <= 8 and SYLLABLE.fullmatch(strip_marks(piece).lower()) is None


def cut_words(line: str) -> list[str]:
    """``line`` (NFC) as lexicon words, acronyms in capitals; numbers, commas and edges as in ``SPECIAL``."""
    out = []
    for piece in _PIECES.findall(line):
        first = piece[0]
        if first.isalpha():
            out.append(piece if is_acronym(piece) else fold_word(piece))
        elif first == ",":
            out.append(SPECIAL[COMMA])
        elif first.isdigit():
            out.append(SPECIAL[NUMBER])
        elif not out or out[-1] != SPECIAL[BOUND]:
            out.append(SPECIAL[BOUND])
    return out
