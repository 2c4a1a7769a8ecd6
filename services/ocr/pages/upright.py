"""Turns a page upright: quarter turns, then the small skew a feeder leaves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.sheet import Picture

# A smaller skew costs the readers nothing, and turning a picture always costs a little sharpness.
DESKEW_MIN_DEG = 0.2
_DESKEW_MAX_DEG = 12.0
_SIDE = 900
_SQUEEZE = 4  # columns of a thumbnail taken together: within so few, a row hardly rises


def skew_of(grey: Picture) -> float:
    """Degrees, counter-clockwise positive, that level the text rows (0 for a page without rows).

    The angle is the one at which the ink's profile over the rows changes most sharply (Postl 1986), searched coarsely
    on a small thumbnail and then to 0.05 degree.
    """
    ink = _ink(grey, _SIDE)
    if ink.mean() < 0.002 * 255:
        return 0.0
    fine, coarse = _squeezed(ink), _squeezed(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    wide = np.arange(-_DESKEW_MAX_DEG, _DESKEW_MAX_DEG + 0.01, 1.5)
    best = max((float(a) for a in wide), key=lambda a: _sharpness(coarse, a))
    for step, reach in ((0.5, 1.0), (0.15, 0.45), (0.05, 0.1)):
        near = np.arange(best - reach, best + reach + step / 2, step)
        best = max((float(a) for a in near), key=lambda a: _sharpness(fine, a))
    return 0.0 if _sharpness(fine, best) < 1.02 * _sharpness(fine, 0.0) else round(best, 2)


def turn_quarters(picture: Picture, quarters: int) -> Picture:
    """``quarters`` clockwise quarter turns."""
    return np.ascontiguousarray(np.rot90(picture, -quarters)) if quarters % 4 else picture


def levelled(picture: Picture, skew_deg: float) -> tuple[Picture, NDArray[np.float64] | None]:
    """The picture turned by ``skew_deg`` about its centre, and the 2 × 3 map back to where it was (None: untouched)."""
    if abs(skew_deg) < DESKEW_MIN_DEG:
        return picture, None
    height, width = picture.shape[:2]
    forward = cv2.getRotationMatrix2D((width / 2, height / 2), skew_deg, 1.0)
    turned = cv2.warpAffine(picture, forward, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8), np.asarray(cv2.invertAffineTransform(forward), dtype=np.float64)


def _ink(grey: Picture, side: int) -> Picture:
    height, width = grey.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    # Against the paper around it: a shadow has edges of its own, which are not text rows.
    paper = cv2.blur(cv2.dilate(small, np.ones((7, 7), np.uint8)), (31, 31))
    ink = cv2.subtract(paper, small)
    margin_y, margin_x = ink.shape[0] // 40, ink.shape[1] // 40
    ink[:margin_y], ink[-margin_y:], ink[:, :margin_x], ink[:, -margin_x:] = 0, 0, 0, 0
    return np.asarray(ink, dtype=np.uint8)


def _squeezed(ink: cv2.typing.MatLike) -> NDArray[np.float32]:
    height, width = ink.shape
    size = (max(1, width // _SQUEEZE), height)
    return np.asarray(cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _sharpness(squeezed: NDArray[np.float32], degrees: float) -> float:
    """How sharply the rows' ink changes from row to row when the rows are tilted by ``degrees``."""
    height, width = squeezed.shape
    rise = np.tan(np.radians(degrees)) * _SQUEEZE
    tilt = np.array([[1.0, 0.0, 0.0], [-rise, 1.0, rise * (width - 1) / 2]])
    rows = cv2.warpAffine(squeezed, tilt, (width, height)).sum(axis=1, dtype=np.float64)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())
