"""Adapter to trueocr's line network: a second, independent pair of eyes on a line the detector found.

The package is young, so this module is all that knows it; without it the product reads with the readers that are left.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.recognising import detector
from services.ocr.recognising.onnx import session
from services.ocr.sheet import Picture
from services.vietnamese import nfc

if TYPE_CHECKING:
    import onnxruntime

NAME = "trueocr"
_STRIDE = 4


def available() -> bool:
    return detector.models() is not None


@functools.cache
def _network() -> tuple[onnxruntime.InferenceSession, list[str]]:
    folder = detector.models()
    if folder is None:
        raise FileNotFoundError("trueocr is not installed")
    letters: list[str] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["charset"]
    return session(folder / "rec.onnx"), letters


def load() -> None:
    """Loads the network now, where it is installed."""
    if available():
        _network()


def read_lines(grey: Picture, rects: Sequence[Rect]) -> list[ReadLine]:
    """Each line's words, in the order given."""
    from trueocr.preprocess import WINDOW, crop_line, pad_batch, width_batches

    network, letters = _network()
    cut = [crop_line(grey, rect, window=WINDOW, max_width=1600) for rect in rects]
    lines: list[ReadLine | None] = [None] * len(cut)
    for group in width_batches([ink.shape[1] for ink in cut], max_batch=16):
        batch, widths = pad_batch([cut[i] for i in group])
        ids, confidences, lengths = network.run(["ids", "conf", "lengths"], {"x": batch, "widths": widths})
        for row, index in enumerate(group):
            length = int(lengths[row])
            scale = rects[index].height * 1.4 / 32.0  # pixels of the page a pixel of the map stands for
            left = rects[index].left - 0.3 * rects[index].height
            words = _words(ids[row, :length], confidences[row, :length], letters, rects[index], left, scale)
            lines[index] = ReadLine(words, rects[index], NAME)
    return [line for line in lines if line is not None]


def _words(
    ids: np.ndarray, confidences: np.ndarray, letters: list[str], rect: Rect, left: float, scale: float
) -> tuple[ReadWord, ...]:
    kept = np.flatnonzero((ids != 0) & np.concatenate(([True], ids[1:] != ids[:-1])))
    words: list[ReadWord] = []
    held: list[int] = []
    half = 0.25 * rect.height
    for frame in (*kept.tolist(), -1):
        letter = letters[int(ids[frame]) - 1] if frame >= 0 else " "
        if letter != " ":
            held.append(frame)
            continue
        if held:
            text = nfc("".join(letters[int(ids[f]) - 1] for f in held))
            x0, x1 = (left + (f + 0.5) * _STRIDE * scale for f in (held[0], held[-1]))
            confidence = float(np.mean([confidences[f] for f in held]))
            words.append(ReadWord(text, Rect(x0 - half, rect.top, x1 + half, rect.bottom), confidence))
            held = []
    return tuple(words)
