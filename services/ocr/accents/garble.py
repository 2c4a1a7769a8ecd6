"""Which Vietnamese syllables an English-only engine may have read as a given string, and how readily.

A syllable is an onset and a rime, and the channel works letter by letter, so P(string | syllable) is the best over
all cuts of P(front | onset) · P(back | rime). Onsets are few and rimes share their endings: one sweep over the tree of
endings scores a page's strings against every syllable there is, with arrays only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.words import SYLLABLE
from services.vietnamese import strip_marks

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LOWER, TITLE, UPPER = range(3)
_FAR = np.float32(-60.0)
_BESIDE = np.float32(-10.0)
_LIGATURES = {"ﬁ": "i", "ﬂ": "l"}  # what the engine makes of two strokes it cannot tell apart
_LONGEST = 12  # letters of a string worth trying
_CUTS = 6  # the onset takes at most this many read letters, less one
_RIMES = 40  # rimes kept a string before onsets are joined
_REMEMBERED = 20_000  # strings
_BATCH = 48  # strings scored together: more need more memory and gain no time
_BEST = 14  # syllables kept a string
_RARE_WORD, _RARE_RIME = (
    -15.0,
    -12.5,
)  # log-probabilities below which a spelling is taken for a slip in the training text
_FREQUENCY = np.float32(0.5)  # share of a syllable's own frequency in choosing which to keep


class Guess(NamedTuple):
    """Syllables a string may stand for: word numbers, letter-case shapes, channel log-probabilities."""

    words: Ints
    shapes: Ints
    scores: Floats


class _Unit(NamedTuple):
    text: str
    shape: int


class _Level(NamedTuple):
    """Endings of one length: the first one's node, each one's tail, its first letter, pairs of letters read as one."""

    start: int
    child: Ints
    letters: Ints
    which: Ints
    merged: list[tuple[int, int, Floats]]


class _Tree(NamedTuple):
    nodes: int
    levels: list[_Level]
    rimes: Ints


class Channel:
    """The learnt channel, ready to score strings. Built once, when garbled text first comes (a few milliseconds)."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], words: Sequence[str], bare: Sequence[str], p1: Floats
    ) -> None:
        right = arrays["channel.right"].tobytes().decode("utf-32-le")
        read = arrays["channel.read"].tobytes().decode("utf-32-le")
        self._right = {char: place for place, char in enumerate(right)}
        self._read = {char: place for place, char in enumerate(read)}
        # One more read character, the last, is "past the string's end": nothing can be read as it.
        width = len(read) + 1
        self._end = len(read)
        self._one = np.full((len(right), width), _FAR, np.float32)
        self._one[:, :-1] = -arrays["channel.one"].astype(np.float32)
        self._gone: Floats = -arrays["channel.gone"].astype(np.float32)
        self._two = np.full((len(right), width, width), _FAR, np.float32)
        for char, place in self._right.items():
            base = strip_marks(char)
            if base != char and base in self._read:
                # Not seen, but not impossible: a marked letter as itself with something beside it.
                self._two[place, self._read[base], :-1] = _BESIDE
                self._two[place, :-1, self._read[base]] = _BESIDE
        self._two[tuple(arrays["channel.two_at"].T)] = -arrays["channel.two"].astype(np.float32)
        self._merged = {
            (int(a), int(b)): np.full(width, _FAR, np.float32) for a, b, _ in arrays["channel.merged_at"].tolist()
        }
        for (a, b, c), cost in zip(
            arrays["channel.merged_at"].tolist(), arrays["channel.merged"].astype(np.float32).tolist(), strict=True
        ):
            self._merged[a, b][c] = -cost
        self._extra = np.full(width, 0.0, np.float32)
        self._extra[:-1] = -arrays["channel.extra"].astype(np.float32)
        self.space_gone = float(self._gone[self._right[" "]])
        self.space_extra = float(self._extra[self._read[" "]])
        self._p1 = p1
        self._trees: dict[bool, _Tree] = {}
        self._memory: tuple[dict[str, Guess], dict[str, Guess]] = ({}, {})
        self._lay_out(words, bare)

    def _lay_out(self, words: Sequence[str], bares: Sequence[str]) -> None:
        """Onsets, rimes and which pairs are syllables: in small letters, with a capital first, in capitals."""
        onsets: dict[_Unit, int] = {}
        rimes: dict[_Unit, int] = {}
        found: list[tuple[int, int, int]] = []
        cut_words: list[tuple[int, str, str]] = []
        weight: dict[str, float] = {}
        common = self._p1 > _RARE_WORD
        for number, (word, bare) in enumerate(zip(words, bares, strict=True)):
            match = SYLLABLE.fullmatch(bare) if common[number] and len(word) <= 7 else None
            if match is not None:
                cut = len(match.group(1))
                cut_words.append((number, word[:cut], word[cut:]))
                weight[word[cut:]] = weight.get(word[cut:], 0.0) + math.exp(self._p1[number])
        for number, onset, rime in cut_words:
            if weight[rime] < math.exp(_RARE_RIME):
                continue
            shapes = [(onset, rime, LOWER), (onset.upper(), rime.upper(), UPPER)]
            if onset:
                shapes.append((onset[0].upper() + onset[1:], rime, TITLE))
            else:
                shapes.append(("", rime[0].upper() + rime[1:], TITLE))
            for front, back, shape in shapes:
                rime_shape = shape if shape == UPPER or not front else LOWER
                o = onsets.setdefault(_Unit(front, shape), len(onsets))
                r = rimes.setdefault(_Unit(back, rime_shape), len(rimes))
                found.append((o, r, number))
        self._onset_shape = np.array([unit.shape for unit in onsets])
        self._onsets = [unit.text for unit in onsets]
        self._rimes = [unit.text for unit in rimes]
        self._rime_upper = np.array([unit.shape == UPPER for unit in rimes])
        self._syllable = np.full((len(onsets), len(rimes)), -1, np.int64)
        o, r, number = np.array(found).T
        self._syllable[o, r] = number

    def guesses(self, strings: Sequence[str], *, capitals: bool) -> dict[str, Guess]:
        """As ``guess``, by string; what was asked before is remembered."""
        memory = self._memory[capitals]
        if len(memory) > _REMEMBERED:
            memory.clear()
        new = [text for text in dict.fromkeys(strings) if text not in memory]
        memory.update(zip(new, self.guess(new, capitals=capitals), strict=True))
        return {text: memory[text] for text in strings}

    def guess(self, strings: Sequence[str], *, capitals: bool) -> list[Guess]:
        """Guesses for each string, read as small letters (perhaps with one capital) or as capitals."""
        usable = [at for at, text in enumerate(strings) if 0 < len(text) <= _LONGEST]
        out = [Guess(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))] * len(strings)
        by_length: dict[int, list[int]] = {}
        for at in usable:
            by_length.setdefault((len(strings[at]) + 1) // 2 * 2, []).append(at)
        for length, places in sorted(by_length.items()):
            for start in range(0, len(places), _BATCH):
                batch = places[start : start + _BATCH]
                guessed = self._guess([strings[at] for at in batch], length, capitals)
                for place, guess in zip(batch, guessed, strict=True):
                    out[place] = guess
        return out

    def _guess(self, strings: Sequence[str], length: int, capitals: bool) -> list[Guess]:
        read = np.full((len(strings), length + 2), self._end, np.int64)
        for row, text in enumerate(strings):
            read[row, : len(text)] = [self._read.get(_LIGATURES.get(char, char), 0) for char in text]
        rime_places = np.flatnonzero(self._rime_upper == capitals)
        onset_places = np.flatnonzero((self._onset_shape == UPPER) == capitals)
        if capitals not in self._trees:
            self._trees[capitals] = self._grow([self._rimes[at] for at in rime_places])
        backs = self._backs(self._trees[capitals], read)  # rimes × strings × cuts
        fronts = self._fronts([self._onsets[at] for at in onset_places], read)  # onsets × strings × cuts
        cuts = min(_CUTS, length + 1)
        backs, fronts = backs[:, :, :cuts], fronts[:, :, :cuts]
        bound = (backs + fronts.max(0)[None]).max(2)
        few = min(_RIMES, len(rime_places))
        top = np.argpartition(-bound, few - 1, axis=0)[:few].T  # strings × few
        chosen = backs[top, np.arange(len(strings))[:, None]]  # strings × few × cuts
        score = (fronts.transpose(1, 0, 2)[:, :, None, 0] + chosen[:, None, :, 0]).copy()
        for cut in range(1, cuts):
            np.maximum(score, fronts.transpose(1, 0, 2)[:, :, None, cut] + chosen[:, None, :, cut], out=score)
        word = self._syllable[onset_places[None, :, None], rime_places[top][:, None, :]]
        flat_word, flat_score = word.reshape(len(strings), -1), score.reshape(len(strings), -1)
        rank = np.where(flat_word >= 0, flat_score + _FREQUENCY * self._p1[flat_word], -np.inf)
        best = np.argpartition(-rank, _BEST, axis=1)[:, :_BEST]
        rows = np.arange(len(strings))[:, None]
        words, scores = flat_word[rows, best], flat_score[rows, best]
        shapes = self._onset_shape[onset_places][best // few]
        good = (words >= 0) & (scores > -25.0)
        return [
            Guess(words[row][good[row]], shapes[row][good[row]], scores[row][good[row]]) for row in range(len(strings))
        ]

    def _backs(self, tree: _Tree, read: Ints) -> Floats:
        """Log P(string from each place on | rime), rimes × strings × (length + 1)."""
        strings, wide = read.shape
        length = wide - 2
        table = np.full((tree.nodes, strings, wide + 1), _FAR, np.float32)
        table[0, :, :wide] = np.cumsum(self._extra[read[:, ::-1]], axis=1)[:, ::-1]
        table[0, :, length:] = 0.0
        now_read, next_read = read[:, :length], read[:, 1 : length + 1]
        extra = self._extra[now_read]
        for level in tree.levels:
            ones = self._one[level.letters][:, now_read]
            twos = self._two[level.letters[:, None, None], now_read[None], next_read[None]]
            below = table[level.child]
            now = below[:, :, : length + 1] + self._gone[level.letters][level.which][:, None, None]
            np.maximum(now[:, :, :length], below[:, :, 1 : length + 1] + ones[level.which], out=now[:, :, :length])
            np.maximum(now[:, :, :length], below[:, :, 2 : length + 2] + twos[level.which], out=now[:, :, :length])
            for row, beyond, cost in level.merged:
                joined = table[beyond][:, 1 : length + 1] + cost[now_read]
                np.maximum(now[row, :, :length], joined, out=now[row, :, :length])
            for step in range(length - 1, -1, -1):
                np.maximum(now[:, :, step], now[:, :, step + 1] + extra[:, step], out=now[:, :, step])
            table[level.start : level.start + len(now), :, : length + 1] = now
        return table[tree.rimes, :, : length + 1]

    def _grow(self, rimes: Sequence[str]) -> _Tree:
        """The tree of the rimes' endings, shortest first."""
        endings = sorted(
            {rime[start:] for rime in rimes for start in range(len(rime))}, key=lambda end: (len(end), end)
        )
        number = {ending: place for place, ending in enumerate(["", *endings])}
        levels = []
        for size in range(1, max(map(len, rimes)) + 1):
            group = [ending for ending in endings if len(ending) == size]
            firsts = [self._right.get(ending[0], 0) for ending in group]
            letters = np.array(sorted(set(firsts)))
            which = np.searchsorted(letters, firsts)
            merged = []
            for row, ending in enumerate(group):
                cost = (
                    self._merged.get((self._right.get(ending[0], 0), self._right.get(ending[1], 0)))
                    if size > 1
                    else None
                )
                if cost is not None:
                    merged.append((row, number[ending[2:]], cost))
            child = np.array([number[ending[1:]] for ending in group])
            levels.append(_Level(number[group[0]], child, letters, which, merged))
        return _Tree(len(number), levels, np.array([number[rime] for rime in rimes]))

    def _fronts(self, onsets: Sequence[str], read: Ints) -> Floats:
        """Log P(string up to each place | onset), onsets × strings × cuts."""
        cuts = min(_CUTS, read.shape[1] - 1)
        table: dict[str, Floats] = {}
        empty = np.full((read.shape[0], cuts), _FAR, np.float32)
        empty[:, 0] = 0.0
        empty[:, 1:] = np.cumsum(self._extra[read[:, : cuts - 1]], axis=1)
        table[""] = empty
        for onset in sorted(onsets, key=len):
            for size in range(1, len(onset) + 1):
                text = onset[:size]
                if text in table:
                    continue
                before = table[text[:-1]]
                letter = self._right.get(text[-1], 0)
                now = before + self._gone[letter]
                now[:, 1:] = np.maximum(now[:, 1:], before[:, :-1] + self._one[letter][read[:, : cuts - 1]])
                if cuts > 2:
                    two = self._two[letter][read[:, : cuts - 2], read[:, 1 : cuts - 1]]
                    now[:, 2:] = np.maximum(now[:, 2:], before[:, :-2] + two)
                if size >= 2:
                    merged = self._merged.get((self._right.get(text[-2], 0), letter))
                    if merged is not None:
                        far = table[text[:-2]]
                        now[:, 1:] = np.maximum(now[:, 1:], far[:, :-1] + merged[read[:, : cuts - 1]])
                for step in range(1, cuts):
                    now[:, step] = np.maximum(now[:, step], now[:, step - 1] + self._extra[read[:, step - 1]])
                table[text] = now
        return np.stack([table[onset] for onset in onsets])
