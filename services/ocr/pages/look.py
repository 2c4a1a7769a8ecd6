"""A look at a page before it is read: what is wrong with it, and whether the paper must be scanned again.

Every measure is made on the upright grey picture in well under a second. The bounds of ``faults`` follow DOMAIN §9
(effective resolution ≥ 200 dpi, skew ≤ 2°, blank page, cut edge, blur; TT 02/2019/TT-BNV: 200 ppi, colour).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.model import Quality
from services.ocr.sheet import Picture

_A4_LONG_IN = 11.69
_A4_SHAPE = (1.27, 1.48)  # Letter to A4, a little cut or padded
_PRINT_PT = 13.0  # what NĐ 30/2020 prints body text in
_BOX_OF_FONT = 0.95  # a line's box is that much of its font's size

_MIN_DPI = 180.0  # 200 by the rule, less what measuring it from the picture may be off
_MAX_SKEW_DEG = 2.0
_MAX_BLUR = 0.6
_MIN_CONTRAST = 0.3
_MAX_UNEVEN = 0.55
_MAX_PERSPECTIVE = 0.15  # less is pulled flat without loss


class _Marks(NamedTuple):
    bits: NDArray[np.uint8]  # 255 where there is ink
    share: float
    letters: int
    median_height: float
    specks: float


class Measures(NamedTuple):
    """What the picture alone tells, before any line is looked for: what cleaning goes by."""

    paper: float  # grey level of the paper
    ink: float  # grey level of solid ink
    bilevel: bool  # nothing but black and white
    contrast: float
    uneven_light: float
    marks: _Marks

    @property
    def text_height(self) -> float:
        """A guess at a line's box from the letters' heights, px; 0 where there is none."""
        return self.marks.median_height * 1.6

    @property
    def nearly_empty(self) -> bool:
        """So few marks that the page may be blank."""
        return self.marks.letters < 8 and self.marks.share < 4e-3


def measure(grey: Picture) -> Measures:
    """Measures a page's tones, light and marks."""
    paper, ink = _tones(grey)
    contrast = max(paper - ink, 0.0) / 255.0
    return Measures(paper, ink, _is_bilevel(grey), contrast, _uneven_light(grey, paper), _marks(grey, paper, ink))


def look(
    grey: Picture,
    seen: Measures,
    *,
    skew_deg: float,
    text_height: float,
    found_lines: int | None,
    colour_ink: float,
    perspective: float,
    coloured: bool,
) -> Quality:
    """The report on a page.

    ``text_height``: median line box in px, 0 where no line was found; ``found_lines``: how many, None where nothing
    looked for them; ``colour_ink``: share of the page; ``perspective``: as ``flatten`` measured it.
    """
    paper, ink, bilevel, contrast, uneven_light, marks = seen
    empty = marks.letters < 8 if found_lines is None else found_lines == 0
    blank = empty and marks.share < 4e-3 and colour_ink < 1e-3
    height = text_height or seen.text_height
    quality = Quality(
        blank=blank,
        effective_dpi=round(_effective_dpi(grey, height), 1),
        text_height_px=round(height * _BOX_OF_FONT, 1),
        blur=round(0.0 if blank or bilevel else _blur(grey, paper, ink, height), 3),
        contrast=round(contrast, 3),
        uneven_light=round(uneven_light, 3),
        specks=round(marks.specks, 3),
        colour_ink=round(colour_ink, 5),
        bleed_through=round(0.0 if bilevel else _bleed_through(grey, paper, ink), 4),
        perspective=round(perspective, 4),
    )
    faults = _faults(quality, skew_deg, cut=_cut_edge(grey, marks.bits, height), coloured=coloured)
    return replace(quality, faults=faults)


