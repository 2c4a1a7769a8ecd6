"""The measure of the accent tests: wrong syllables, line by line."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from services.vietnamese import fold_tone_placement

_TOKEN = re.compile(r"\w+")


def wrong_syllables(right: str, got: str) -> float:
    """Share of the right text's tokens that are wrong in ``got``: edit distance, lower case, hoá = hóa."""
    bad = count = 0
    for truth, out in zip(right.split("\n"), got.split("\n"), strict=True):
        a, b = (_TOKEN.findall(fold_tone_placement(text).lower()) for text in (truth, out))
        bad += Levenshtein.distance(a, b)
        count += len(a)
    return bad / max(count, 1)
