"""A trigram with interpolated Kneser-Ney discounts, pruned to what decides between words and packed into tables.

The score of a word is additive: its unigram, plus what the word before changes, plus what the two before change. An
n-gram is kept for what it decides: its count times how far it moves the word among all words, and, much heavier,
among the words with the same letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.learning.fuse import build_table
from services.ocr.accents.words import UNKNOWN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_WORD_BITS = 15
_MASK = (1 << _WORD_BITS) - 1
_AMONG_ALL = 0.15  # weight of what an n-gram tells between words that differ in letters
_CODES = 63


@dataclass(frozen=True, slots=True)
class Budget:
    """How many n-grams to keep."""

    bigrams: int
    trigrams: int


def _discounts(counts: Ints) -> Floats:
    """Modified Kneser-Ney discounts for counts 1, 2 and 3+ (Chen & Goodman 1998); index by min(count, 3)."""
    n1, n2, n3, n4 = (max(int((counts == k).sum()), 1) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    return np.array([0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, max(3 - 4 * y * n4 / n3, 0.5)])


def _sums(groups: Ints, weights: Floats, size: int) -> Floats:
    return np.bincount(groups, weights, size).astype(np.float64)


def _find(keys: Ints, wanted: Ints) -> Ints:
    """Index of each wanted key among sorted ``keys``; −1 where absent."""
    at = np.searchsorted(keys, wanted)
    at[at == len(keys)] = 0
    return np.where(keys[at] == wanted, at, -1)


def _codebook(values: Floats, weights: Floats) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """64 levels for ``values`` (Lloyd's algorithm from quantiles) and each value's level."""
    levels = np.unique(np.quantile(values, np.linspace(0.001, 0.999, _CODES)))
    for _ in range(12):
        code = np.searchsorted((levels[1:] + levels[:-1]) / 2, values)
        total = np.bincount(code, weights, len(levels))
        levels = np.where(total > 0, np.bincount(code, weights * values, len(levels)) / np.maximum(total, 1e-9), levels)
        levels.sort()
    code = np.searchsorted((levels[1:] + levels[:-1]) / 2, values)
    book = np.zeros(_CODES + 2, np.float32)  # the last entry, 0, is for "not found"
    book[: len(levels)] = levels
    return book, code.astype(np.uint8)


def learn(ids: NDArray[np.int64], size: int, letters: Ints, budget: Budget) -> dict[str, NDArray[Any]]:
    """Packed arrays. ``ids``: text as word numbers below ``size``; ``letters[n]``: the group of word n's spellings."""
    trigrams, count3 = np.unique((ids[:-2] << 2 * _WORD_BITS) | (ids[1:-1] << _WORD_BITS) | ids[2:], return_counts=True)
    context3, tail3, word3 = trigrams >> _WORD_BITS, trigrams & ((1 << 2 * _WORD_BITS) - 1), trigrams & _MASK
    # Lower orders count in how many contexts a word was seen, not how often.
    bigrams, count2 = np.unique(tail3, return_counts=True)
    first2, word2 = bigrams >> _WORD_BITS, bigrams & _MASK
    count1 = np.bincount(word2, minlength=size)

    d1, d2, d3 = _discounts(count1), _discounts(count2), _discounts(count3)
    p1 = np.maximum(count1 - d1[np.minimum(count1, 3)], 0) / count1.sum()
    p1 += (1 - p1.sum()) / size
    total2 = _sums(first2, count2.astype(float), size)
    part2 = (count2 - d2[np.minimum(count2, 3)]) / total2[first2]
    spare2 = 1 - _sums(first2, part2, size)
    p2 = part2 + spare2[first2] * p1[word2]

    contexts, group3 = np.unique(context3, return_inverse=True)
    total3 = _sums(group3, count3.astype(float), len(contexts))
    part3 = (count3 - d3[np.minimum(count3, 3)]) / total3[group3]
    spare3 = 1 - _sums(group3, part3, len(contexts))
    bigram_of = _find(bigrams, tail3)
    p3 = part3 + spare3[group3] * p2[bigram_of]

    # The same among words of the same letters: probability of the letters under each order.
    n_letters = int(letters.max()) + 1
    l1 = _sums(letters, p1, n_letters)
    pair_keys, pair_of = np.unique(first2 * n_letters + letters[word2], return_inverse=True)
    l2 = _sums(pair_of, part2, len(pair_keys)) + spare2[pair_keys // n_letters] * l1[pair_keys % n_letters]
    triple_keys, triple_of = np.unique(group3 * n_letters + letters[word3], return_inverse=True)
    l3 = _sums(triple_of, part3, len(triple_keys))
    one = np.zeros(len(triple_keys), np.int64)
    one[triple_of] = np.arange(len(trigrams))
    l3 += spare3[group3[one]] * l2[pair_of[bigram_of[one]]]

    move2, move3 = np.log(p2 / (spare2[first2] * p1[word2])), np.log(p3 / (spare3[group3] * p2[bigram_of]))
    among2 = np.log(p2 / l2[pair_of]) - np.log(p1[word2] / l1[letters[word2]])
    among3 = np.log(p3 / l3[triple_of]) - np.log(p2[bigram_of] / l2[pair_of[bigram_of]])
    true_count2 = _sums(bigram_of, count3.astype(float), len(bigrams))
    worth2 = true_count2 * (np.abs(among2) + _AMONG_ALL * np.abs(move2))
    worth3 = count3 * (np.abs(among3) + _AMONG_ALL * np.abs(move3))
    worth2[(first2 == UNKNOWN) & (word2 == UNKNOWN)] = 0
    worth3[word3 == UNKNOWN] *= 0.1
    keep2 = _best(worth2, budget.bigrams)
    keep3 = _best(worth3, budget.trigrams)

    # What is pruned gives its share to the lower order.
    mass = 1 - _sums(first2[keep2], p2[keep2], size)
    bow2 = mass / np.maximum(1 - _sums(first2[keep2], p1[word2[keep2]], size), 1e-6)
    bow2 = np.log(np.clip(bow2, 1e-4, 4.0))
    kept2 = np.zeros(len(bigrams), np.bool_)
    kept2[keep2] = True
    # p2 as the pruned model gives it.
    q2 = np.where(kept2, p2, np.exp(bow2[first2]) * p1[word2])
    used, group = np.unique(group3[keep3], return_inverse=True)
    mass3 = 1 - _sums(group, p3[keep3], len(used))
    rest3 = 1 - _sums(group, q2[bigram_of[keep3]], len(used))
    bow3 = np.log(np.clip(mass3 / np.maximum(rest3, 1e-6), 1e-4, 4.0))

    delta2 = np.log(p2[keep2]) - bow2[first2[keep2]] - np.log(p1[word2[keep2]])
    delta3 = np.log(p3[keep3]) - bow3[group] - np.log(q2[bigram_of[keep3]])
    book2, code2 = _codebook(delta2, np.sqrt(worth2[keep2]))
    book3, code3 = _codebook(delta3, np.sqrt(worth3[keep3]))
    book_bow, code_bow = _codebook(bow3, np.ones(len(bow3)))
    cells2, shape2 = build_table(bigrams[keep2].astype(np.uint64), code2)
    cells3, shape3 = build_table(trigrams[keep3].astype(np.uint64), code3)
    cells_bow, shape_bow = build_table(contexts[used].astype(np.uint64), code_bow)
    return {
        "lm.p1": np.log(p1).astype(np.float32),
        "lm.bow1": bow2.astype(np.float32),
        "lm.cells2": cells2, "lm.shape2": shape2, "lm.book2": book2,
        "lm.cells3": cells3, "lm.shape3": shape3, "lm.book3": book3,
        "lm.cells_bow": cells_bow, "lm.shape_bow": shape_bow, "lm.book_bow": book_bow,
    }  # fmt: skip


def _best(worth: Floats, count: int) -> Ints:
    """Indices of the ``count`` worthiest, in key order (ties by key: the build is deterministic)."""
    order = np.argsort(-worth, kind="stable")[:count]
    order = order[worth[order] > 0]
    order.sort()
    return order
