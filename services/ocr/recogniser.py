"""Our own line recogniser: ``models/vie_lines.onnx``, a CTC network trained by ``recogniser_training``.

Reads a line from its picture and gives, besides the best letters, the frames' log-probabilities, so that the language
can search among what the picture allows.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.ocr.line_picture import HEIGHT, STRIDE, line_picture
from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.networks import session
from services.ocr.sheet import Picture
from services.vietnamese import nfc

if TYPE_CHECKING:
    import onnxruntime

NAME = "trueocr"
_MODEL = Path(__file__).parent / "models" / "vie_lines.onnx"
# Lines of similar width go together; the area bounds the memory of one run.
_BATCH_AREA = 8 * 1100
_SIMILAR = 1.25
_MAX_GLYPH_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Frames:
    """What the network saw of one line: log-probabilities [frames, letters + 1] (class 0 is CTC's blank)."""

    log_probs: NDArray[np.float32]
    rect: Rect
    left: float  # page x of the first frame's left edge
    pixels: float  # pixels of the page a frame is wide

    def x_of(self, frame: float) -> float:
        """Page x of a frame's middle."""
        return self.left + (frame + 0.5) * self.pixels


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
            frames[index] = Frames(np.asarray(answer[row, :count]), rects[index], left, scale * STRIDE)
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
    words: list[ReadWord] = []
    held: list[tuple[str, int, int, float]] = []
    for item in (*letters, (" ", 0, 0, 1.0)):
        if item[0] != " ":
            held.append(item)
        elif held:
            text = nfc("".join(letter for letter, *_ in held))
            # A CTC frame marks a letter's middle: half a letter stands on either side of it.
            half = 0.55 * frames.rect.height * 0.5
            left, right = frames.x_of(held[0][1]) - half, frames.x_of(held[-1][2]) + half
            confidence = float(np.exp(np.mean(np.log([max(p, 1e-4) for *_, p in held]))))
            rect = Rect(max(left, frames.rect.left - half), frames.rect.top, right, frames.rect.bottom)
            words.append(ReadWord(text, rect, min(confidence, min(p for *_, p in held) ** 0.5)))
            held.clear()
    return ReadLine(tuple(words), frames.rect, NAME)
