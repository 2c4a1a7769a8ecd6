"""One page from its sheet: its own text where that can be trusted, else looked at, cleaned and recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.ocr.lines import ReadLine, Rect
from services.ocr.model import Box, Page, Quality, Source, Word
from services.ocr.pages import clean, codes, flatten, ink, text_layer, upright
from services.ocr.pages.look import look, measure
from services.ocr.pages.order import OrderedLine, in_reading_order
from services.ocr.pages.penned import penned
from services.ocr.pages.phash import phash
from services.ocr.recognising import detector, tesseract
from services.ocr.recognising.recognise import recognise
from services.ocr.sheet import Picture, Sheet

# NĐ 30/2020 prints in 13 pt: a line's box at a page's resolution, before any line was found.
_LINE_OF_PAGE = 0.172 / 11.69
# A line no reader is half sure of is handwriting, a stamp's ring or dirt: it is pointed at, not guessed.
_GUESSED = 0.5
_GUESSED_SHORT = 0.62
_SPECK = 0.35


@dataclass(frozen=True, slots=True)
class Upright:
    """A sheet turned upright (and a photographed one pulled flat): what ``Page`` boxes are measured on."""

    picture: Picture
    rotation_deg: int
    perspective: float = 0.0


class Prepared(NamedTuple):
    """All that is known of a page before it is read."""

    upright: Upright
    skew_deg: float
    grey: Picture  # levelled, stamps lifted, cleaned: the picture to read
    back: NDArray[np.float64] | None  # 2 × 3 map from ``grey`` to the upright picture
    rects: list[Rect] | None  # lines found; None where no detector is installed
    quality: Quality
    ink: ink.ColouredInk
    level: Picture  # upright and level, in its colours


def read_page(sheet: Sheet, number: int) -> Page:
    """Reads one page. Raises NoReader, TimeLimit."""
    state = text_layer.judge(sheet.layer)
    if state == "good" or (state == "other" and not sheet.pictured):
        return _own_text(sheet, number, text_layer.lines_of(sheet.layer), "text-layer")
    prepared = prepare(sheet)
    lines = [] if prepared.quality.blank else recognise(prepared.grey, _dpi(prepared, sheet), prepared.rects)
    sure = [_trimmed(line) for line in lines if not _is_guess(line)]
    if not sure and state in ("stripped", "garbled"):
        return _own_text(sheet, number, text_layer.repaired(text_layer.lines_of(sheet.layer)), "repaired")
    unsure = [line.rect for line in lines if _is_guess(line)]
    written = penned(prepared.level, prepared.grey, sure)
    ordered = in_reading_order(sure, prepared.grey.shape[1])
    height, width = prepared.upright.picture.shape[:2]
    return Page(
        number=number,
        width_px=width,
        height_px=height,
        dpi=sheet.dpi or prepared.quality.effective_dpi,
        rotation_deg=prepared.upright.rotation_deg,
        skew_deg=prepared.skew_deg,
        source="recognised",
        quality=prepared.quality,
        text="\n".join(item.line.text for item in ordered),
        words=_words(ordered, prepared.back, width, height),
        codes=codes.find_codes(_grey(prepared.upright.picture)),
        phash=phash(_grey(prepared.upright.picture)),
        red_stamps=_boxes(prepared.ink.red_stamps, prepared.back, width, height),
        handwriting=_boxes([*prepared.ink.blue_strokes, *unsure, *written], prepared.back, width, height),
    )


def look_at(sheet: Sheet) -> Quality:
    """What a look at the sheet finds, without reading it."""
    return prepare(sheet).quality


def upright_of(sheet: Sheet) -> Upright:
    """The sheet upright; a page with trusted text of its own is upright as it is."""
    if not sheet.pictured:
        return Upright(sheet.picture, 0)
    lying = flatten.find_sheet(sheet.picture)
    picture = flatten.flatten(sheet.picture, lying) if lying else sheet.picture
    quarters = _quarters(_grey(picture))
    return Upright(upright.turn_quarters(picture, quarters), 90 * quarters, lying.perspective if lying else 0.0)


def prepare(sheet: Sheet) -> Prepared:
    """Upright, measured, levelled, lifted, cleaned; lines found."""
    page = upright_of(sheet)
    skew_deg = upright.skew_of(_grey(page.picture))
    level, back = upright.levelled(page.picture, skew_deg)
    lifted = ink.lift(level, max(level.shape[:2]) * _LINE_OF_PAGE)
    seen = measure(lifted.grey)
    # A page that may be blank is looked at as it is first: cleaning it could make a line out of noise.
    grey, steps = (lifted.grey, ()) if seen.nearly_empty else clean.clean(lifted.grey, seen)
    rects = detector.find_lines(grey) if detector.models() is not None else None
    if seen.nearly_empty and rects:
        grey, steps = clean.clean(lifted.grey, seen)
        rects = detector.find_lines(grey) if steps else rects
    text_height = median(rect.height for rect in rects) if rects else 0.0
    quality = look(
        lifted.grey,
        seen,
        skew_deg=skew_deg,
        text_height=text_height,
        found_lines=None if rects is None else len(rects),
        colour_ink=lifted.share,
        perspective=page.perspective,
        coloured=sheet.picture.ndim == 3,
    )
    steps = (*(["flattened"] if page.perspective else []), *(["deskewed"] if back is not None else []), *steps)
    if lifted.red_stamps or lifted.blue_strokes:
        steps = (*steps, "stamps-lifted")
    return Prepared(page, skew_deg, grey, back, rects, replace(quality, cleaned=steps), lifted, level)


def _own_text(sheet: Sheet, number: int, lines: Sequence[ReadLine], source: Source) -> Page:
    """A page whose own text is used; its picture serves only codes, hash and stamps."""
    grey = _grey(sheet.picture)
    height, width = grey.shape
    ordered = in_reading_order(lines, width)
    lifted = ink.lift(sheet.picture, max(height, width) * _LINE_OF_PAGE)
    return Page(
        number=number,
        width_px=width,
        height_px=height,
        dpi=sheet.dpi,
        rotation_deg=0,
        skew_deg=0.0,
        source=source,
        quality=Quality(effective_dpi=round(sheet.dpi, 1)),
        text="\n".join(item.line.text for item in ordered),
        words=_words(ordered, None, width, height),
        codes=codes.find_codes(grey),
        phash=phash(grey),
        red_stamps=_boxes(lifted.red_stamps, None, width, height),
    )


def _quarters(grey: Picture) -> int:
    if detector.models() is not None:
        return detector.quarters(grey)
    return tesseract.quarters(grey) if tesseract.available() else 0


def _dpi(prepared: Prepared, sheet: Sheet) -> float:
    return prepared.quality.effective_dpi or sheet.dpi or 200.0


def _confidence(line: ReadLine) -> float:
    """A line's confidence: its words', each by its length."""
    letters = sum(len(word.text) for word in line.words)
    return sum(word.confidence * len(word.text) for word in line.words) / max(letters, 1)


def _is_guess(line: ReadLine) -> bool:
    """True for what should not be taken for text: read without confidence, or short, unsure and no Vietnamese."""
    confidence = _confidence(line)
    if confidence < _GUESSED:
        return True
    short = len(line.words) <= 2 and confidence < _GUESSED_SHORT
    return short and not any(text_layer.is_syllable(word.text) for word in line.words)


def _trimmed(line: ReadLine) -> ReadLine:
    """The line without specks and strokes of a pen that were read as signs at its ends."""
    words = list(line.words)
    while len(words) > 1 and words[0].confidence < _SPECK:
        words.pop(0)
    while len(words) > 1 and words[-1].confidence < _SPECK:
        words.pop()
    return replace(line, words=tuple(words))


def _grey(picture: Picture) -> Picture:
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _words(
    ordered: Sequence[OrderedLine], back: NDArray[np.float64] | None, width: int, height: int
) -> tuple[Word, ...]:
    return tuple(
        Word(word.text, _box(word.rect, back, width, height), word.confidence, line=index, block=item.block)
        for index, item in enumerate(ordered)
        for word in item.line.words
    )


def _boxes(rects: Sequence[Rect], back: NDArray[np.float64] | None, width: int, height: int) -> tuple[Box, ...]:
    return tuple(_box(rect, back, width, height) for rect in rects)


def _box(rect: Rect, back: NDArray[np.float64] | None, width: int, height: int) -> Box:
    """The box on the upright picture; over the few degrees of a skew a word's own size hardly changes."""
    left, top, right, bottom = rect
    if back is not None:
        x, y = (left + right) / 2, (top + bottom) / 2
        dx, dy = back[0, 0] * x + back[0, 1] * y + back[0, 2] - x, back[1, 0] * x + back[1, 1] * y + back[1, 2] - y
        left, right, top, bottom = left + dx, right + dx, top + dy, bottom + dy
    x0, y0 = min(max(round(left), 0), width - 1), min(max(round(top), 0), height - 1)
    return Box(x0, y0, max(min(round(right), width), x0 + 1), max(min(round(bottom), height), y0 + 1))
