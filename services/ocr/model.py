"""What reading a file gives: a ``Reading`` of ``Page``s of ``Word``s. Plain values, safe to pickle and to keep.

All boxes are in pixels of the upright page image (after ``rotation_deg`` and before ``skew_deg`` is undone), origin
top left. Confidences run from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Source = Literal["text-layer", "recognised", "repaired"]


class Box(NamedTuple):
    """Left, top, right, bottom in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read. ``line`` and ``block`` count from 0 in reading order within the page."""

    text: str
    box: Box
    confidence: float
    line: int
    block: int


@dataclass(frozen=True, slots=True)
class Code:
    """A QR or bar code found on the page. ``format`` is zxing's name, such as ``QRCode`` or ``Code128``."""

    format: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Quality:
    """What the look at a page found; drives cleaning and is shown to the clerk (DOMAIN §9).

    ``text_height_px`` is the median height of a text line's lower-case body times two, ``effective_dpi`` is derived
    from it and from the page size, not from the file's tag. ``blur`` 0 is sharp, 1 unreadable; ``contrast`` 1 is
    black on white. ``faults`` are stable codes (``too-blurred``, ``low-dpi``, ``skewed``, ``blank``, ``cut-edge``, …)
    that ask for a rescan.
    """

    blank: bool = False
    effective_dpi: float = 0.0
    text_height_px: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    uneven_light: float = 0.0
    specks: float = 0.0
    colour_ink: float = 0.0
    bleed_through: float = 0.0
    perspective: float = 0.0
    faults: tuple[str, ...] = ()
    cleaned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read. ``number`` counts from 1 in the file. ``error`` is a code when only this page failed."""

    number: int
    width_px: int
    height_px: int
    dpi: float
    rotation_deg: int
    skew_deg: float
    source: Source
    quality: Quality
    text: str
    words: tuple[Word, ...] = ()
    codes: tuple[Code, ...] = ()
    phash: int = 0  # 64-bit perceptual hash of the upright page
    red_stamps: tuple[Box, ...] = ()
    handwriting: tuple[Box, ...] = ()  # places that hold ink a reader should not guess at
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A digital signature found in a PDF. ``side`` is where its mark stands on page 1 (TT 01/2023 Đ8, NĐ 30 Đ25)."""

    signer: str
    signed_at: str | None  # ISO 8601
    side: Literal["left", "right"] | None
    covers_whole_file: bool
    intact: bool | None  # None where it was not checked


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as read, pages in order. ``readers`` names the readers used, such as ``("tesseract", "trueocr")``."""

    pages: tuple[Page, ...]
    media_type: str
    signatures: tuple[Signature, ...] = ()
    readers: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """The pages' text, a form feed between two pages."""
        return "\f".join(page.text for page in self.pages)
