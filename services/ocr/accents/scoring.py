"""How well a line reads as Vietnamese, and which of several readings of a line reads best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.ocr.accents.lattice import Arcs, solve
from services.ocr.accents.lexicon import Model, loaded_model
from services.ocr.accents.words import BOUND, SPECIAL, UNKNOWN, cut_words
from services.vietnamese import nfc

_LANGUAGE_WEIGHT = 1.0
_UNKNOWN_LETTER = -2.5  # for each letter of a word not in the lexicon, beside the unknown word's own score


class LanguageScore(NamedTuple):
    """``log_prob``: natural log of the whole; ``words``: how many were scored; ``known``: in the lexicon."""

    log_prob: float
    words: int
    known: int

    @property
    def per_word(self) -> float:
        return self.log_prob / max(self.words, 1)


class Candidate(NamedTuple):
    """One reading of a slot: its text (may be empty or hold spaces) and its reader's log-confidence."""

    text: str
    log_confidence: float


def language_score(text: str) -> LanguageScore:
    """Scores running text (one line or more). Raises ``ModelMissing``."""
    model = loaded_model()
    words = [word for line in nfc(text).splitlines() for word in cut_words(line)]
    if not words:
        return LanguageScore(0.0, 0, 0)
    numbers = np.array([BOUND, BOUND, *map(model.lexicon.any, words)])
    language = model.language
    two = language.after_one(numbers[1:-1], numbers[2:])
    taken, seen = language.context(numbers[:-2], numbers[1:-1])
    three = np.where(seen, taken + language.third(numbers[:-2], numbers[1:-1], numbers[2:]), 0)
    strange = [word for word in words if model.lexicon.any(word) == UNKNOWN]
    total = float(two.sum() + three.sum()) + _UNKNOWN_LETTER * sum(map(len, strange))
    scored = sum(word not in SPECIAL for word in words)
    return LanguageScore(total, scored, scored - len(strange))


def score_line(text: str) -> float:
    """Natural-log probability per word; about −3 for good office text, below −9 for noise, 0 for an empty line."""
    return language_score(text).per_word


def choose(slots: Sequence[Sequence[Candidate]], language_weight: float = _LANGUAGE_WEIGHT) -> tuple[int, ...]:
    """For each slot in reading order, the index of the candidate on the best path through the whole line.

    ``log_confidence`` is natural log; the language model's share is ``language_weight``. A slot without candidates
    answers −1. Raises ``ModelMissing``.
    """
    model = loaded_model()
    start: list[int] = [0]
    end: list[int] = [1]
    word: list[int] = [BOUND]
    score: list[float] = [0.0]
    owner: list[tuple[int, int]] = [(-1, -1)]
    level: list[int] = [0, 1]
    before = 1
    for at, slot in enumerate(slots):
        if not slot:
            continue
        readings = [_numbers(candidate.text, model) for candidate in slot]
        steps = max(len(numbers) for numbers, _ in readings)
        after = len(level)
        level.append(level[before] + steps)
        for index, (candidate, (numbers, strange)) in enumerate(zip(slot, readings, strict=True)):
            node = before
            for step, number in enumerate(numbers):
                last = step == len(numbers) - 1
                if not last:
                    level.append(level[node] + 1)
                target = after if last else len(level) - 1
                start.append(node)
                end.append(target)
                word.append(number)
                first = step == 0
                score.append(candidate.log_confidence / language_weight + strange if first else 0.0)
                owner.append((at, index) if first else (-1, -1))
                node = target
        before = after
    level.append(level[before] + 1)
    start.append(before)
    end.append(len(level) - 1)
    word.append(BOUND)
    score.append(0.0)
    owner.append((-1, -1))
    depth = np.array(level)
    order = np.argsort(depth[np.array(start)], kind="stable")
    arcs = Arcs(
        np.array(start)[order],
        np.array(end)[order],
        np.array(word)[order],
        np.array(score, np.float32)[order],
        depth,
        np.zeros(len(start), np.int64),
    )
    solved, kept = solve(arcs, model.language, 1)
    chosen = [-1] * len(slots)
    for arc in order[kept[solved.path]].tolist():
        at, index = owner[arc]
        if at >= 0:
            chosen[at] = index
    return tuple(chosen)


def _numbers(text: str, model: Model) -> tuple[list[int], float]:
    """Word numbers of a candidate (a comma-less nothing is an edge, so that every candidate is at least one arc)."""
    words = cut_words(nfc(text)) or [SPECIAL[BOUND]]
    strange = sum(_UNKNOWN_LETTER * len(word) for word in words if model.lexicon.any(word) == UNKNOWN)
    return [model.lexicon.any(word) for word in words], strange
