"""The measures of reading: text is NFC, ⟦…⟧ pieces (handwriting, stamps) are left out of the truth."""

from __future__ import annotations

import re
from collections import Counter

from rapidfuzz.distance import Levenshtein

from services.vietnamese import fold_tone_placement, nfc, strip_marks

_BRACKETED = re.compile(r"⟦[^⟧]*⟧")
_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-"})


def clean_truth(text: str) -> str:
    return _BRACKETED.sub(" ", nfc(text))


def words_of(text: str, *, accents: bool = True) -> Counter[str]:
    folded = fold_tone_placement(nfc(text)).lower()
    return Counter(_WORD.findall(folded if accents else strip_marks(folded)))


def lost_words(truth: str, read: str, *, accents: bool = True) -> tuple[int, int]:
    """(tokens of the truth not found in the output, tokens of the truth), order left out."""
    wanted = words_of(clean_truth(truth), accents=accents)
    missing = wanted - words_of(read, accents=accents)
    return missing.total(), wanted.total()


def _plain(text: str, *, accents: bool) -> str:
    flat = " ".join(fold_tone_placement(nfc(text)).translate(_QUOTES).split())
    return flat if accents else strip_marks(flat)


def letter_errors(truth: str, read: str, *, accents: bool = True) -> tuple[int, int]:
    """(edit distance over characters, characters of the truth)."""
    wanted = _plain(clean_truth(truth), accents=accents)
    return Levenshtein.distance(wanted, _plain(read, accents=accents)), len(wanted)
