"""What each piece may have been: itself, any word of its letters, or any word an English engine reads so."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.garble import TITLE, UPPER
from services.ocr.accents.garbled_arcs import garbled_arcs
from services.ocr.accents.judge import GARBLED, GOOD, OTHER, STRIPPED
from services.ocr.accents.lattice import Arcs
from services.ocr.accents.lexicon import Lexicon, Model
from services.ocr.accents.pieces import COMMA, EDGE, NUMBER, WORD, Pieces
from services.ocr.accents.words import ACRONYM, BOUND, UNKNOWN, fold_word, in_new_style, is_acronym
from services.ocr.accents.words import COMMA as COMMA_WORD
from services.ocr.accents.words import NUMBER as NUMBER_WORD
from services.vietnamese import strip_marks

_FIXED = {NUMBER: NUMBER_WORD, COMMA: COMMA_WORD, EDGE: BOUND}
_CASE_WEIGHT = np.float32(0.7)
_MISSING_MARK = np.float32(-3.0)  # against a word that has more marks than the piece, where the piece has some
_CAPITALS = re.compile(r"[A-Z]{2,}")


@dataclass(frozen=True, slots=True)
class Candidates:
    """``first``/``last``: pieces an arc covers (−1: a sentence's edge); ``codes``: pieces changed without a choice."""

    arcs: Arcs
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    shape: NDArray[np.int64]
    sequences: int
    codes: dict[int, str]

    def spelling(self, arc: int, pieces: Pieces, model: Model, new_style: bool) -> str:
        """What stands in the text when this arc is on the best path."""
        place, word = int(self.first[arc]), int(self.arcs.word[arc])
        given = pieces.text[place]
        if pieces.kind[place] != WORD or word in (UNKNOWN, ACRONYM) or model.lexicon.words[word].isupper():
            return given
        spelt = model.lexicon.words[word]
        shape = int(self.shape[arc])
        whole = int(self.last[arc]) == place
        if whole and fold_word(given) == spelt:
            return given
        if new_style:
            spelt = in_new_style(spelt)
        if shape < 0:
            return _in_case(spelt, given)
        return spelt.upper() if shape == UPPER else spelt.capitalize() if shape == TITLE else spelt


def _in_case(word: str, given: str) -> str:
    """``word`` in the case of ``given``, letter by letter: they are as long."""
    if given.islower():
        return word
    return "".join(new.upper() if old.isupper() else new for new, old in zip(word, given, strict=True))


def gather(pieces: Pieces, model: Model) -> Candidates:
    """Candidates of every piece in every sequence that has something to repair."""
    lexicon = model.lexicon
    wanted = {
        sequence for sequence, state in zip(pieces.sequence, pieces.state, strict=True) if state in (STRIPPED, GARBLED)
    }
    places: list[int] = []  # of each slot: the piece, or −1 for a sentence's edge
    fixed: list[int] = []  # of each slot: its only word, or −1 − (its letters' group)
    marked: list[int] = []  # slots whose piece has some marks already
    garbled: list[int] = []  # slots whose letters may be wrong
    begins: list[int] = []
    codes: dict[int, str] = {}
    memo: dict[str, int] = {}
    now = -1
    for place, (text, kind, state, sequence) in enumerate(
        zip(pieces.text, pieces.kind, pieces.state, pieces.sequence, strict=True)
    ):
        if sequence not in wanted:
            continue
        if sequence != now:
            if now >= 0:
                places.append(-1)
                fixed.append(BOUND)
            begins.append(len(places))
            places.append(-1)
            fixed.append(BOUND)
            now = sequence
        slot = len(places)
        places.append(place)
        if kind != WORD:
            fixed.append(_FIXED[kind])
            if kind == NUMBER and state in (STRIPPED, GARBLED):
                repaired = _CAPITALS.sub(lambda found: lexicon.acronym(found.group()), text)
                if repaired != text:
                    codes[place] = repaired
            continue
        if state in (GOOD, OTHER):
            fixed.append(lexicon.number.get(text, ACRONYM) if is_acronym(text) else lexicon.of(fold_word(text)))
            continue
        if state == GARBLED and not (text.isupper() and text.isascii() and _is_acronym(place, pieces, lexicon)):
            garbled.append(slot)
            fixed.append(UNKNOWN)
            continue
        if text.isupper() and _is_acronym(place, pieces, lexicon):
            repaired = lexicon.acronym(text)
            fixed.append(lexicon.number.get(repaired, ACRONYM))
            if repaired != text:
                codes[place] = repaired
            continue
        group = memo.get(text)
        if group is None:
            group = memo[text] = _group(text, lexicon)
        fixed.append(group)
        if group < 0 and not text.isascii():
            marked.append(slot)
    places.append(-1)
    fixed.append(BOUND)
    return _as_arcs(pieces, model, np.array(places), np.array(fixed), marked, garbled, np.array(begins), codes)


def _group(text: str, lexicon: Lexicon) -> int:
    """−1 − the group of a word's letters; its own number where it has no group."""
    low = text.lower()
    group = lexicon.group.get(low if low.isascii() else strip_marks(low))
    return UNKNOWN if group is None else -1 - group


def _is_acronym(place: int, pieces: Pieces, lexicon: Lexicon) -> bool:
    """Capitals among small letters are an acronym; among capitals, only what cannot be a syllable is."""
    text = pieces.text[place]
    if len(text) == 1 or not text.isalpha():
        return False
    known = text in lexicon.acronyms or text in lexicon.number
    if is_acronym(text) and (known or pieces.state[place] != GARBLED):
        return True
    if not known and not is_acronym(text):
        return False
    for near in (place - 1, place + 1):
        if 0 <= near < len(pieces.text) and pieces.kind[near] == WORD and pieces.line[near] == pieces.line[place]:
            other = pieces.text[near]
            if not other.isupper():
                return True
    return False


def _as_arcs(
    pieces: Pieces,
    model: Model,
    places: NDArray[np.int64],
    fixed: NDArray[np.int64],
    marked: list[int],
    garbled: list[int],
    begins: NDArray[np.int64],
    codes: dict[int, str],
) -> Candidates:
    lexicon = model.lexicon
    slots = len(places)
    sequence_of = np.cumsum(np.bincount(begins, minlength=slots)) - 1
    # One node before each slot and one more at each sequence's end.
    node = np.arange(slots) + sequence_of
    lengths = np.diff(np.append(begins, slots))
    level = np.concatenate([np.arange(length + 1) for length in lengths.tolist()])

    grouped = fixed < 0
    group = np.where(grouped, -1 - fixed, 0)
    fan = np.where(grouped, lexicon.size[group], 1)
    slot = np.repeat(np.arange(slots), fan)
    rank = np.arange(len(slot)) - np.repeat(np.cumsum(fan) - fan, fan)
    word = np.where(grouped[slot], lexicon.members[lexicon.first[group[slot]] + rank * grouped[slot]], fixed[slot])
    score = np.zeros(len(slot), np.float32)
    place = places[slot]
    case = _case_of(pieces, places)
    score += _CASE_WEIGHT * np.where(case[slot] == 1, lexicon.title[word], 0)
    score += _CASE_WEIGHT * np.where(case[slot] == 2, lexicon.lower[word], 0)
    score[~grouped[slot]] = 0
    keep = np.ones(len(slot), np.bool_)
    if marked:
        _respect_marks(pieces, lexicon, marked, slot, place, word, score, keep)
    is_garbled = np.zeros(slots, np.bool_)
    is_garbled[garbled] = True
    keep[is_garbled[slot]] = False
    chosen = np.flatnonzero(keep)
    slot, place, word, score = slot[chosen], place[chosen], word[chosen], score[chosen]
    start, end = node[slot], node[slot] + 1
    first, last, shape, sequence = place, place, np.full(len(place), -1), sequence_of[slot]
    if garbled:
        more = garbled_arcs(pieces, model, places, garbled, node)
        # Room between two nodes for the place where one piece is cut in two.
        level = np.append(2 * level, 2 * level[np.array(more.inner_after, np.int64)] + 1)
        count = len(level) - len(more.inner_after)
        new_start, new_end = np.array(more.start), np.array(more.end)
        new_start = np.where(new_start < 0, count - 1 - new_start, new_start)
        new_end = np.where(new_end < 0, count - 1 - new_end, new_end)
        start, end = np.append(start, new_start), np.append(end, new_end)
        word, score = np.append(word, more.word), np.append(score, more.score)
        first, last = np.append(first, more.first), np.append(last, more.last)
        shape, sequence = np.append(shape, more.shape), np.append(sequence, sequence_of[more.slot])
    order = np.argsort(level[start], kind="stable")
    arcs = Arcs(start[order], end[order], word[order], score[order].astype(np.float32), level, sequence[order])
    return Candidates(arcs, first[order], last[order], shape[order], len(begins), codes)


def _respect_marks(
    pieces: Pieces,
    lexicon: Lexicon,
    marked: list[int],
    slot: NDArray[np.int64],
    place: NDArray[np.int64],
    word: NDArray[np.int64],
    score: NDArray[np.float32],
    keep: NDArray[np.bool_],
) -> None:
    """A piece that kept some marks is one of the words with those marks; with all of its marks, most likely itself."""
    for at in np.flatnonzero(np.isin(slot, marked)).tolist():
        given = fold_word(pieces.text[place[at]])
        spelt = lexicon.words[word[at]]
        if given == spelt:
            continue
        if len(given) != len(spelt) or any(
            old != new and not _loses(old, new) for old, new in zip(given, spelt, strict=True)
        ):
            keep[at] = False
        else:
            score[at] += _MISSING_MARK if given in lexicon.number and given != strip_marks(given) else 0
    empty = np.setdiff1d(np.array(marked), slot[keep])
    for lost in empty.tolist():
        at = int(np.flatnonzero(slot == lost)[0])
        keep[at] = True
        word[at] = UNKNOWN


def _loses(old: str, new: str) -> bool:
    """Whether ``old`` can be what is left of the letter ``new`` when it lost its tone, its shape, or both."""
    if old == strip_marks(new):
        return True
    return old in "ăâêôơưđ" and _shape(new) == old


def _shape(letter: str) -> str:
    for shape, toned in _TONED.items():
        if letter in toned:
            return shape
    return letter


_TONED = {"ă": "ằắẳẵặ", "â": "ầấẩẫậ", "ê": "ềếểễệ", "ô": "ồốổỗộ", "ơ": "ờớởỡợ", "ư": "ừứửữự"}


def _case_of(pieces: Pieces, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Per slot: 1 a capital that says something (not just a sentence's first), 2 small letters, 0 nothing."""
    text, kind = pieces.text, pieces.kind
    shape = [0] * len(places)
    for slot, place in enumerate(places.tolist()):
        if place >= 0 and kind[place] == WORD:
            piece = text[place]
            if piece.islower():
                shape[slot] = 2
            elif piece[0].isupper() and (len(piece) == 1 or piece[1:].islower()):
                shape[slot] = 1
    out = np.array(shape)
    kinds = np.array([kind[place] if place >= 0 else EDGE for place in places.tolist()])
    title = out == 1
    inside = np.append(False, kinds[:-1] != EDGE)
    beside = np.append(title[1:], False)
    out[title & ~inside & ~beside] = 0
    return out
