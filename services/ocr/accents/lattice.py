"""Best path through many small word lattices at once, and how much better it is than the path without each word.

An *arc* is a word over a stretch of one sequence, from a node to a later node; every sequence begins and ends with a
single arc (a sentence's edge). Two exact Viterbi passes, both forward and backward: one with pairs of arcs, whose
max-marginals throw out what cannot matter, and one with triples of what is left. Both are the same algorithm: in the
second, the elements are the pairs and the nodes are the arcs. All sequences advance together, so the Python loop runs
once a position, not once a word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.language import Trigram

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_PRUNE = np.float32(9.0)


@dataclass(frozen=True, slots=True)
class Arcs:
    """Columns of equal length, ordered by ``level[start]``. ``level`` is per node and rises along every arc."""

    start: Ints
    end: Ints
    word: Ints
    score: Floats
    level: Ints
    sequence: Ints

    def only(self, keep: Ints) -> Arcs:
        """The chosen arcs, in the order given."""
        return Arcs(
            self.start[keep], self.end[keep], self.word[keep], self.score[keep], self.level, self.sequence[keep]
        )


@dataclass(frozen=True, slots=True)
class Solved:
    """``marginal[i]``: score of the best path through arc i; ``best[s]``: of sequence s; ``path``: its arcs."""

    marginal: Floats
    best: Floats
    path: Ints


class _Joined:
    """Which element follows which: ``left[i]`` ends at the node where ``right[i]`` starts; ordered by right element."""

    def __init__(self, start: Ints, end: Ints, level: Ints, nodes: int) -> None:
        by_end = np.argsort(end, kind="stable")
        ending = np.bincount(end, minlength=nodes)
        first = np.cumsum(ending) - ending
        fan_in = ending[start]
        self.right = np.repeat(np.arange(len(start)), fan_in)
        self.row = np.cumsum(fan_in) - fan_in
        rank = np.arange(len(self.right)) - np.repeat(self.row, fan_in)
        self.left = by_end[first[start][self.right] + rank]
        self.fan_in = fan_in
        # The same pairs ordered by (level of the node, left element), for the way back.
        self.back = np.lexsort((self.left, level[start[self.right]]))
        self.level_of_right = level[start]
        self.level_of_pair = level[start[self.right]]

    def sweep(self, unary: Floats, score: Floats) -> tuple[Floats, Floats]:
        """Best score from the beginning up to and with each element, and from after each element to the end."""
        highest = int(self.level_of_right.max()) + 1 if len(self.level_of_right) else 0
        marks = np.arange(highest + 1)
        element_cut = np.searchsorted(self.level_of_right, marks).tolist()
        pair_cut = np.searchsorted(self.level_of_pair, marks).tolist()
        ahead = unary.copy()
        left, row = self.left, self.row
        for level in range(1, highest):
            a, b, c, d = element_cut[level], element_cut[level + 1], pair_cut[level], pair_cut[level + 1]
            if a == b or c == d:
                continue
            ahead[a:b] += np.maximum.reduceat(ahead[left[c:d]] + score[c:d], row[a:b] - c)
        behind = np.zeros(len(unary), np.float32)
        b_left, b_right, b_score = left[self.back], self.right[self.back], score[self.back]
        b_score = b_score + unary[b_right]
        changes = np.append(True, b_left[1:] != b_left[:-1])[: len(b_left)]
        heads = np.flatnonzero(changes)
        owners = b_left[heads]
        head_cut = np.searchsorted(heads, pair_cut).tolist()
        for level in range(highest - 1, 0, -1):
            c, d, e, f = pair_cut[level], pair_cut[level + 1], head_cut[level], head_cut[level + 1]
            if e == f:
                continue
            behind[owners[e:f]] = np.maximum.reduceat(b_score[c:d] + behind[b_right[c:d]], heads[e:f] - c)
        return ahead, behind

    def follow(self, unary: Floats, score: Floats, behind: Floats) -> Ints:
        """The best successor of each element, −1 at the end."""
        nxt = np.full(len(unary), -1, np.int64)
        left, right = self.left[self.back], self.right[self.back]
        value = score[self.back] + unary[right] + behind[right]
        heads = np.flatnonzero(np.append(True, left[1:] != left[:-1])) if len(left) else np.zeros(0, np.int64)
        if len(heads):
            top = np.repeat(np.maximum.reduceat(value, heads), np.diff(np.append(heads, len(left))))
            hit = np.flatnonzero(value >= top)[::-1]
            nxt[left[hit]] = right[hit]
        return nxt


def solve(arcs: Arcs, model: Trigram, sequences: int) -> tuple[Solved, Ints]:
    """Solves every sequence that has arcs. The second value: which arcs were left after the first pass (indices)."""
    nodes = len(arcs.level)
    pairs = _Joined(arcs.start, arcs.end, arcs.level, nodes)
    two = model.after_one(arcs.word[pairs.left], arcs.word[pairs.right])
    ahead, behind = pairs.sweep(arcs.score, two)
    through = ahead + behind
    best = np.full(sequences, -np.inf, np.float32)
    np.maximum.at(best, arcs.sequence, through)
    kept = np.flatnonzero(through >= best[arcs.sequence] - _PRUNE)
    small = arcs.only(kept)

    place = np.full(len(arcs.word), -1, np.int64)
    place[kept] = np.arange(len(kept))
    alive = np.flatnonzero((place[pairs.left] >= 0) & (place[pairs.right] >= 0))
    left, right, two = place[pairs.left[alive]], place[pairs.right[alive]], two[alive]
    # A pair is an element that starts at the node "left arc" and ends at the node "right arc". The backoff of its two
    # words is due when a third follows; the first arc's own score belongs to pairs that begin a sequence.
    arc_level = small.level[small.start]
    order = np.argsort(arc_level[left], kind="stable")
    left, right, two = left[order], right[order], two[order]
    triples = _Joined(left, right, arc_level, len(kept))
    unary = small.score[right] + two
    opening = arc_level[left] == 0
    unary[opening] += small.score[left[opening]]
    word = small.word
    due, seen = model.context(word[left], word[right])
    three = due[triples.left]
    asked = np.flatnonzero(seen[triples.left])
    before, now = triples.left[asked], triples.right[asked]
    three[asked] += model.third(word[left[before]], word[left[now]], word[right[now]])
    ahead, behind = triples.sweep(unary, three)
    through = ahead + behind
    marginal = np.full(len(kept), -np.inf, np.float32)
    np.maximum.at(marginal, left, through)
    np.maximum.at(marginal, right, through)
    best = np.full(sequences, -np.inf, np.float32)
    np.maximum.at(best, small.sequence, marginal)

    following = triples.follow(unary, three, behind).tolist()
    path: list[int] = []
    pair_sequence = small.sequence[left]
    openings = np.flatnonzero(opening)
    openings = openings[np.lexsort((-through[openings], pair_sequence[openings]))]
    first_of: dict[int, int] = {}
    for pair, sequence in zip(openings.tolist(), pair_sequence[openings].tolist(), strict=True):
        first_of.setdefault(sequence, pair)
    to = right.tolist()
    for pair in first_of.values():
        path.append(int(left[pair]))
        while pair >= 0:
            path.append(to[pair])
            pair = following[pair]
    return Solved(marginal, best, np.array(path, np.int64)), kept
