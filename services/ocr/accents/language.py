"""The language model at run time: scores of words after the one or two before them, many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.packed import Table

Floats = NDArray[np.float32]
Words = NDArray[np.int64]
_BITS = np.int64(15)


class Trigram:
    """Natural-log scores from packed arrays (see ``learning/ngrams.py``). Word numbers are below 2¹⁵."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.p1: Floats = np.asarray(arrays["lm.p1"])
        self._bow1: Floats = np.asarray(arrays["lm.bow1"])
        self._two = Table(arrays["lm.cells2"], arrays["lm.shape2"])
        self._three = Table(arrays["lm.cells3"], arrays["lm.shape3"])
        self._bow = Table(arrays["lm.cells_bow"], arrays["lm.shape_bow"])
        # A missing key answers −1, which is the last entry of each book: 0.
        self._book2: Floats = np.asarray(arrays["lm.book2"])
        self._book3: Floats = np.asarray(arrays["lm.book3"])
        self._book_bow: Floats = np.asarray(arrays["lm.book_bow"])

    def after_one(self, first: Words, word: Words) -> Floats:
        """Log P(word | first), elementwise."""
        found = self._two.get(((first << _BITS) | word).view(np.uint64))
        return self.p1[word] + self._bow1[first] + self._book2[found]

    def context(self, first: Words, second: Words) -> tuple[Floats, NDArray[np.bool_]]:
        """What two words take from a word they were not seen with, and whether they were seen with any at all."""
        found = self._bow.get(((first << _BITS) | second).view(np.uint64))
        return self._book_bow[found], found >= 0

    def third(self, first: Words, second: Words, word: Words) -> Floats:
        """What is added to ``after_one(second, word)`` and the context's value for the three together.

        Ask only for contexts that were seen: it saves look-ups, and a wrong hit must then be wrong twice.
        """
        return self._book3[self._three.get(((((first << _BITS) | second) << _BITS) | word).view(np.uint64))]
