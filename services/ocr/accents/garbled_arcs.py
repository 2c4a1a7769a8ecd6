"""Arcs for garbled pieces: each piece as one syllable, as two run together, or as half of one that was torn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.garble import LOWER, TITLE, Guess
from services.ocr.accents.lexicon import Model
from services.ocr.accents.pieces import EDGE, Pieces
from services.ocr.accents.words import SYLLABLE, UNKNOWN, fold_word
from services.vietnamese import strip_marks

Ints = NDArray[np.int64]

CHANNEL_WEIGHT = 0.9
CASE_WEIGHT = 0.5
_STRANGE = -9.0  # against leaving a piece that is no word as it stands …
_STRANGE_LETTER = -1.2  # … and for each of its letters
_FOREIGN = -3.0  # against a known word that is no syllable
_SIGNS = -5.0  # … if it has signs or digits among its letters
_SHORT = -2.0  # … for each letter it has less than five, if it is no syllable
_DOUBTFUL = -4.5  # a piece whose best single reading is worse than this may be torn or run together
_TORN = -9.0  # log-probability of a torn syllable: the pairs have too few to learn it
_TORN_LETTERS = 8  # of both halves of one syllable
_CUTS = 2  # places where a piece is cut in two, the best ones
_HALVES = 5  # readings of each half


@dataclass(slots=True)
class GarbledArcs:
    """Columns as in ``Arcs``. Node −1−i is new, where a piece is cut in two; ``inner_after[i]`` is the one before."""

    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    word: list[int] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    slot: list[int] = field(default_factory=list)
    inner_after: list[int] = field(default_factory=list)

    def add(self, guess: Guess, extra: float, nodes: tuple[int, int], span: tuple[int, int], slot: int) -> None:
        count = len(guess.words)
        self.start += [nodes[0]] * count
        self.end += [nodes[1]] * count
        self.word += guess.words.tolist()
        self.score += (CHANNEL_WEIGHT * (guess.scores + extra)).tolist()
        self.first += [span[0]] * count
        self.last += [span[1]] * count
        self.shape += guess.shapes.tolist()
        self.slot += [slot] * count


def garbled_arcs(pieces: Pieces, model: Model, places: Ints, slots: Sequence[int], node: Ints) -> GarbledArcs:
    """Arcs for the pieces in ``slots``. ``places``: piece of each slot; ``node``: node before each slot."""
    out = GarbledArcs()
    channel = model.channel
    texts = {slot: pieces.text[places[slot]] for slot in slots}
    single = _both_cases(model, list(texts.values()))
    best = {text: float(guess.scores.max()) if len(guess.scores) else -99.0 for text, guess in single.items()}
    for slot, text in texts.items():
        place, nodes = int(places[slot]), (int(node[slot]), int(node[slot]) + 1)
        guess = single[text]
        first = place == 0 or pieces.kind[place - 1] == EDGE or pieces.line[place - 1] != pieces.line[place]
        lexicon = model.lexicon
        case = np.where(guess.shapes == LOWER, lexicon.lower[guess.words], 0.0)
        if not first:
            case += np.where(guess.shapes == TITLE, lexicon.title[guess.words], 0.0)
        guess = guess._replace(scores=guess.scores + np.float32(CASE_WEIGHT / CHANNEL_WEIGHT) * case.astype(np.float32))
        out.add(guess, 0.0, nodes, (place, place), slot)
        _as_it_stands(out, text, model, nodes, place, slot)

    torn = [
        (slot, text + texts[slot + 1])
        for slot, text in texts.items()
        if slot + 1 in texts
        and int(places[slot + 1]) not in pieces.after_sign
        and len(text) + len(texts[slot + 1]) <= _TORN_LETTERS
        and (min(best[text], best[texts[slot + 1]]) < _DOUBTFUL or _is_scrap(text) or _is_scrap(texts[slot + 1]))
        and pieces.line[places[slot]] == pieces.line[places[slot + 1]]
        and pieces.start[places[slot]] + len(text) + 1 == pieces.start[places[slot + 1]]
    ]
    run_together = [(slot, text) for slot, text in texts.items() if best[text] < _DOUBTFUL and 4 <= len(text) <= 14]
    halves = {half for _, text in run_together for cut in range(2, len(text) - 1) for half in (text[:cut], text[cut:])}
    more = _both_cases(model, [*(text for _, text in torn), *sorted(halves)])
    for slot, text in torn:
        nodes = (int(node[slot]), int(node[slot]) + 2)
        out.add(more[text], max(channel.space_extra, _TORN), nodes, (int(places[slot]), int(places[slot + 1])), slot)
    for slot, text in run_together:
        _cut_in_two(out, text, more, channel.space_gone, int(node[slot]), int(places[slot]), slot)
    return out


def _is_scrap(text: str) -> bool:
    """Whether a piece is too little to be a syllable, like the halves of "tr inh" or "l ại"."""
    return len(text) <= 2 and SYLLABLE.fullmatch(strip_marks(text).lower()) is None


def _both_cases(model: Model, texts: Sequence[str]) -> dict[str, Guess]:
    """Guesses for each text, as small letters or as capitals by what it mostly has; short ones as both."""
    capital = {text: sum(map(str.isupper, text)) for text in texts}
    small = [text for text in texts if capital[text] * 2 <= len(text) or len(text) <= 2]
    large = [text for text in texts if capital[text] * 2 > len(text) or (capital[text] and len(text) <= 2)]
    channel = model.channel
    out = channel.guesses(small, capitals=False)
    for text, guess in channel.guesses(large, capitals=True).items():
        if text in out:
            both = out[text]
            out[text] = Guess(
                np.append(both.words, guess.words),
                np.append(both.shapes, guess.shapes),
                np.append(both.scores, guess.scores),
            )
        else:
            out[text] = guess
    return out


def _as_it_stands(out: GarbledArcs, text: str, model: Model, nodes: tuple[int, int], place: int, slot: int) -> None:
    number = model.lexicon.of(fold_word(text))
    strange = number == UNKNOWN
    score = _STRANGE + _STRANGE_LETTER * len(text) if strange else _FOREIGN
    if not text.isalpha():
        score += _SIGNS
    if not strange and SYLLABLE.fullmatch(model.lexicon.bare[number]) is None:
        score += _SHORT * max(0, 5 - len(text))
    keep = Guess(np.array([number]), np.array([-1]), np.array([score / CHANNEL_WEIGHT], np.float32))
    out.add(keep, 0.0, nodes, (place, place), slot)


def _cut_in_two(
    out: GarbledArcs, text: str, guesses: dict[str, Guess], gone: float, node: int, place: int, slot: int
) -> None:
    """Two syllables whose space was lost: the two best places to cut, the best readings of each half."""
    scored = []
    for cut in range(2, len(text) - 1):
        left, right = guesses[text[:cut]], guesses[text[cut:]]
        if len(left.scores) and len(right.scores):
            scored.append((float(left.scores.max() + right.scores.max()), cut))
    for _, cut in sorted(scored, reverse=True)[:_CUTS]:
        inner = -1 - len(out.inner_after)
        out.inner_after.append(node)
        for guess, ends, extra in (
            (guesses[text[:cut]], (node, inner), 0.0),
            (guesses[text[cut:]], (inner, node + 1), gone),
        ):
            top = np.argsort(-guess.scores)[:_HALVES]
            out.add(Guess(guess.words[top], guess.shapes[top], guess.scores[top]), extra, ends, (place, place), slot)