def _tones(grey: Picture) -> tuple[float, float]:
    small = grey[:: max(1, grey.shape[0] // 800), :: max(1, grey.shape[1] // 800)]
    counts = np.cumsum(np.bincount(small.ravel(), minlength=256))
    paper = float(np.searchsorted(counts, counts[-1] * 0.75))
    ink = float(np.searchsorted(counts, counts[-1] * 0.005))
    return paper, ink


def _is_bilevel(grey: Picture) -> bool:
    sample = grey[:: max(1, grey.shape[0] // 500), :: max(1, grey.shape[1] // 500)]
    return bool(np.count_nonzero((sample > 8) & (sample < 247)) < 0.004 * sample.size)


def _marks(grey: Picture, paper: float, ink: float) -> _Marks:
    """Connected marks of ink: letters and specks."""
    span = max(paper - ink, 1.0)
    around = cv2.blur(grey, (61, 61))
    level_by_around = np.clip(np.arange(256) - 0.22 * span, 0, max(paper - 0.25 * span, 0)).round().astype(np.uint8)
    bits = np.asarray(cv2.compare(grey, cv2.LUT(around, level_by_around), cv2.CMP_LT), dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(bits, connectivity=8)
    width, height, area = (stats[1:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    # Letters at any resolution we read; rules and pictures are larger.
    lettered = (height >= 7) & (height <= 120) & (width <= 160) & (width >= 2)
    small = area <= 4
    letters = int(np.count_nonzero(lettered))
    median = float(np.median(height[lettered])) if letters else 0.0
    share = float(area[~small].sum()) / grey.size if count > 1 else 0.0
    return _Marks(bits, share, letters, median, float(np.count_nonzero(small)) / max(letters, 50))


def _effective_dpi(grey: Picture, text_height: float) -> float:
    """From the page's size where its shape is a sheet's, checked against the print; from the print alone otherwise."""
    long, short = max(grey.shape), min(grey.shape)
    by_size = long / _A4_LONG_IN
    by_print = text_height / _BOX_OF_FONT / (_PRINT_PT / 72.0)
    if not text_height:
        return float(by_size)
    if _A4_SHAPE[0] <= long / short <= _A4_SHAPE[1] and 0.55 <= by_print / by_size <= 1.9:
        return float(by_size)
    return float(by_print)


def _blur(grey: Picture, paper: float, ink: float, text_height: float) -> float:
    """How wide the edge of a letter is, measured in stroke widths: 0 for a crisp edge, 1 where strokes melt away."""
    if text_height <= 0:
        return 0.0
    crop = _busiest(grey)
    gx = cv2.Sobel(crop, cv2.CV_32F, 1, 0, ksize=3) / 8.0
    steepest = float(np.percentile(np.abs(gx), 99.3))
    span = max(paper - ink, 20.0)
    if steepest < 1.0:
        return 1.0
    edge_px = span / (2.0 * steepest)  # a one-pixel edge gives half its span to each side of a Sobel
    stroke_px = max(text_height / 11.0, 1.0)
    return float(np.clip((edge_px / stroke_px - 0.55) / 1.6, 0.0, 1.0))


def _busiest(grey: Picture) -> Picture:
    """The part of the page with most print, at most a megapixel, so that blank margins do not count."""
    height, width = grey.shape
    side_y, side_x = min(height, 1000), min(width, 1000)
    rows = np.abs(np.diff(grey[:, :: max(1, width // 200)].astype(np.int16), axis=0)).sum(axis=1)
    window = np.convolve(rows, np.ones(side_y), mode="valid") if height > side_y else np.zeros(1)
    top = int(window.argmax())
    left = (width - side_x) // 2
    return grey[top : top + side_y, left : left + side_x]


def _uneven_light(grey: Picture, paper: float) -> float:
    """How much darker the darkest part of the paper is than the lightest, as a share of the paper's level."""
    small = cv2.resize(grey, (96, 128), interpolation=cv2.INTER_AREA)
    lit = cv2.dilate(small, np.ones((5, 5), np.uint8))
    inner = cv2.blur(lit, (9, 9))[10:-10, 8:-8]
    low, high = (float(v) for v in np.percentile(inner, (3, 97)))
    return max(high - low, 0.0) / max(paper, high, 1.0)


def _bleed_through(grey: Picture, paper: float, ink: float) -> float:
    """Share of the paper that carries faint marks away from real ink: the back of the sheet showing through."""
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    local = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    depth = cv2.subtract(local, small)
    span = max(paper - ink, 1.0)
    strong = cv2.dilate(np.where(depth > 0.38 * span, 255, 0).astype(np.uint8), np.ones((9, 9), np.uint8))
    faint = (depth > 0.09 * span) & (depth < 0.3 * span) & (strong == 0)
    solid = cv2.morphologyEx(faint.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return float(np.count_nonzero(solid)) / solid.size


def _cut_edge(grey: Picture, bits: NDArray[np.uint8], text_height: float) -> bool:
    """Letters that run into the left or right edge of the picture: the sheet lay askew or was trimmed."""
    if text_height <= 0:
        return False
    width = bits.shape[1]
    band = max(2, int(width * 0.002))
    inner = max(6, int(text_height * 0.5))
    cut = 0
    for strip, beside in (
        (bits[:, :band], bits[:, band : band + inner]),
        (bits[:, -band:], bits[:, -band - inner : -band]),
    ):
        touched = strip.any(axis=1) & beside.any(axis=1)
        solid = strip.all(axis=1)
        runs = np.flatnonzero(np.diff(np.concatenate(([0], (touched & ~solid).astype(np.int8), [0]))))
        lengths = runs[1::2] - runs[::2]
        cut += int(np.count_nonzero((lengths >= 0.25 * text_height) & (lengths <= 1.6 * text_height)))
    return cut >= 4


def _faults(quality: Quality, skew_deg: float, *, cut: bool, coloured: bool) -> tuple[str, ...]:
    """Stable codes of what breaks the rules of scanning; a blank page has no other fault."""
    if quality.blank:
        return ("blank",)
    checks = (
        ("low-dpi", quality.effective_dpi < _MIN_DPI),
        ("skewed", abs(skew_deg) > _MAX_SKEW_DEG),
        ("too-blurred", quality.blur > _MAX_BLUR),
        ("low-contrast", quality.contrast < _MIN_CONTRAST),
        ("uneven-light", quality.uneven_light > _MAX_UNEVEN),
        ("cut-edge", cut),
        ("perspective", quality.perspective > _MAX_PERSPECTIVE),
        ("no-colour", not coloured),
    )
    return tuple(code for code, broken in checks if broken)
