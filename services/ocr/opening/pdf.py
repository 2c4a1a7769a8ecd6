"""Adapter to pdfium: a PDF page by page, as a picture and as the text it already holds.

A page that is one upright image and nothing else is taken as that image, pixel for pixel. Every other page is
rendered at the resolution of its largest image, else at ``DRAWN_DPI``.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from services.limits import Limits
from services.ocr.errors import DamagedFile, EncryptedPdf, NoPages, ReadError, TooManyPages, TooManyPixels
from services.ocr.opening.pictures import reduce_to_side
from services.ocr.sheet import MAX_SIDE, LayerWord, Picture, Sheet
from services.vietnamese import nfc

DRAWN_DPI = 200.0
# Below 150 dpi a rendered page loses tone marks; above 400 nothing is gained (OCRmyPDF #1334: one tiny image must
# not set the resolution of the whole page, so only images over a tenth of the page count).
_DPI_RANGE = (150.0, 400.0)
_LARGE_IMAGE = 0.1
_COVERS_PAGE = 0.97
_MAX_OBJECTS = 20_000
# pdfium keeps the data of every page it has shown until the document is closed: a long file is opened anew in between.
_PAGES_AN_OPENING = 24
_MAX_LAYER_CHARS = 60_000


class PdfFile:
    """An opened PDF. Only the page asked for is decoded."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises EncryptedPdf, DamagedFile, NoPages, TooManyPages."""
        self._path, self._limits = path, limits
        self._open()
        self.page_count = len(self._document)
        if self.page_count < 1:
            self._document.close()
            raise NoPages(path.name)
        if self.page_count > limits.max_pages:
            raise TooManyPages(f"{self.page_count} pages")
        self._init_forms()

    def _open(self) -> None:
        try:
            self._document = pdfium.PdfDocument(self._path)
        except pdfium.PdfiumError as error:
            raise _open_error(error, self._path) from error
        self._given = 0

    def _init_forms(self) -> None:
        self._has_forms = self._document.get_formtype() != raw.FORMTYPE_NONE
        if self._has_forms:
            try:
                self._document.init_forms()
            except pdfium.PdfiumError:
                self._has_forms = False  # a broken form only loses its own marks, the page is still read

    def sheet(self, number: int) -> Sheet:
        """Page ``number`` (from 1). Raises DamagedFile, TooManyPixels."""
        if self._given == _PAGES_AN_OPENING:
            self._document.close()
            self._open()
            self._init_forms()
        self._given += 1
        try:
            page = self._document[number - 1]
        except pdfium.PdfiumError as error:
            raise DamagedFile(f"page {number}: {error}") from error
        try:
            return self._sheet(page)
        except pdfium.PdfiumError as error:
            raise DamagedFile(f"page {number}: {error}") from error
        finally:
            page.close()

    def close(self) -> None:
        self._document.close()

    def _sheet(self, page: pdfium.PdfPage) -> Sheet:
        width_pt, height_pt = page.get_size()
        if width_pt <= 0 or height_pt <= 0:
            raise DamagedFile(f"page of {width_pt} × {height_pt} points")
        images, only_images = _images(page, self._limits)
        picture = _native(page, images) if only_images else None
        if picture is not None:
            dpi = picture.shape[1] / (width_pt / 72.0)
            picture, scale = reduce_to_side(picture)
            dpi *= scale
        else:
            dpi = self._rendering_dpi(images, width_pt, height_pt)
            bitmap = page.render(
                scale=dpi / 72.0, may_draw_forms=self._has_forms, prefer_bgrx=False, rev_byteorder=True
            )
            picture = _rgb(bitmap)
        height, width = picture.shape[:2]
        covered = max((image.share for image in images), default=0.0)
        return Sheet(
            picture=picture,
            dpi=dpi,
            layer=_layer(page, width, height),
            pictured=covered > 0.5,
        )

    def _rendering_dpi(self, images: list[_Image], width_pt: float, height_pt: float) -> float:
        natural = max((image.dpi for image in images if image.share > _LARGE_IMAGE), default=DRAWN_DPI)
        dpi = min(max(natural, _DPI_RANGE[0]), _DPI_RANGE[1])
        # A page of posters' size is rendered as fine as the bounds allow, not refused.
        side = MAX_SIDE / max(width_pt, height_pt) * 72.0
        area = (self._limits.max_pixels / (width_pt * height_pt)) ** 0.5 * 72.0
        return float(min(dpi, side, area))


class _Image:
    """An image on the page: its object, pixels, share of the page's area and true resolution."""

    def __init__(self, item: pdfium.PdfImage, page_area: float) -> None:
        self.item = item
        self.width_px, self.height_px = item.get_px_size()
        left, bottom, right, top = item.get_bounds()
        self.bounds = (left, bottom, right, top)
        width_pt, height_pt = abs(right - left), abs(top - bottom)
        self.share = width_pt * height_pt / page_area
        long_pt, long_px = max(width_pt, height_pt), max(self.width_px, self.height_px)
        self.dpi = long_px / (long_pt / 72.0) if long_pt > 0 else 0.0


