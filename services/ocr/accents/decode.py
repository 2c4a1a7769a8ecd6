"""Reads a text's lattice by the trigram and the net together; where letters are lost, by the trigram first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.candidates import Candidates
from services.ocr.accents.lattice import Arcs, solve
from services.ocr.accents.lexicon import Model
from services.ocr.accents.pieces import Pieces
from services.vietnamese import strip_marks

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

MOST = 9.0  # nats: the largest margin there is; more was not looked at
# Weight of the net beside the trigram, from development text; in garbled text it reads a draft that is partly wrong.
_NET_WEIGHT, _NET_WEIGHT_GARBLED = np.float32(1.7), np.float32(1.0)
_RULED_OUT = np.float32(12.0)  # nats, weighed: an arc so far behind another over the same piece is not looked at
_ASK_BELOW = 4.0  # the net is asked about lines with a piece whose margin is less, and their neighbours
_NOT_A_FORM = np.float32(-9.0)  # for a spelling the net does not know


class Read(NamedTuple):
    """What was read for pieces ``first`` … ``last``: one arc, or two where a piece was two words."""

    first: int
    last: int
    arcs: tuple[int, ...]
    margin: float


def read_lattice(candidates: Candidates, pieces: Pieces, model: Model, lines: Sequence[str]) -> list[Read]:
    """The best reading of every piece that has arcs, in order."""
    arcs = candidates.arcs
    garbled = np.zeros(candidates.sequences, np.bool_)
    garbled[arcs.sequence[candidates.shape >= 0]] = True
    garbled = garbled[arcs.sequence]
    reads = _read_stripped(candidates, np.flatnonzero(~garbled), pieces, model, lines)
    reads += _read_garbled(candidates, np.flatnonzero(garbled), pieces, model, lines)
    reads.sort()
    return reads


def _read_stripped(
    candidates: Candidates, among: Ints, pieces: Pieces, model: Model, lines: Sequence[str]
) -> list[Read]:
    """Where only marks are lost the text is its own draft: the net is asked first, and what it rules out is out."""
    if not len(among):
        return []
    arcs = candidates.arcs
    start = arcs.start[among]
    given = among[np.append(True, start[1:] != start[:-1])]  # one arc a piece, for where it starts
    asked = [
        (place, arc) for place, arc in zip(candidates.first[given].tolist(), given.tolist(), strict=True) if place >= 0
    ]
    numbers = sorted({pieces.line[place] for place, _ in asked})
    row = {number: at for at, number in enumerate(numbers)}
    draft = strip_marks("\n".join(lines[number] for number in numbers)).split("\n")
    places = {(row[pieces.line[place]], pieces.start[place]): arc for place, arc in asked}
    extra = _second_opinion(candidates, draft, places, model)
    weighed = replace(arcs, score=(arcs.score + _NET_WEIGHT * extra).astype(np.float32))
    best = np.full(len(arcs.level), -np.inf, np.float32)
    np.maximum.at(best, start, weighed.score[among])
    left = among[weighed.score[among] >= best[start] - _RULED_OUT]
    return _solved(candidates, weighed, left, model, len(pieces.text))


def _read_garbled(
    candidates: Candidates, among: Ints, pieces: Pieces, model: Model, lines: Sequence[str]
) -> list[Read]:
    """Where letters are lost the trigram first says which stand there; then the net is asked where that is unsure."""
    arcs = candidates.arcs
    if not len(among):
        return []
    reads = _solved(candidates, arcs, among, model, len(pieces.text))
    doubtful = {pieces.line[read.first] for read in reads if read.margin < _ASK_BELOW}
    if not doubtful:
        return reads
    # A line is short; the lines beside it are what the net needs to know of the rest.
    near = {line + step for line in doubtful for step in (-1, 0, 1)}
    shown = [read for read in reads if pieces.line[read.first] in near]
    extra = _second_opinion(candidates, *_draft(candidates, shown, pieces, model, lines), model)
    asked = np.zeros(candidates.sequences, np.bool_)
    asked[[int(arcs.sequence[read.arcs[0]]) for read in shown]] = True
    again = np.flatnonzero(asked[arcs.sequence])
    weight = np.where(candidates.shape < 0, _NET_WEIGHT, _NET_WEIGHT_GARBLED)
    weighed = replace(arcs, score=(arcs.score + weight * extra).astype(np.float32))
    better = _solved(candidates, weighed, again, model, len(pieces.text))
    return [read for read in reads if not asked[arcs.sequence[read.arcs[0]]]] + better


def _solved(candidates: Candidates, arcs: Arcs, among: Ints, model: Model, pieces: int) -> list[Read]:
    """Solves the sequences of the arcs ``among``."""
    solved, kept = solve(arcs.only(among), model.language, candidates.sequences)
    kept = among[kept]
    rival = np.ones(len(kept), np.bool_)
    rival[solved.path] = False
    lead = solved.best[arcs.sequence[kept]] - solved.marginal
    # For each piece, the best path's lead over the best path that reads the piece otherwise.
    lowest = np.full(pieces, MOST, np.float32)
    for column in (candidates.first, candidates.last):
        place = column[kept]
        chosen = rival & (place >= 0)
        np.minimum.at(lowest, place[chosen], lead[chosen])
    margins = np.maximum(lowest, 0.0).tolist()
    path = kept[solved.path]
    reads: list[Read] = []
    for arc, first, last in zip(
        path.tolist(), candidates.first[path].tolist(), candidates.last[path].tolist(), strict=True
    ):
        if first < 0:
            continue
        if reads and reads[-1].first == first:
            # A piece that was two words: the second half comes after the first.
            reads[-1] = reads[-1]._replace(arcs=(*reads[-1].arcs, arc))
        else:
            margin = margins[first] if first == last else min(margins[first], margins[last])
            reads.append(Read(first, last, (arc,), margin))
    return reads


def _draft(
    candidates: Candidates, reads: Sequence[Read], pieces: Pieces, model: Model, lines: Sequence[str]
) -> tuple[list[str], dict[tuple[int, int], int]]:
    """The lines as they were read, without their marks; (line, start) of each word in them → its arc."""
    draft: list[str] = []
    places: dict[tuple[int, int], int] = {}
    out, at, now = "", 0, -1
    for read in reads:
        line = pieces.line[read.first]
        if line != now:
            if now >= 0:
                draft.append(strip_marks(out + lines[now][at:]))
            out, at, now = "", 0, line
        start, end = pieces.start[read.first], pieces.start[read.last] + len(pieces.text[read.last])
        out += lines[line][at:start]
        for half, arc in enumerate(read.arcs):
            out += " " if half else ""
            places[len(draft), len(out)] = arc
            out += candidates.spelling(arc, pieces, model, False)
        at = end
    draft.append(strip_marks(out + lines[now][at:]))
    return draft, places


def _second_opinion(
    candidates: Candidates, draft: Sequence[str], places: dict[tuple[int, int], int], model: Model
) -> Floats:
    """For every arc, what the net adds: 0 for the spelling it likes best and for words of other letters."""
    arcs = candidates.arcs
    opinion = model.context.weigh(draft, places)
    extra = np.zeros(len(arcs.word), np.float32)
    if not len(opinion.arc):
        return extra
    # An arc is found by where it starts and its word; every spelling of letters the net was asked about counts.
    best = np.full(len(arcs.word), -np.inf, np.float32)
    np.maximum.at(best, opinion.arc, opinion.score)
    relative = opinion.score - best[opinion.arc]
    known = opinion.word >= 0
    keys = (arcs.start[opinion.arc[known]] << 15) | opinion.word[known]
    order = np.argsort(keys, kind="stable")
    found, hit = _found((arcs.start << 15) | arcs.word, keys[order])
    extra[hit] = relative[known][order][found[hit]]
    group = model.lexicon.group_of
    about = np.sort((arcs.start[opinion.arc] << 15) | group[arcs.word[opinion.arc]])
    _, asked = _found((arcs.start << 15) | group[arcs.word], about)
    extra[asked & ~hit] = _NOT_A_FORM
    return extra


def _found(keys: Ints, among: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where each key stands in the sorted keys ``among``, and whether it does."""
    place = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return place, among[place] == keys
