"""A line of a page as the recogniser sees it: cut out with a margin, 44 px high, ink 1 and paper 0.

Used in the same form when the recogniser is trained and when it reads, so both see the same picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT = 44
STRIDE = 4  # pixels a frame of the recogniser's answer stands for
PAD_Y = 0.16  # of the line's height, above and below: marks on capitals stand out of the box
PAD_X = 0.25
MAX_WIDTH = 3200


def line_picture(
    grey: NDArray[np.uint8], box: tuple[float, float, float, float]
) -> tuple[NDArray[np.float32], float, float]:
    """(ink map [44, width], pixels of the page a pixel of the map stands for, page x of the map's left edge)."""
    left, top, right, bottom = box
    height = max(bottom - top, 4.0)
    x0, x1 = left - PAD_X * height, right + PAD_X * height
    y0, y1 = top - PAD_Y * height, bottom + PAD_Y * height
    page_h, page_w = grey.shape
    ix0, iy0 = int(np.floor(x0)), int(np.floor(y0))
    ix1, iy1 = int(np.ceil(x1)), int(np.ceil(y1))
    sx0, sy0, sx1, sy1 = max(ix0, 0), max(iy0, 0), min(ix1, page_w), min(iy1, page_h)
    if sx1 <= sx0 or sy1 <= sy0:
        return np.zeros((HEIGHT, 8), np.float32), 1.0, float(ix0)
    cut = grey[sy0:sy1, sx0:sx1]
    paper, ink, dark = _tones(cut)
    full = np.full((iy1 - iy0, ix1 - ix0), paper, np.uint8)
    full[sy0 - iy0 : sy1 - iy0, sx0 - ix0 : sx1 - ix0] = cut
    scale = HEIGHT / full.shape[0]
    width = int(min(max(round(full.shape[1] * scale), 8), MAX_WIDTH))
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    small = cv2.resize(full, (width, HEIGHT), interpolation=way).astype(np.float32)
    span = max(abs(float(paper) - float(ink)), 40.0)
    inked = (small - paper) if dark else (paper - small)
    return np.clip(inked / span, 0.0, 1.0), full.shape[1] / width, float(ix0)


def _tones(cut: NDArray[np.uint8]) -> tuple[int, int, bool]:
    """Grey levels of paper and ink, and whether light letters stand on a dark ground."""
    counts = np.cumsum(np.bincount(cut.ravel(), minlength=256))
    dark_end, middle, light_end = (int(np.searchsorted(counts, counts[-1] * part)) for part in (0.015, 0.5, 0.985))
    if light_end - middle > 2 * (middle - dark_end) + 8:
        return middle, light_end, True
    paper = int(np.searchsorted(counts, counts[-1] * 0.8))
    return paper, dark_end, False
