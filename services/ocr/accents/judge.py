"""What state a text is in: right, stripped of its marks, garbled by an English-only engine, or not Vietnamese.

Every chunk of text between spaces is of one of a few kinds (a word with marks that no English engine can make, a
bare word that Vietnamese hardly ever has, letters mixed with digits, …). Each state makes these kinds with known
probabilities, and a text changes its state seldom: the states along a text are the best path of that hidden Markov
chain, so a line that alone says little is judged with its neighbours, and a page can be half right and half stripped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from services.ocr.accents.lexicon import Lexicon, loaded_model
from services.ocr.accents.words import SYLLABLE, fold_word
from services.vietnamese import nfc, strip_marks

TextState = Literal["good", "stripped", "garbled", "other", "empty"]

GOOD, STRIPPED, GARBLED, OTHER = range(4)
_STATE_NAMES: Final[tuple[TextState, ...]] = ("good", "stripped", "garbled", "other")

# Kinds of chunks.
NEUTRAL, STRONG, WEAK, PLAIN, SEMI, BARE, ODD, MIXED, FOREIGN = range(9)

# log P(kind | state), NEUTRAL left out: it says nothing. Counted on held-out text, its stripped form, pairs of the
# garbled set, and (for OTHER) licence texts in English; rounded, none below 0.1 %.
#                            STRONG  WEAK  PLAIN   SEMI   BARE    ODD  MIXED FOREIGN
_SHARES = np.array(
    [
        [0.605, 0.260, 0.061, 0.051, 0.004, 0.002, 0.003, 0.020],
        [0.002, 0.002, 0.077, 0.322, 0.555, 0.002, 0.003, 0.040],
        [0.003, 0.050, 0.085, 0.270, 0.310, 0.135, 0.035, 0.112],
        [0.002, 0.006, 0.062, 0.126, 0.020, 0.012, 0.006, 0.770],
    ]
)
_EMIT: Final[list[list[float]]] = [[0.0, *row] for row in np.log(_SHARES).tolist()]
_STAY_COST = 9.0  # against changing state between two chunks
_LINE_COST = 3.0  # the same, where a line ends

_EDGES = " \t.,;:!?…()[]{}<>“”\"'‘’`´*_|~•·–—-/\\=+©®"
_LETTER = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"[\d.,:/%+\-–]*\d[\d.,:/%+\-–]*(?:[A-ZĐ]|$)|[A-ZĐ]{1,6}\d|\S*@\S+\.|https?:|www\.")


def kind_of(chunk: str, lexicon: Lexicon) -> int:
    """The kind of one chunk (NFC, no spaces)."""
    core = chunk.strip(_EDGES)
    if not core or not _LETTER.search(core) or _CODE.match(core):
        return NEUTRAL
    parts = [part for part in re.split(r"[-–—/.,;:()“”\"]+", core) if part] if not core.isalpha() else [core]
    kinds = [_kind_of_part(part, lexicon) for part in parts]
    return max(kinds, key=lambda kind: (kind != NEUTRAL, kind in (ODD, MIXED), kind))


def _kind_of_part(part: str, lexicon: Lexicon) -> int:
    if not part.isalpha():
        return MIXED if _LETTER.search(part) and len(part) <= 9 else NEUTRAL
    low = fold_word(part)
    if part.isascii():
        if len(part) == 1:
            return NEUTRAL
        if low not in lexicon.group or not SYLLABLE.fullmatch(low):
            return NEUTRAL if part.isupper() and len(part) <= 7 else FOREIGN
        share = lexicon.bare_share.get(low, 0.0)
        if part.isupper() and len(part) <= 6 and share > 0.9:
            return NEUTRAL
        return PLAIN if share > 0.5 else SEMI if share > 0.05 else BARE
    known = low in lexicon.number
    outside_latin1 = any(letter > "\xff" for letter in low)
    if known:
        return STRONG if outside_latin1 else WEAK
    return ODD if SYLLABLE.fullmatch(strip_marks(low)) else FOREIGN


def states_along(chunks: Sequence[str], line_ends: Sequence[bool], lexicon: Lexicon) -> list[int]:
    """The state of each chunk. ``line_ends[i]``: chunk i is the last of its line."""
    memo: dict[str, int] = {}
    # Written out for the four states: this runs for every chunk of every text.
    good = stripped = garbled = other = 0.0
    came: list[tuple[bool, bool, bool, bool, int]] = []
    for chunk, ends in zip(chunks, line_ends, strict=True):
        kind = memo.get(chunk)
        if kind is None:
            kind = memo[chunk] = kind_of(chunk, lexicon)
        if kind != NEUTRAL:
            good += _EMIT[GOOD][kind]
            stripped += _EMIT[STRIPPED][kind]
            garbled += _EMIT[GARBLED][kind]
            other += _EMIT[OTHER][kind]
        top = max(good, stripped, garbled, other)
        floor = top - (_LINE_COST if ends else _STAY_COST)
        leader = GOOD if good == top else STRIPPED if stripped == top else GARBLED if garbled == top else OTHER
        came.append((good >= floor, stripped >= floor, garbled >= floor, other >= floor, leader))
        good, stripped = max(good, floor), max(stripped, floor)
        garbled, other = max(garbled, floor), max(other, floor)
    best = [good, stripped, garbled, other]
    states = [0] * len(came)
    state = best.index(max(best)) if came else 0
    for at in range(len(came) - 1, -1, -1):
        if not came[at][state]:
            state = came[at][4]
        states[at] = state
    return states


def cut_chunks(lines: Sequence[str]) -> tuple[list[str], list[bool], list[int]]:
    """Chunks between spaces, whether each ends its line, and the number of its line."""
    chunks: list[str] = []
    ends: list[bool] = []
    line_of: list[int] = []
    for number, line in enumerate(lines):
        found = line.split()
        if found:
            chunks += found
            ends += [False] * (len(found) - 1) + [True]
            line_of += [number] * len(found)
    return chunks, ends, line_of


def judge_text(text: str) -> TextState:
    """The state most of a text layer is in. Raises ``ModelMissing``."""
    lexicon = loaded_model().lexicon
    chunks, ends, _ = cut_chunks(nfc(text).splitlines())
    states = states_along(chunks, ends, lexicon)
    votes = Counter(state for chunk, state in zip(chunks, states, strict=True) if kind_of(chunk, lexicon) != NEUTRAL)
    if not votes:
        return "empty" if not any(map(str.isalnum, text)) else "other" if any(map(_LETTER.search, chunks)) else "good"
    return _STATE_NAMES[votes.most_common(1)[0][0]]
