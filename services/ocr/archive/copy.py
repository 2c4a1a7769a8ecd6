"""The archive copy: a searchable PDF/A-2b with invisible text exactly over the words, beside the untouched original.

Scans keep their own image bytes: JPEG, CCITT and Flate data go over as they are. Only what PDF/A cannot hold (a page
that draws with fonts it does not embed, WebP, HEIC) is turned into a picture first. A signed original is never
rewritten: its signature stays with the original, the copy shows the mark it left on the page.
"""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from services.limits import Limits
from services.ocr.archive import blank_font
from services.ocr.archive.embed import embed_picture, embed_rendered
from services.ocr.errors import CannotArchive
from services.ocr.model import Page, Reading, Word
from services.ocr.opening.document import OpenedFile, open_file
from services.ocr.opening.scans import Scan, marks_of, the_scan
from services.ocr.pages import flatten
from services.ocr.sheet import Picture

_FLAVOUR = "2b"
_BASELINE = 0.22  # of a word's box, from its foot

logging.getLogger("fontTools").setLevel(logging.ERROR)


def load() -> None:
    """Loads what every copy needs, so that children forked afterwards have it: most of it is pikepdf's PDF/A rules."""
    from pikepdf import pdfa

    with Pdf.new() as pdf, io.BytesIO() as nowhere:
        blank_font.add_to(pdf)
        pdf.add_blank_page()
        _describe(pdf)
        pdfa.save(pdf, nowhere, _FLAVOUR)


def build_archive_copy(path: Path, reading: Reading, out: Path, limits: Limits) -> None:
    """Writes the copy to ``out``. Runs in a reading child: the file is not trusted. Raises CannotArchive."""
    from pikepdf import pdfa

    ways: list[Callable[[], Pdf]] = (
        [
            lambda: _from_pdf(path, reading, limits, drawn=True),
            lambda: _from_pdf(path, reading, limits, drawn=False),
            lambda: _from_pictures(path, reading, limits, rendered=True),
        ]
        if reading.media_type == "application/pdf"
        else [
            lambda: _from_pictures(path, reading, limits, rendered=False),
            lambda: _from_pictures(path, reading, limits, rendered=True),
        ]
    )
    reason = ""
    for way in ways:
        try:
            with way() as pdf:
                _describe(pdf)
                pdfa.save(pdf, out, _FLAVOUR)
                return
        except (pdfa.PdfaError, pikepdf.PdfError, ValueError) as error:
            reason = f"{type(error).__name__}: {str(error)[:300]}"
    raise CannotArchive(reason)


def _from_pdf(path: Path, reading: Reading, limits: Limits, *, drawn: bool) -> Pdf:
    """A new document of the old one's pages: scans by their own image data, drawn pages as they are if ``drawn``."""
    pdf = Pdf.new()
    font = blank_font.add_to(pdf)
    opened, _ = open_file(path, limits)
    try:
        with pikepdf.open(path) as source:
            for old, read in zip(source.pages, reading.pages, strict=False):
                shown = _Shown(opened, read)
                scan = the_scan(old)
                if scan is not None:
                    _add_scan(pdf, old, scan, shown)
                elif drawn:
                    _add_drawn(pdf, old, own_text=read.source == "text-layer")
                else:
                    _add_rendered(pdf, old, shown)
                if not read.error and (read.source != "text-layer" or scan is not None or not drawn):
                    page = pdf.pages[-1]
                    turn = int(page.obj.get("/Rotate", 0)) % 360
                    box = [float(value) for value in page.mediabox]
                    to_user = _user_from_shown(box, turn) @ _shown_from_upright(read, shown)
                    _lay_text(page, font, read.words, to_user)
                    page.obj[Name.Rotate] = (turn + read.rotation_deg) % 360
    finally:
        opened.close()
    return pdf


def _add_scan(pdf: Pdf, old: pikepdf.Page, scan: Scan, shown: _Shown) -> None:
    """A page of the scan's own image data; marks that annotations leave on it (a signature's) are laid over as seen."""
    page = _add_page(pdf, old)
    image = pdf.copy_foreign(scan.image)
    for key in ("/Interpolate", "/Metadata", "/OPI", "/Alternates", "/StructParent", "/OC"):
        if key in image:
            del image[key]
    xobjects = Dictionary(Im0=image)
    rows = [b"q %.5f %.5f %.5f %.5f %.5f %.5f cm /Im0 Do Q" % scan.matrix]
    turn = int(old.obj.get("/Rotate", 0)) % 360
    box = [float(value) for value in page.mediabox]
    for number, (left, bottom, right, top) in enumerate(marks_of(old), 1):
        cut = _cut(shown.picture, _inverse(_user_from_shown(box, turn)), (left, bottom, right, top), turn)
        if cut is not None:
            xobjects[Name(f"/Mark{number}")] = embed_rendered(pdf, cut, lossless=False)
            place = (right - left, top - bottom, left, bottom)
            rows.append(b"q %.4f 0 0 %.4f %.4f %.4f cm /Mark%d Do Q" % (*place, number))
    page.obj[Name.Resources] = Dictionary(XObject=xobjects)
    page.obj[Name.Contents] = pdf.make_indirect(Stream(pdf, b"\n".join(rows)))


