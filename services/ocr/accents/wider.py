"""A second opinion from wider context: the net of ``context.py``, asked about sequences the trigram is unsure of.

The trigram's own path, without its marks, is the text the net reads. For each word on it the net says how likely each
spelling of these letters is, given all the words around; that is weighed into the lattice, which is solved again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.context import ContextModel
from services.vietnamese import fold_tone_placement

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class Opinion(NamedTuple):
    """Log-probability ``score[i]`` that the word of arc ``arc[i]`` is the lexicon's word ``word[i]``."""

    arc: Ints
    word: Ints
    score: Floats


class Context:
    """The net, answering in the lexicon's word numbers."""

    def __init__(self, words: Sequence[str]) -> None:
        self._net = ContextModel.load()
        self._number = {fold_tone_placement(word): number for number, word in enumerate(words)}
        self._memo: dict[tuple[str, ...], Ints] = {}

    def weigh(self, lines: Sequence[str], places: dict[tuple[int, int], int]) -> Opinion:
        """``lines``: the draft, in order; ``places``: (line, start) of each word asked about → its arc."""
        index: list[int] = []
        words: list[Ints] = []
        scores: list[Floats] = []
        for number, row in enumerate(self._net.candidates(lines)):
            for word in row:
                asked = places.get((number, word.start))
                if asked is not None and len(word.forms) > 1:
                    known = self._memo.get(word.forms)
                    if known is None:
                        known = np.array([self._number.get(form, -1) for form in word.forms])
                        self._memo[word.forms] = known
                    index.append(asked)
                    words.append(known)
                    scores.append(word.log_probs)
        if not index:
            return Opinion(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        sizes = [len(known) for known in words]
        return Opinion(np.repeat(np.array(index), sizes), np.concatenate(words), np.concatenate(scores))
