"""One page from its sheet: its own text where that can be trusted, else looked at, cleaned and recognised."""

from __future__ import annotations

from services.ocr import tesseract
from services.ocr.lines import ReadLine, Rect
from services.ocr.model import Box, Page, Quality, Word
from services.ocr.sheet import Picture, Sheet


def read_page(sheet: Sheet, number: int) -> Page:
    """Reads one page. Raises TimeLimit."""
    picture = upright_picture(sheet)
    lines = tesseract.read(picture, sheet.dpi)
    return Page(
        number=number,
        width_px=picture.shape[1],
        height_px=picture.shape[0],
        dpi=sheet.dpi,
        rotation_deg=0,
        skew_deg=0.0,
        source="recognised",
        quality=look_at(sheet),
        text="\n".join(line.text for line in lines),
        words=_words(lines),
    )


def look_at(sheet: Sheet) -> Quality:
    """What a look at the sheet finds, without reading it."""
    return Quality(effective_dpi=sheet.dpi)


def upright_picture(sheet: Sheet) -> Picture:
    """The sheet turned upright: what ``Page`` boxes are measured on."""
    return sheet.picture


def _words(lines: list[ReadLine]) -> tuple[Word, ...]:
    return tuple(
        Word(word.text, _box(word.rect), word.confidence, line=index, block=0)
        for index, line in enumerate(lines)
        for word in line.words
    )


def _box(rect: Rect) -> Box:
    return Box(round(rect.left), round(rect.top), round(rect.right), round(rect.bottom))
