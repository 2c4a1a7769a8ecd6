"""Adapter to trueocr's page networks: where the lines are, and which way up the page is."""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from services.ocr.lines import Rect
from services.ocr.recognising.onnx import session
from services.ocr.sheet import Picture

if TYPE_CHECKING:
    from trueocr.page import PageEngine

_VERTICAL = 4  # the network's class for East Asian columns, which no Vietnamese paper has
_MIN_SCORE = 0.35


@functools.cache
def models() -> Path | None:
    """The folder of trueocr's networks; None where the package is not installed."""
    found = importlib.util.find_spec("trueocr")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "models"
    return folder if (folder / "det.onnx").is_file() else None


@functools.cache
def _engine() -> PageEngine:
    from trueocr.page import PageEngine

    folder = models()
    if folder is None:
        raise FileNotFoundError("trueocr is not installed")
    engine = PageEngine.__new__(PageEngine)  # its own start would load a network of reading order as well
    engine.long_side = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["det_long_side"]
    engine.det, engine.orient = session(folder / "det.onnx"), session(folder / "orient.onnx")
    return engine


def load() -> None:
    """Loads the networks now, where they are installed."""
    if models() is not None:
        _engine()


def quarters(grey: Picture) -> int:
    """Clockwise quarter turns that set the page upright (0 when unsure)."""
    turned = int(_engine().orientation(grey))
    return 0 if turned == _VERTICAL else turned


def find_lines(grey: Picture) -> list[Rect]:
    """Boxes of text lines, top to bottom. A line with a wide gap comes as several boxes."""
    found = np.asarray(_engine().detect(grey))
    return [
        Rect(float(x0), float(y0), float(x1), float(y1))
        for x0, y0, x1, y1, score in sorted(found.tolist(), key=lambda row: row[1])
        if score >= _MIN_SCORE and x1 - x0 >= 4 and y1 - y0 >= 5
    ]
