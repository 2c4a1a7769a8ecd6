"""Our own line recogniser: ``models/vie_lines.onnx``, a CTC network trained by ``recogniser_training``.

Reads a line from its picture and gives, besides the best letters, the frames' log-probabilities, so that the language
can search among what the picture allows.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.recognising.line_picture import HEIGHT, STRIDE, line_picture
from services.ocr.recognising.onnx import session
from services.ocr.sheet import Picture
from services.vietnamese import nfc

if TYPE_CHECKING:
    import onnxruntime

NAME = "vie-lines"
_MODEL = Path(__file__).parent / "models" / "vie_lines.onnx"
# Lines of nearly one width go together, and few at a time: what a run works on then stays in the processor's cache.
_BATCH_AREA = 2 * 1100
_SIMILAR = 1.1
_LETTER_GAP = 6  # columns of the line's picture: a wider gap ends the line
_INKED = 0.35
_CORE = slice(7, 37)  # rows of the line's picture that its own letters fill


@dataclass(frozen=True, slots=True)
class Frames:
    """What the network saw of one line: log-probabilities [frames, letters + 1] (class 0 is CTC's blank)."""

    log_probs: NDArray[np.float32]
    rect: Rect
    left: float  # page x of the first frame's left edge
    pixels: float  # pixels of the page a frame is wide
    inked: NDArray[np.bool_]  # which columns of the line's picture hold ink

    def x_of(self, frame: float) -> float:
        """Page x of a frame's middle."""
        return self.left + (frame + 0.5) * self.pixels

    def gap(self, before: int, after: int) -> tuple[float, float]:
        """Page x where the ink ends and begins again in the widest gap between two letters' frames."""
        low, high = int((before + 0.5) * STRIDE), int((after + 0.5) * STRIDE)
        empty = np.concatenate(([False], ~self.inked[low:high], [False])).astype(np.int8)
        starts, ends = np.flatnonzero(np.diff(empty) == 1), np.flatnonzero(np.diff(empty) == -1)
        if not starts.size:
            middle = (low + high) / 2
            return self._x(middle), self._x(middle)
        widest = int((ends - starts).argmax())
        return self._x(low + int(starts[widest])), self._x(low + int(ends[widest]))

    def edges(self, first: int, last: int) -> tuple[float, float]:
        """Page x where the line's ink begins before its first letter's frame and ends after its last's.

        The margin around the box may hold the next column's letters: ink outside the box is not the line's.
        """
        slack = 0.1 * self.rect.height
        left, right = self._x(self._out(first, -1)), self._x(self._out(last, 1) + 1)
        return max(left, self.rect.left - slack), min(right, self.rect.right + slack)

    def _out(self, frame: int, step: int) -> int:
        at = min(int((frame + 0.5) * STRIDE), len(self.inked) - 1)
        end, quiet = at, 0
        while 0 <= at < len(self.inked) and quiet < _LETTER_GAP:
            quiet = 0 if self.inked[at] else quiet + 1
            end = at if self.inked[at] else end
            at += step
        return end

    def _x(self, column: float) -> float:
        return self.left + column * self.pixels / STRIDE


@functools.cache
def _network() -> tuple[onnxruntime.InferenceSession, str]:
    network = session(_MODEL)
    alphabet: str = json.loads(network.get_modelmeta().custom_metadata_map["alphabet"])
    return network, alphabet


def load() -> None:
    """Loads the network now."""
    _network()


def alphabet() -> str:
    """Letter of class i is ``alphabet()[i - 1]``."""
    return _network()[1]


def see(grey: Picture, rects: Sequence[Rect]) -> list[Frames]:
    """Runs the network over the lines of a page."""
    network, _ = _network()
    cut = [line_picture(grey, rect) for rect in rects]
    order = sorted(range(len(cut)), key=lambda i: cut[i][0].shape[1])
    frames: list[Frames | None] = [None] * len(cut)
    while order:
        group = [order[0]]
        first = max(cut[order[0]][0].shape[1], 64)
        for index in order[1:]:
            width = cut[index][0].shape[1]
            if width > _SIMILAR * first or (len(group) + 1) * width > _BATCH_AREA:
                break
            group.append(index)
        order = order[len(group) :]
        width = -(-max(cut[i][0].shape[1] for i in group) // 16) * 16 + 16
        batch = np.zeros((len(group), 1, HEIGHT, width), np.float32)
        for row, index in enumerate(group):
            batch[row, 0, :, : cut[index][0].shape[1]] = cut[index][0]
        (answer,) = network.run(["log_probs"], {"ink": batch})
        for row, index in enumerate(group):
            ink, scale, left = cut[index]
            count = -(-ink.shape[1] // STRIDE)
            inked = ink[_CORE].max(axis=0) > _INKED
            frames[index] = Frames(np.asarray(answer[row, :count]), rects[index], left, scale * STRIDE, inked)
    return [seen for seen in frames if seen is not None]


def best_path(frames: Frames) -> ReadLine:
    """The most likely letter of every frame, without any language."""
    ids = frames.log_probs.argmax(axis=1)
    probs = np.exp(frames.log_probs.max(axis=1))
    letters: list[tuple[str, int, int, float]] = []  # letter, first frame, last frame, confidence
    known = alphabet()
    previous = 0
    for frame, (index, prob) in enumerate(zip(ids.tolist(), probs.tolist(), strict=True)):
        if index and index != previous:
            letters.append((known[index - 1], frame, frame, prob))
        elif index and letters:
            letter, first, _, best = letters[-1]
            letters[-1] = (letter, first, frame, max(best, prob))
        previous = index
    return line_of(frames, letters)


def line_of(frames: Frames, letters: Sequence[tuple[str, int, int, float]]) -> ReadLine:
    """Words with boxes from letters with frames (first and last) and confidences."""
    groups: list[list[tuple[str, int, int, float]]] = [[]]
    for item in letters:
        if item[0] != " ":
            groups[-1].append(item)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if not groups:
        return ReadLine((), frames.rect, NAME)
    start, end = frames.edges(groups[0][0][1], groups[-1][-1][2])
    gaps = [frames.gap(a[-1][2], b[0][1]) for a, b in pairwise(groups)]
    lefts = [start, *(after for _, after in gaps)]
    rights = [*(before for before, _ in gaps), end]
    words = []
    for group, left, right in zip(groups, lefts, rights, strict=True):
        probs = [max(p, 1e-4) for *_, p in group]
        confidence = min(float(np.exp(np.mean(np.log(probs)))), min(probs) ** 0.5)
        rect = Rect(left, frames.rect.top, max(right, left + 1), frames.rect.bottom)
        words.append(ReadWord(nfc("".join(letter for letter, *_ in group)), rect, confidence))
    return ReadLine(tuple(words), frames.rect, NAME)
