"""Gives a text its Vietnamese back: states, pieces, candidates, best path, changes with their margins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ocr.accents.candidates import gather
from services.ocr.accents.decode import MOST, read_lattice
from services.ocr.accents.judge import GOOD, OTHER
from services.ocr.accents.lexicon import Model, loaded_model
from services.ocr.accents.pieces import Pieces, cut_text
from services.ocr.accents.words import uses_new_style
from services.vietnamese import nfc

_SURE = 6.0  # nats between the best reading and the next; below, a person should look


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
    with model.context_opening():
        candidates = gather(pieces, model)
    reading = read_lattice(candidates, pieces, model, lines)
    changes: list[Change] = []
    for first, last, arcs, margin in reading:
        line, start = pieces.line[first], pieces.start[first]
        end = pieces.start[last] + len(pieces.text[last])
        before = lines[line][start:end]
        after = " ".join(candidates.spelling(arc, pieces, model, new_style) for arc in arcs)
        if after != before:
            changes.append(Change(line, start, end, before, after, round(margin, 2), margin >= _SURE))
    for place, after in candidates.codes.items():
        line, start, before = pieces.line[place], pieces.start[place], pieces.text[place]
        changes.append(Change(line, start, start + len(before), before, after, MOST, True))
    changes.sort(key=lambda change: (change.line, change.start))
    return changes
