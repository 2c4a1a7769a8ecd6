"""A 64-bit perceptual hash: two scans of one paper differ in few bits, two papers in about half."""

from __future__ import annotations

import cv2
import numpy as np

from services.ocr.sheet import Picture


def phash(grey: Picture) -> int:
    """The signs of the 64 lowest frequencies of the page at 64 × 64 (Zauner 2010), against their median."""
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    low[0] = 0.0  # the mean brightness says nothing about the paper
    bits = low > np.median(low)
    return int("".join("1" if bit else "0" for bit in bits), 2)
