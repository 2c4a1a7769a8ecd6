"""A text cut into pieces the decoder decides about, each with its place, its state, and which sequence it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ocr.accents.judge import GARBLED, states_along
from services.ocr.accents.lexicon import Lexicon

WORD, NUMBER, COMMA, EDGE = range(4)

_CHUNK = re.compile(r"\S+")
# A word, else a number or code with what hangs on it, else a comma, else a sentence's edge (as in ``words.py``).
_PIECE = re.compile(r"[^\W\d_]+|\d(?:\S*[^\s.,;:!?)\]”\"’'»])?|,|[.;:!?…]+")
_GARBLED_EDGE = "()[]{}<>“”\"‘’'`´*_~•·–—-«»"
_GARBLED_NUMBER = re.compile(
    r"[\d.,:/%+\-–()]*\d[\d.,:/%+\-–()]*|\d[\d.,/]*[-–/]\S+|\d{2,}\S*|\S+@\S+\.\S+|\S+/\S*\d\S*"
    r"|\d[\d.]*\.[A-ZĐ]{2,}\S*"
)
_ABBREVIATED = re.compile(r"[^\W\d_]/[^\W\d_]")
_WRAPPED_CHARS = 60  # a line at least this long without a stop goes on in the next
_LONGEST = 160  # pieces in a sequence; longer ones are cut, which costs one word's context


@dataclass(slots=True)
class Pieces:
    """Columns, one entry a piece. ``sequence`` rises by one where the words before say nothing of the words after."""

    text: list[str] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    state: list[int] = field(default_factory=list)
    sequence: list[int] = field(default_factory=list)
    after_sign: set[int] = field(default_factory=set)  # garbled pieces that follow a slash or hyphen, not a space

    def add(self, text: str, line: int, start: int, kind: int, state: int, sequence: int) -> None:
        self.text.append(text)
        self.line.append(line)
        self.start.append(start)
        self.kind.append(kind)
        self.state.append(state)
        self.sequence.append(sequence)


def cut_text(lines: Sequence[str], lexicon: Lexicon) -> Pieces:
    """Cuts NFC lines. A long line without a stop, or one before a small letter, shares its sequence with the next."""
    found = [[(match.group(), match.start()) for match in _CHUNK.finditer(line)] for line in lines]
    chunks = [chunk for row in found for chunk, _ in row]
    ends = [at == len(row) - 1 for row in found for at in range(len(row))]
    states = iter(states_along(chunks, ends, lexicon))
    pieces = Pieces()
    sequence, length, goes_on = -1, 0, False
    for number, row in enumerate(found):
        if not row:
            continue
        first = row[0][0]
        if not (goes_on or first[0].islower()) or length > _LONGEST or sequence < 0 or pieces.kind[-1:] == [EDGE]:
            sequence, length = sequence + 1, 0
        for chunk, at in row:
            state = next(states)
            before = len(pieces.text)
            _cut_chunk(chunk, number, at, state, sequence, pieces)
            length += len(pieces.text) - before
            if (length > _LONGEST and pieces.kind[-1] in (EDGE, COMMA)) or length > 2 * _LONGEST:
                sequence, length = sequence + 1, 0
        goes_on = len(lines[number].strip()) >= _WRAPPED_CHARS
    return pieces


def _cut_chunk(chunk: str, line: int, at: int, state: int, sequence: int, pieces: Pieces) -> None:
    if chunk.isalpha():
        pieces.add(chunk, line, at, WORD, state, sequence)
        return
    if state == GARBLED:
        _cut_garbled(chunk, line, at, sequence, pieces)
        return
    for match in _PIECE.finditer(chunk):
        text = match.group()
        first = text[0]
        kind = WORD if first.isalpha() else COMMA if first == "," else NUMBER if first.isdigit() else EDGE
        pieces.add(text, line, at + match.start(), kind, state, sequence)


def _cut_garbled(chunk: str, line: int, at: int, sequence: int, pieces: Pieces) -> None:
    """In garbled text signs stand for letters: only what hangs on the ends of a chunk is taken for punctuation."""
    core = chunk.rstrip(".,;:!?…" + _GARBLED_EDGE)
    tail = chunk[len(core) :]
    bare = core.lstrip(_GARBLED_EDGE + ".,:;")
    start = at + len(core) - len(bare)
    if bare:
        kind = NUMBER if _GARBLED_NUMBER.fullmatch(bare) or not any(map(str.isalpha, bare)) else WORD
        if _ABBREVIATED.fullmatch(bare) or (kind == WORD and len(bare) == 1 and chunk[1:2] in (")", ".")):
            kind = NUMBER  # V/v; the letter of a point: a), đ)
        parts = _parts(bare) if kind == WORD else [(0, bare)]
        for count, (offset, part) in enumerate(parts):
            if count:
                pieces.after_sign.add(len(pieces.text))
            pieces.add(part, line, start + offset, kind, GARBLED, sequence)
    stop = tail.strip(_GARBLED_EDGE)
    if stop:
        place = at + len(core) + tail.index(stop[0])
        pieces.add(stop, line, place, COMMA if stop == "," else EDGE, GARBLED, sequence)


def _parts(core: str) -> list[tuple[int, str]]:
    """``và/hoặc`` and ``xã-phường`` are two words each; a slash or hyphen between letters is no letter."""
    return [(match.start(), match.group()) for match in re.finditer(r"[^/\-–]+", core)]