def _images(page: pdfium.PdfPage, limits: Limits) -> tuple[list[_Image], bool]:
    """The page's images, and whether the page shows nothing but images (invisible text apart)."""
    area = page.get_width() * page.get_height()
    found: list[_Image] = []
    only_images = raw.FPDFPage_GetAnnotCount(page) == 0
    for count, item in enumerate(page.get_objects(max_depth=4)):
        if count > _MAX_OBJECTS:
            return found, False
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            image = _Image(item, area)
            if image.width_px * image.height_px > limits.max_pixels:
                raise TooManyPixels(f"{image.width_px} × {image.height_px}")
            found.append(image)
        elif item.type == raw.FPDF_PAGEOBJ_TEXT:
            if raw.FPDFTextObj_GetTextRenderMode(item) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                only_images = False
        elif item.type != raw.FPDF_PAGEOBJ_FORM:
            only_images = False
    return found, only_images and bool(found)


def _native(page: pdfium.PdfPage, images: list[_Image]) -> Picture | None:
    """The one image that is the whole page, its own pixels, turned as the page is; None where it is not so simple."""
    if len(images) != 1 or images[0].share < _COVERS_PAGE:
        return None
    image = images[0]
    a, b, c, d, _, _ = image.item.get_matrix().get()
    if a <= 0 or d <= 0 or abs(b) > 1e-3 * a or abs(c) > 1e-3 * d:
        return None
    crop_left, crop_bottom, crop_right, crop_top = page.get_bbox()
    left, bottom, right, top = image.bounds
    slack = 0.02 * max(crop_right - crop_left, crop_top - crop_bottom)
    if max(crop_left - left, crop_bottom - bottom, right - crop_right, top - crop_top) > slack:
        return None
    if image.item.container is not None and getattr(image.item, "level", 0) > 0:
        return None  # inside a form the matrix above is not the whole story
    mask = raw.FPDFImageObj_GetBitmap(image.item)
    if not mask:
        return None
    raw.FPDFBitmap_Destroy(mask)
    picture = _rgb(image.item.get_bitmap(render=False))
    turns = page.get_rotation() // 90
    return np.ascontiguousarray(np.rot90(picture, -turns)) if turns else picture


def _rgb(bitmap: pdfium.PdfBitmap) -> Picture:
    """A pdfium bitmap as grey or RGB; BGR order is turned round and alpha laid on white paper."""
    array = np.asarray(bitmap.to_numpy())
    if array.ndim == 2 or array.shape[2] == 1:
        return np.array(array.reshape(array.shape[:2]), dtype=np.uint8)
    colours = array[..., :3] if bitmap.rev_byteorder else array[..., 2::-1]
    if bitmap.mode in ("BGRA", "RGBA"):
        alpha = array[..., 3:4].astype(np.uint16)
        colours = ((colours.astype(np.uint16) * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return np.array(colours, dtype=np.uint8, order="C")


def _layer(page: pdfium.PdfPage, width: int, height: int) -> tuple[LayerWord, ...]:
    """The words of the page's own text in the order the file gives them, boxes in pixels of the picture."""
    text_page = page.get_textpage()
    try:
        count = min(text_page.count_chars(), _MAX_LAYER_CHARS)
        if count <= 0:
            return ()
        words: list[LayerWord] = []
        letters: list[str] = []
        boxes: list[tuple[float, float, float, float]] = []

        def finish() -> None:
            if letters:
                text = nfc("".join(letters))
                left, bottom = min(b[0] for b in boxes), min(b[2] for b in boxes)
                right, top = max(b[1] for b in boxes), max(b[3] for b in boxes)
                words.append(LayerWord(text, *_to_picture(page, width, height, left, bottom, right, top)))
            letters.clear()
            boxes.clear()

        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        for index in range(count):
            code = raw.FPDFText_GetUnicode(text_page, index)
            letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
            if not letter or letter.isspace() or code < 32 or code in (0xFFFE, 0xFFFF):
                finish()
                continue
            raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
            box = (left.value, right.value, bottom.value, top.value)
            if boxes and _far(boxes[-1], box):
                finish()
            letters.append(letter)
            boxes.append(box)
        finish()
        return tuple(words)
    finally:
        text_page.close()


def _far(before: tuple[float, float, float, float], after: tuple[float, float, float, float]) -> bool:
    """True where two letters cannot belong to one word: another line, or a gap wider than half a letter's height."""
    height = max(before[3] - before[2], after[3] - after[2], 1.0)
    return abs(after[2] - before[2]) > 1.2 * height or after[0] - before[1] > 0.6 * height


def _to_picture(
    page: pdfium.PdfPage, width: int, height: int, left: float, bottom: float, right: float, top: float
) -> tuple[float, float, float, float]:
    xs, ys = [], []
    x, y = ctypes.c_int(), ctypes.c_int()
    for px, py in ((left, bottom), (right, top)):
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, px, py, x, y)
        xs.append(float(x.value))
        ys.append(float(y.value))
    return min(xs), min(ys), max(xs), max(ys)


def _open_error(error: pdfium.PdfiumError, path: Path) -> ReadError:
    code = getattr(error, "err_code", None)
    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return EncryptedPdf(path.name)
    # pdfium gives a document without pages the same code as a broken one.
    try:
        with pikepdf.open(path) as document:
            if len(document.pages) == 0 and "/Pages" in document.Root:
                return NoPages(path.name)
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError):
        pass  # broken for both
    return DamagedFile(f"{path.name}: {error}")
