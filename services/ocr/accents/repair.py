"""Gives a text its Vietnamese back: states, pieces, candidates, best path, changes with their margins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.candidates import Candidates, gather
from services.ocr.accents.judge import GOOD, OTHER
from services.ocr.accents.lattice import solve
from services.ocr.accents.lexicon import Model, loaded_model
from services.ocr.accents.pieces import Pieces, cut_text
from services.ocr.accents.words import uses_new_style
from services.vietnamese import nfc

_SURE = 2.0  # nats between the best reading and the next; below, a person should look


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``start``/``end``: place in the line (from 0) of the given text in NFC; ``margin`` in nats.

    ``before`` may span a space where two pieces were one word, ``after`` may hold one where a word was two.
    """

    line: int
    start: int
    end: int
    before: str
    after: str
    margin: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Repaired:
    """``text`` has the same number of lines as the text given."""

    text: str
    changes: tuple[Change, ...]


def repair_text(text: str) -> Repaired:
    """Repairs what is stripped or garbled; what is right or in another language stays. Raises ``ModelMissing``."""
    model = loaded_model()
    whole = nfc(text)
    lines = re.split(r"\n", whole)
    pieces = cut_text(lines, model.lexicon)
    if all(state in (GOOD, OTHER) for state in pieces.state):
        return Repaired(whole, ())
    changes = _decide(pieces, model, uses_new_style(whole), lines)
    by_line: dict[int, list[Change]] = {}
    for change in changes:
        by_line.setdefault(change.line, []).append(change)
    for number, found in by_line.items():
        lines[number] = _applied(lines[number], found)
    return Repaired("\n".join(lines), tuple(changes))


def _applied(line: str, changes: Sequence[Change]) -> str:
    out: list[str] = []
    at = 0
    for change in changes:
        out += (line[at : change.start], change.after)
        at = change.end
    return "".join(out) + line[at:]


def _decide(pieces: Pieces, model: Model, new_style: bool, lines: Sequence[str]) -> list[Change]:
    candidates = gather(pieces, model)
    solved, kept = solve(candidates.arcs, model.language, candidates.sequences)
    path = kept[solved.path]
    margins = _margins(candidates, kept, solved.marginal, solved.best, solved.path, len(pieces.text))
    changes: list[Change] = []
    read: list[tuple[int, int, str]] = []
    for arc in path.tolist():
        first, last = int(candidates.first[arc]), int(candidates.last[arc])
        if first < 0:
            continue
        after = candidates.spelling(arc, pieces, model, new_style)
        if read and read[-1][0] == first:
            # A piece that was two words: the second half comes after the first.
            first, last, half = read.pop()
            after = f"{half} {after}"
        read.append((first, last, after))
    for first, last, after in read:
        line, start = pieces.line[first], pieces.start[first]
        end = pieces.start[last] + len(pieces.text[last])
        before = lines[line][start:end]
        if after != before:
            margin = float(margins[first : last + 1].min())
            changes.append(Change(line, start, end, before, after, round(margin, 2), margin >= _SURE))
    for place, after in candidates.codes.items():
        line, start, before = pieces.line[place], pieces.start[place], pieces.text[place]
        changes.append(Change(line, start, start + len(before), before, after, 9.0, True))
    changes.sort(key=lambda change: (change.line, change.start))
    return changes


def _margins(
    candidates: Candidates,
    kept: NDArray[np.int64],
    marginal: NDArray[np.float32],
    best: NDArray[np.float32],
    path: NDArray[np.int64],
    pieces: int,
) -> NDArray[np.float32]:
    """For each piece, the best path's lead over the best path that reads the piece otherwise."""
    rival = np.ones(len(kept), np.bool_)
    rival[path] = False
    lead = best[candidates.arcs.sequence[kept]] - marginal
    margins = np.full(pieces, 9.0, np.float32)
    for column in (candidates.first, candidates.last):
        place = column[kept]
        chosen = rival & (place >= 0)
        np.minimum.at(margins, place[chosen], lead[chosen])
    return np.maximum(margins, 0.0)