def _add_drawn(pdf: Pdf, old: pikepdf.Page, *, own_text: bool) -> None:
    """The page as it draws itself; a layer of hidden text that was found bad goes."""
    pdf.pages.append(old)
    page = pdf.pages[-1]
    for key in list(page.obj.keys()):
        if key not in ("/Type", "/Parent", "/Resources", "/Contents", "/MediaBox", "/CropBox", "/Rotate", "/Group"):
            del page.obj[key]
    if not own_text:
        _drop_text(pdf, page)


def _add_rendered(pdf: Pdf, old: pikepdf.Page, shown: _Shown) -> None:
    page = _add_page(pdf, old)
    turn = int(old.obj.get("/Rotate", 0)) % 360
    picture = np.ascontiguousarray(np.rot90(shown.picture, turn // 90)) if turn else shown.picture
    left, bottom, right, top = (float(value) for value in page.mediabox)
    page.obj[Name.Resources] = Dictionary(XObject=Dictionary(Im0=embed_rendered(pdf, picture, lossless=False)))
    drawing = b"q %.4f 0 0 %.4f %.4f %.4f cm /Im0 Do Q" % (right - left, top - bottom, left, bottom)
    page.obj[Name.Contents] = pdf.make_indirect(Stream(pdf, drawing))


def _add_page(pdf: Pdf, old: pikepdf.Page) -> pikepdf.Page:
    """An empty page of the old one's visible size and turn."""
    box = [float(value) for value in old.cropbox]
    pdf.add_blank_page(page_size=(max(box[2] - box[0], 3.0), max(box[3] - box[1], 3.0)))
    page = pdf.pages[-1]
    page.obj[Name.MediaBox] = Array(box)
    if "/Rotate" in old.obj:
        page.obj[Name.Rotate] = int(old.obj["/Rotate"]) % 360
    return page


def _cut(
    picture: Picture, to_shown: NDArray[np.float64], rect: tuple[float, float, float, float], turn: int
) -> Picture | None:
    """What is seen in a rectangle of user space, unturned; None where it lies outside the page."""
    height, width = picture.shape[:2]
    corners = _points(to_shown, np.array(rect[::2]), np.array(rect[1::2])) * (width, height)
    (x_low, y_low), (x_high, y_high) = corners.min(axis=0), corners.max(axis=0)
    x0, x1 = max(int(x_low), 0), min(int(x_high) + 1, width)
    y0, y1 = max(int(y_low), 0), min(int(y_high) + 1, height)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return None
    return np.ascontiguousarray(np.rot90(picture[y0:y1, x0:x1], turn // 90))


def _from_pictures(path: Path, reading: Reading, limits: Limits, *, rendered: bool) -> Pdf:
    """A new document of pictures: the file's own image data where it can go over, else the page as rendered."""
    pdf = Pdf.new()
    font = blank_font.add_to(pdf)
    opened, media_type = open_file(path, limits)
    try:
        for read in reading.pages:
            shown = _Shown(opened, read)
            own = None if rendered else embed_picture(pdf, path, media_type, read.number)
            lossless = media_type in ("image/png", "image/tiff")
            image, turn = own or (embed_rendered(pdf, shown.picture, lossless=lossless), 0)
            dpi = read.dpi if read.dpi > 30 else 200.0
            wide, high = shown.size[::-1] if turn in (90, 270) else shown.size
            size = (wide * 72.0 / dpi, high * 72.0 / dpi)
            pdf.add_blank_page(page_size=size)
            page = pdf.pages[-1]
            page.obj[Name.Resources] = Dictionary(XObject=Dictionary(Im0=image))
            page.obj[Name.Contents] = pdf.make_indirect(Stream(pdf, b"q %.4f 0 0 %.4f 0 0 cm /Im0 Do Q" % size))
            if not read.error:
                box = [0.0, 0.0, *size]
                to_user = _user_from_shown(box, turn) @ _shown_from_upright(read, shown)
                _lay_text(page, font, read.words, to_user)
            page.obj[Name.Rotate] = (turn + read.rotation_deg) % 360
    finally:
        opened.close()
    return pdf


class _Shown:
    """A page as the file shows it. It is decoded only where its picture is needed: its size the reading knows."""

    def __init__(self, opened: OpenedFile, read: Page) -> None:
        self._opened, self._read = opened, read
        self.flattened = "flattened" in read.quality.cleaned

    @functools.cached_property
    def picture(self) -> Picture:
        """Raises as ``OpenedFile.sheet``."""
        return self._opened.sheet(self._read.number).picture

    @functools.cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        read = self._read
        if self.flattened or not read.width_px:
            return self.picture.shape[1], self.picture.shape[0]
        upright = (read.width_px, read.height_px)
        return upright[::-1] if read.rotation_deg in (90, 270) else upright


def _shown_from_upright(read: Page, shown: _Shown) -> NDArray[np.float64]:
    """3 × 3 map from the upright picture's pixels to the shown page as a unit square, origin top left."""
    width, height = shown.size
    lying = flatten.find_sheet(shown.picture) if shown.flattened else None
    before = np.eye(3) if lying is None else lying.matrix
    flat_w, flat_h = (width, height) if lying is None else (lying.width, lying.height)
    unturned = {
        0: np.eye(3),
        90: np.array([[0.0, 1, 0], [-1, 0, flat_h], [0, 0, 1]]),
        180: np.array([[-1.0, 0, flat_w], [0, -1, flat_h], [0, 0, 1]]),
        270: np.array([[0.0, -1, flat_w], [1, 0, 0], [0, 0, 1]]),
    }[read.rotation_deg % 360]
    return np.asarray(np.diag([1 / width, 1 / height, 1.0]) @ before @ unturned, dtype=np.float64)


def _user_from_shown(box: Sequence[float], turn: int) -> NDArray[np.float64]:
    """3 × 3 map from the unit square of the page as shown (turned by ``turn``) to its user space."""
    left, bottom, right, top = box
    unturn = {
        0: [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]],
        90: [[0.0, 1, 0], [-1, 0, 1], [0, 0, 1]],
        180: [[-1.0, 0, 1], [0, -1, 1], [0, 0, 1]],
        270: [[0.0, -1, 1], [1, 0, 0], [0, 0, 1]],
    }[turn]
    place = np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1.0]])
    return np.asarray(place @ np.array(unturn), dtype=np.float64)


