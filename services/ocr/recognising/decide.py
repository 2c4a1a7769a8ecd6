"""Read twice, decide once: which word stands where the picture, the readers and the language disagree.

The line network's own frames say which other letters a word in doubt could hold; a second reader's line, matched by
geometry, adds its words. The language model then takes the best path over the whole line, where a reader's
confidence and the language both count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.recognising.recogniser import Frames, alphabet

_SURE = 0.985  # a letter at least this likely is not questioned
_SHARE = 0.004  # another letter is a candidate from this probability on
_MOST = 6  # candidates a word
_MIN_LOG = math.log(1e-4)
# The second reader's word enters at its own confidence less this: it is the weaker reader.
_SECOND_COST = 1.2
_LANGUAGE_WEIGHT = 0.45
# Signs that office papers hardly hold, and damage often looks like.
_RARE = frozenset("#~^_|\\`{}<>²³§€Øø$")
_RARE_COST = 2.5


class Option(NamedTuple):
    """A candidate for a word's place: natural-log confidence, and the word it would be."""

    log_confidence: float
    word: ReadWord


def options(frames: Frames, line: ReadLine, spans: Sequence[Sequence[tuple[int, int, int]]]) -> list[list[Option]]:
    """For each word of the best path, itself and what else its frames allow.

    ``spans`` holds, for each letter of each word, its class, first frame and last frame.
    """
    letters = alphabet()
    rare = np.array([0.0, *(_RARE_COST if letter in _RARE else 0.0 for letter in letters)], np.float32)
    made: list[list[Option]] = []
    for word, places in zip(line.words, spans, strict=True):
        beam: list[tuple[float, list[int]]] = [(0.0, [])]
        for index, first, last in places:
            row = frames.log_probs[first : last + 1].max(axis=0)
            own = float(row[index])
            if own >= math.log(_SURE):
                beam = [(score + own, [*path, index]) for score, path in beam]
                continue
            row = row - rare
            others = np.flatnonzero(row >= max(math.log(_SHARE), own - 6.0))
            grown = [
                (score + float(row[other]), [*path, int(other)])
                for score, path in beam
                for other in {*others.tolist(), index} - {0}
                if letters[int(other) - 1] != " "
            ]
            beam = sorted(grown, key=lambda item: -item[0])[:_MOST]
        seen: dict[str, float] = {}
        for score, path in beam:
            text = "".join(letters[index - 1] for index in path)
            seen[text] = max(seen.get(text, -math.inf), score)
        made.append([Option(max(score, 4 * _MIN_LOG), word._replace(text=text)) for text, score in seen.items()])
    return made


def spans_of(frames: Frames) -> list[list[tuple[int, int, int]]]:
    """Class, first and last frame of each letter on the best path, word by word."""
    space = alphabet().index(" ") + 1
    words: list[list[tuple[int, int, int]]] = [[]]
    previous = 0
    for frame, index in enumerate(frames.log_probs.argmax(axis=1).tolist()):
        if index and index != previous:
            if index == space:
                words.append([])
            else:
                words[-1].append((index, frame, frame))
        elif index and index != space and words[-1]:
            words[-1][-1] = (index, words[-1][-1][1], frame)
        previous = index
    return [word for word in words if word]


def with_second(slots: list[list[Option]], second: ReadLine) -> list[list[Option]]:
    """Adds the second reader's words to the places they stand over; words of theirs alone are left out."""
    for slot in slots:
        place = slot[0].word.rect
        here = [
            word
            for word in second.words
            if min(word.rect.right, place.right) - max(word.rect.left, place.left)
            > 0.6 * max(min(word.rect.width, place.width), 1.0)
        ]
        if not here or len(here) > 2:
            continue
        text = " ".join(word.text for word in here)
        confidence = max(min(word.confidence for word in here), 1e-3)
        cost = math.log(confidence) - _SECOND_COST
        known = next((i for i, option in enumerate(slot) if option.word.text == text), None)
        if known is not None:
            # Two independent readers agree: worth more than either says alone.
            slot[known] = Option(max(slot[known].log_confidence * 0.5, cost), slot[known].word)
        else:
            slot.append(Option(cost, slot[0].word._replace(text=text)))
    return slots


def decide(slots: Sequence[Sequence[Option]]) -> list[ReadWord]:
    """The words of one line. Without a language model on this machine, the readers' confidences alone decide."""
    chosen = _by_language(slots) if any(len(slot) > 1 for slot in slots) else None
    words: list[ReadWord] = []
    for number, slot in enumerate(slots):
        best = max(range(len(slot)), key=lambda i: slot[i].log_confidence)
        index = chosen[number] if chosen is not None and chosen[number] >= 0 else best
        # What the picture says for the chosen word, against all it allows, is how sure we are of it.
        top = max(option.log_confidence for option in slot)
        total = sum(math.exp(option.log_confidence - top) for option in slot)
        share = math.exp(slot[index].log_confidence - top) / total
        word = slot[index].word
        own = slot[0].word.confidence
        words.append(
            word._replace(confidence=round(min(own, share) if index == best else min(own, 0.5 + share / 2), 4))
        )
    return words


def load() -> None:
    """Loads the language model now, where there is one."""
    _by_language([[Option(0.0, ReadWord(text, Rect(0, 0, 1, 1), 1.0)) for text in ("xã", "xả")]])


def _by_language(slots: Sequence[Sequence[Option]]) -> tuple[int, ...] | None:
    try:
        from services.ocr.accents import Candidate, choose
        from services.ocr.accents.packed import ModelMissing
    except ImportError:
        return None
    try:
        return choose(
            [[Candidate(option.word.text, option.log_confidence) for option in slot] for slot in slots],
            language_weight=_LANGUAGE_WEIGHT,
        )
    except ModelMissing:
        return None
