"""Phone pictures: the sheet is found on the table and pulled flat to a rectangle."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.sheet import Picture

_SIDE = 640
_MIN_SHARE = 0.25  # of the picture that the sheet must fill
_MAX_FILL = 0.985  # a sheet that fills the whole picture has no edges to find
_MIN_TILT = 0.012
_EDGE_PX = 6  # of the small picture, to either side of an edge
_EDGE_STEP = 25


class Lying(NamedTuple):
    """A sheet as it lies in a picture. ``matrix`` maps the pixels of the flat sheet, ``width`` × ``height``, to those
    of the picture (3 × 3).

    ``perspective`` is how far the sheet's corners lay from a rectangle, as a share of its longer side.
    """

    width: int
    height: int
    matrix: NDArray[np.float64]
    perspective: float


def find_sheet(picture: Picture) -> Lying | None:
    """None where the picture shows no sheet on a ground: a scan, or a page cut to its edges."""
    corners = _sheet_corners(picture)
    if corners is None:
        return None
    perspective = _perspective(corners)
    height, width = picture.shape[:2]
    inset = _inset(corners, width, height)
    if perspective < _MIN_TILT and inset < 0.015:
        return None
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    out_w, out_h = round(max(top, bottom)), round(max(left, right))
    target = np.array([[0, 0], [out_w - 1, 0], [out_w - 1, out_h - 1], [0, out_h - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(target, corners.astype(np.float32))
    return Lying(out_w, out_h, np.asarray(matrix, dtype=np.float64), perspective)


def flatten(picture: Picture, sheet: Lying) -> Picture:
    """The sheet pulled flat."""
    flat = cv2.warpPerspective(
        picture,
        sheet.matrix,
        (sheet.width, sheet.height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(flat, dtype=np.uint8)


def _sheet_corners(picture: Picture) -> NDArray[np.float64] | None:
    """Corners of the bright four-sided sheet, clockwise from the top left."""
    scale = _SIDE / max(picture.shape[:2])
    if scale >= 1:
        return None
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    # Print must not cut the sheet into pieces: close it over.
    whole = np.asarray(
        cv2.morphologyEx(cv2.GaussianBlur(grey, (5, 5), 0), cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8)),
        dtype=np.uint8,
    )
    _, bright = cv2.threshold(whole, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inside, outside = whole[bright > 0], whole[bright == 0]
    if not inside.size or not outside.size or float(np.median(inside)) - float(np.median(outside)) < 35:
        return None
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea)
    area = float(cv2.contourArea(largest))
    if not _MIN_SHARE * bright.size <= area <= _MAX_FILL * bright.size:
        return None
    hull = cv2.convexHull(largest)
    length = cv2.arcLength(hull, True)
    for slack in (0.02, 0.03, 0.045, 0.06):
        quad = cv2.approxPolyDP(hull, slack * length, True)
        if len(quad) == 4:
            break
    else:
        return None
    points = quad.reshape(4, 2).astype(np.float64)
    if float(cv2.contourArea(quad)) < 0.9 * area or float(cv2.contourArea(hull)) > 1.12 * area:
        return None  # not a sheet: a bright patch of some other form
    centre = points.mean(axis=0)
    points = points[np.argsort(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]))]
    if not _has_edges(whole, points):
        return None  # light that fades over a scan looks bright and dark too, but has no edge
    first = int(np.argmin(points.sum(axis=1)))
    return np.asarray(np.roll(points, -first, axis=0) / scale, dtype=np.float64)


def _has_edges(grey: NDArray[np.uint8], corners: NDArray[np.float64]) -> bool:
    """True where the brightness steps down within a few pixels along at least three of the four sides."""
    height, width = grey.shape
    stepped = 0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        outward = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1.0)
        points = start + along * np.linspace(0.06, 0.94, 45)[:, None]
        steps = []
        for point in points:
            inside, outside = point - _EDGE_PX * outward, point + _EDGE_PX * outward
            if all(0 <= q[0] < width and 0 <= q[1] < height for q in (inside, outside)):
                steps.append(int(grey[int(inside[1]), int(inside[0])]) - int(grey[int(outside[1]), int(outside[0])]))
        stepped += bool(steps) and float(np.percentile(steps, 25)) >= _EDGE_STEP
    return stepped >= 3


def _perspective(corners: NDArray[np.float64]) -> float:
    a, b, c, d = corners
    parallelogram = float(np.linalg.norm(a + c - b - d))
    sides = max(float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    slant = max(abs(float(b[1] - a[1])), abs(float(c[1] - d[1])), abs(float(d[0] - a[0])), abs(float(c[0] - b[0])))
    return max(parallelogram / sides, 0.5 * slant / sides)


def _inset(corners: NDArray[np.float64], width: int, height: int) -> float:
    """How far inside the picture the sheet's edges lie."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    return float(max(low[0] / width, low[1] / height, 1 - high[0] / width, 1 - high[1] / height))