def _lay_text(page: pikepdf.Page, font: Object, words: Sequence[Word], to_user: NDArray[np.float64]) -> None:
    """Each word shown invisibly, stretched over its own box; a space after it, for phrases to be found."""
    texts = ["".join(c for c in word.text if ord(c) < 0x10000) for word in words]
    said = [(word.box, text) for word, text in zip(words, texts, strict=True) if text]
    if not said:
        return
    left, top, right, bottom = np.array([box for box, _ in said], dtype=np.float64).T
    foot = bottom - _BASELINE * (bottom - top)
    starts, ends, heads = (_points(to_user, x, y) for x, y in ((left, foot), (right, foot), (left, top)))
    wide = np.array([[blank_font.ADVANCE * len(text)] for _, text in said])
    matrices = np.hstack([(ends - starts) / wide, (heads - starts) / (1 - _BASELINE), starts])
    rows = [b"q BT 3 Tr /SohoaBlank 1 Tf"]
    for matrix, (_, text) in zip(matrices.tolist(), said, strict=True):
        code = (text + " ").encode("utf-16-be").hex().upper().encode()
        rows.append(b"%.5f %.5f %.5f %.5f %.4f %.4f Tm <%s> Tj" % (*matrix, code))
    rows.append(b"ET Q")
    resources = page.obj.get("/Resources")
    if resources is None:
        resources = page.obj[Name.Resources] = Dictionary()
    fonts = resources.get("/Font")
    if fonts is None:
        fonts = resources[Name.Font] = Dictionary()
    fonts[Name("/SohoaBlank")] = font
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q\n" + b"\n".join(rows))


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _points(matrix: NDArray[np.float64], xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where points go, a row each."""
    u, v, w = matrix @ np.stack([xs, ys, np.ones_like(xs)])
    return np.stack([u / w, v / w], axis=1)


def _drop_text(pdf: Pdf, page: pikepdf.Page) -> None:
    """Takes out text that is not shown (the layer that was found bad); what the page shows stays."""
    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    hidden, dropped = False, False
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "Tr":
            hidden = int(instruction.operands[0]) == 3
        if hidden and operator in ("Tj", "TJ", "'", '"'):
            dropped = True
            continue
        kept.append(instruction)
    if dropped:
        page.obj[Name.Contents] = pdf.make_indirect(Stream(pdf, pikepdf.unparse_content_stream(kept)))


def _describe(pdf: Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdf:Producer"] = "Sohoa"
    pdf.docinfo["/Producer"] = "Sohoa"
