"""Training text as one long array of word numbers, without what the tests and benches use.

Held out: lines of the general text whose number (from 0) leaves 5 (test) or 6 (development) when divided by 997, the
directives, and every training line (administrative ones too) that shares ten words in a row with any of them.
"""

from __future__ import annotations

import lzma
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.words import BOUND, SPECIAL, cut_words
from services.vietnamese import nfc

HELD_OUT_EVERY = 997
TEST, DEV = 5, 6
_SHARED_RUN = 10
_GAZETTEER_WEIGHT = 3
_FORMULA_WEIGHT = 400
_LONG = np.int64(1_000_003)


@dataclass(frozen=True, slots=True)
class Corpus:
    """``ids``: word numbers, a BOUND before and after every line. ``words[n]`` is the word with number n."""

    ids: NDArray[np.int32]
    words: list[str]
    excluded_lines: int
    lines: int


class _Numbers(dict[str, int]):
    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def read_lines(path: Path) -> Iterator[str]:
    """NFC lines of an xz text."""
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield nfc(line)


def held_out(lines: Iterable[str], remainder: int) -> list[str]:
    """The lines of a text that are kept for testing (``TEST``) or for tuning (``DEV``)."""
    return [line.strip() for number, line in enumerate(lines) if number % HELD_OUT_EVERY == remainder]


def formulae() -> list[str]:
    """Fixed phrases of office letters, one a line (resources beside this package)."""
    text = (resources.files("services.ocr.accents") / "formulae.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def gather(data: Path) -> Corpus:
    """Reads ``data/text`` and ``data/seeds_text`` (only to keep the latter out)."""
    numbers = _Numbers({word: number for number, word in enumerate(SPECIAL)})
    ids, starts = array("i"), array("q")
    kept_out, kept_out_starts = array("i"), array("q")

    def add(line: str, to: array[int], line_starts: array[int]) -> None:
        line_starts.append(len(to))
        to.append(BOUND)
        to.extend(map(numbers.__getitem__, cut_words(line)))

    for name in ("admin_legal", "general"):
        for number, line in enumerate(read_lines(data / "text" / f"{name}.txt.xz")):
            if name == "general" and number % HELD_OUT_EVERY in (TEST, DEV):
                add(line, kept_out, kept_out_starts)
            else:
                add(line, ids, starts)
    for seed in sorted((data / "seeds_text").glob("*.txt")):
        add(nfc(seed.read_text("utf-8")).replace("\n", " "), kept_out, kept_out_starts)

    tokens = np.frombuffer(ids, np.int32)
    line_starts = np.frombuffer(starts, np.int64)
    keep = _unshared(tokens, line_starts, np.frombuffer(kept_out, np.int32), np.frombuffer(kept_out_starts, np.int64))
    line_of = np.repeat(np.arange(len(starts)), np.diff(np.append(line_starts, len(tokens))))
    tokens = tokens[keep[line_of]]

    extra, extra_starts = array("i"), array("q")
    for line in formulae():
        for _ in range(_FORMULA_WEIGHT):
            add(line, extra, extra_starts)
    for line in (data / "text" / "gazetteer.txt").read_text("utf-8").splitlines():
        for _ in range(_GAZETTEER_WEIGHT):
            add(nfc(line), extra, extra_starts)
    tokens = np.concatenate([tokens, np.frombuffer(extra, np.int32), np.array([BOUND], np.int32)])
    # A line's end beside the next line's start is one edge, not two.
    doubled = (tokens[1:] == BOUND) & (tokens[:-1] == BOUND)
    tokens = tokens[np.append(True, ~doubled)]
    return Corpus(tokens, list(numbers), int((~keep).sum()), len(keep))


def _runs(tokens: NDArray[np.int32], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hashes of every ten true words in a row within a line, and the line each stands in."""
    line_of = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(tokens))))
    true = tokens >= len(SPECIAL)
    words, lines = tokens[true].astype(np.int64), line_of[true]
    count = len(words) - _SHARED_RUN + 1
    with np.errstate(over="ignore"):
        hashes = np.zeros(count, np.int64)
        for step in range(_SHARED_RUN):
            hashes = hashes * _LONG + words[step : step + count]
            hashes ^= hashes >> 29
    inside = lines[:count] == lines[_SHARED_RUN - 1 :]
    return hashes[inside], lines[:count][inside]


def _unshared(
    tokens: NDArray[np.int32],
    starts: NDArray[np.int64],
    kept_out: NDArray[np.int32],
    kept_out_starts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    secret, _ = _runs(kept_out, kept_out_starts)
    hashes, lines = _runs(tokens, starts)
    keep = np.ones(len(starts), np.bool_)
    keep[lines[np.isin(hashes, np.unique(secret))]] = False
    return keep
