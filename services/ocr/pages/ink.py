"""Coloured ink on a page: red stamps and blue signatures are found, boxed, and lifted off the picture that is read.

A colour is lifted only where it forms something larger than a line of print: red titles and blue letterheads are
text and stay. Under a lifted stamp the channel of its own colour is taken, in which red ink on white paper hardly
shows and black print does.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.lines import Rect, around
from services.ocr.sheet import Picture

_MASK_SCALE = 0.5
_MIN_CHROMA = 38  # of 255; the colour noise of a JPEG stays below
# A stamp or a signature is at least this many lines of print high; a printed line with its marks is 1.3.
_STAMP_LINES = 2.6
_SIGNATURE_LINES = 1.7
_FRAME = 0.6  # of the page's side


class ColouredInk(NamedTuple):
    """``grey`` is the picture to read; the rest is where coloured ink stands, in its pixels."""

    grey: Picture
    red_stamps: tuple[Rect, ...]
    blue_strokes: tuple[Rect, ...]
    share: float  # of the page's area


def lift(picture: Picture, text_height: float) -> ColouredInk:
    """The grey picture with stamps and signatures lifted; a grey page comes back as it is."""
    if picture.ndim == 2:
        return ColouredInk(picture, (), (), 0.0)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    size = (max(1, int(picture.shape[1] * _MASK_SCALE)), max(1, int(picture.shape[0] * _MASK_SCALE)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    red, blue = _masks(small)
    share = float(np.count_nonzero(red | blue)) / red.size
    if share < 2e-5:
        return ColouredInk(grey, (), (), share)
    height = text_height * _MASK_SCALE
    stamps, stamp_mask = _large(red, _STAMP_LINES * height, height)
    strokes, stroke_mask = _large(blue, _SIGNATURE_LINES * height, height)
    for mask, channel, keep in ((stamp_mask, 0, 0.80), (stroke_mask, 2, 0.72)):
        if mask is not None:
            _lift_into(grey, picture, mask, channel, keep)
    return ColouredInk(grey, _to_page(stamps), _to_page(strokes), share)


def _masks(rgb: Picture) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    r, g, b = cv2.split(cv2.blur(rgb, (3, 3)))
    rest = cv2.max(g, b)
    red = np.where(cv2.subtract(r, rest) > _MIN_CHROMA, 255, 0).astype(np.uint8)
    blue = np.where(cv2.subtract(b, r) > _MIN_CHROMA, 255, 0).astype(np.uint8)
    return red, blue


def _large(
    mask: NDArray[np.uint8], min_height: float, text_height: float
) -> tuple[list[Rect], NDArray[np.uint8] | None]:
    """Connected shapes at least ``min_height`` high, their boxes and a mask of all their places."""
    if not mask.any():
        return [], None
    reach = max(3, int(text_height * 0.35)) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes: list[Rect] = []
    kept = np.zeros(count, np.uint8)
    for index in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[index])
        if min(width, height) < min_height or area < 0.02 * width * height:
            continue
        if max(width, height) > 0.9 * max(mask.shape) and area > 0.3 * mask.size:
            continue  # coloured paper, not ink
        kept[index] = 255
        if max(width / mask.shape[1], height / mask.shape[0]) > _FRAME:
            continue  # a certificate's printed frame is lifted, but what stands inside it is no stamp
        boxes.append(Rect(left, top, left + width, top + height))
    if not kept.any():
        return [], None
    boxes = _merged(boxes)
    # Broken strokes of the same stamp lie within its box though nothing connects them.
    place = kept[labels]
    for box in boxes:
        part = (slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right)))
        place[part] = cv2.bitwise_or(place[part], mask[part])
    return boxes, np.asarray(place, dtype=np.uint8)


def _merged(boxes: list[Rect]) -> list[Rect]:
    """Boxes that overlap are one stamp: its rings and its star come as shapes of their own."""
    merged: list[Rect] = []
    for box in sorted(boxes, key=lambda b: -(b.width * b.height)):
        for index, other in enumerate(merged):
            if box.left < other.right and other.left < box.right and box.top < other.bottom and other.top < box.bottom:
                merged[index] = around([box, other])
                break
        else:
            merged.append(box)
    return merged


def _lift_into(grey: Picture, picture: Picture, mask: NDArray[np.uint8], channel: int, keep: float) -> None:
    """Replaces grey by the colour's own channel under the mask, stretched so that faint rests turn to paper."""
    wide = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    place = cv2.resize(wide, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    own = picture[..., channel][place].astype(np.float32)
    paper = float(np.percentile(grey[:: max(1, grey.shape[0] // 400), :: max(1, grey.shape[1] // 400)], 80))
    grey[place] = np.clip(own * (255.0 / max(keep * paper, 1.0)), 0, max(paper, 1.0)).astype(np.uint8)


def _to_page(boxes: list[Rect]) -> tuple[Rect, ...]:
    return tuple(Rect(*(value / _MASK_SCALE for value in box)) for box in boxes)
