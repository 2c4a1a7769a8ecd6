"""PDF files of painted papers: pages that are one image each, and pages of text. Same input, same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pikepdf
from fontTools import subset, ttLib
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from sample_docs.painter.fonts import path_of
from sample_docs.painter.sheet import BLANK, Sheet

_PT = 72 / 25.4


@dataclass(frozen=True, slots=True)
class LayerLine:
    """A line of an invisible text layer: its lower left corner in mm from the top left of the page, and its width."""

    text: str
    x: float
    y: float
    width: float
    size_pt: float


class PdfWriter:
    """Collects pages; ``save`` writes the file. ``password`` encrypts it (RC4: so the bytes stay the same)."""

    def __init__(self) -> None:
        self._pdf = pikepdf.new()
        self._fonts: dict[tuple[str, str], Dictionary] = {}

    def image_page(
        self,
        image: Image.Image,
        *,
        width_mm: float,
        height_mm: float,
        quality: int = 45,
        layer: Sequence[LayerLine] = (),
    ) -> None:
        """A page that is one JPEG (one bit deep images are kept so), with an invisible text layer if given."""
        picture = self._bits(image) if image.mode == "1" else self._jpeg(image, quality)
        page = self._page(width_mm, height_mm)
        content = b"q %.3f 0 0 %.3f 0 0 cm /Im0 Do Q" % (width_mm * _PT, height_mm * _PT)
        page.Resources.XObject = Dictionary(Im0=picture)
        if layer:
            font = self._font("tinos", "r", "".join(line.text for line in layer))
            page.Resources.Font = Dictionary(F0=font.dictionary)
            for line in layer:
                natural = font.width(line.text) * line.size_pt
                stretch = 100 * line.width * _PT / natural if natural else 100
                content += b"\nBT 3 Tr /F0 %.2f Tf %.1f Tz 1 0 0 1 %.2f %.2f Tm <%s> Tj ET" % (
                    line.size_pt,
                    stretch,
                    line.x * _PT,
                    (height_mm - line.y) * _PT,
                    font.code(line.text),
                )
        page.Contents = self._pdf.make_stream(content)

    def text_page(self, sheet: Sheet) -> None:
        """A page of text as a word processor prints it: glyphs with their Unicode, rules and frames as lines."""
        page = self._page(sheet.width, sheet.height)
        faces = sorted({ink.style for ink in sheet.inks})
        fonts = {
            face: self._font(sheet.family, face, "".join(i.text for i in sheet.inks if i.style == face))
            for face in faces
        }
        page.Resources.Font = Dictionary({f"/F{i}": fonts[face].dictionary for i, face in enumerate(faces)})
        out: list[bytes] = []
        for mark in sheet.marks:
            if mark.kind == "guilloche":
                for inset in (0.0, 1.6, 4.6):
                    x, y = (mark.x + inset) * _PT, (sheet.height - mark.y - mark.h + inset) * _PT
                    box = (x, y, (mark.w - 2 * inset) * _PT, (mark.h - 2 * inset) * _PT)
                    out.append(
                        b"%.3f %.3f %.3f RG 0.8 w " % tuple(c / 255 for c in mark.colour)
                        + b"%.2f %.2f %.2f %.2f re S" % box
                    )
        for rule in sheet.rules:
            ends = (rule.x0 * _PT, (sheet.height - rule.y0) * _PT, rule.x1 * _PT, (sheet.height - rule.y1) * _PT)
            dash = b"[0.8 2] 0 d" if rule.dotted else b"[] 0 d"
            out.append(dash + b" 0 0 0 RG %.2f w " % (rule.width * _PT) + b"%.2f %.2f m %.2f %.2f l S" % ends)
        for ink in sheet.inks:
            if ink.text.startswith(BLANK):
                continue
            shade = b"%.3f %.3f %.3f rg" % tuple(c / 255 for c in ink.colour)
            place = (ink.size_pt, ink.x * _PT, (sheet.height - ink.y) * _PT)
            code = fonts[ink.style].code(ink.text + ("" if ink.glued else " "))
            out.append(
                shade + b" BT /F%d " % faces.index(ink.style) + b"%.2f Tf %.2f %.2f Td <" % place + code + b"> Tj ET"
            )
        page.Contents = self._pdf.make_stream(b"\n".join(out))

    def save(self, path: Path, *, title: str = "", password: str | None = None) -> None:
        self._pdf.docinfo["/Title"] = title
        self._pdf.docinfo["/Producer"] = "So hoa sample_docs/render.py"
        if password:
            lock = pikepdf.Encryption(owner=password, user=password, R=3, aes=False, metadata=False)
            self._pdf.save(path, encryption=lock, static_id=True)
        else:
            self._pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    def _page(self, width_mm: float, height_mm: float) -> pikepdf.Page:
        page = self._pdf.add_blank_page(page_size=(width_mm * _PT, height_mm * _PT))
        page.Resources = Dictionary()
        return page

    def _jpeg(self, image: Image.Image, quality: int) -> Stream:
        return self._picture(jpeg_bytes(image, quality), image, Name.DCTDecode, 8)

    def _bits(self, image: Image.Image) -> Stream:
        picture = self._picture(image.tobytes(), image, None, 1)
        return picture

    def _picture(self, data: bytes, image: Image.Image, coding: Name | None, bits: int) -> Stream:
        stream = self._pdf.make_stream(data)
        stream.Type, stream.Subtype = Name.XObject, Name.Image
        stream.Width, stream.Height = image.width, image.height
        stream.ColorSpace = Name.DeviceRGB if image.mode == "RGB" else Name.DeviceGray
        stream.BitsPerComponent = bits
        if coding is not None:
            stream.Filter = coding
        return stream

    def _font(self, family: str, style: str, letters: str) -> _PdfFont:
        return _PdfFont(self._pdf, family, style, letters)


def jpeg_bytes(image: Image.Image, quality: int) -> bytes:
    """The image as JPEG."""
    pixels: NDArray[np.uint8] = np.asarray(image)
    if image.mode == "RGB":
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return coded.tobytes()


class _PdfFont:
    """A composite font holding only the letters used, with the way back to Unicode."""

    def __init__(self, pdf: pikepdf.Pdf, family: str, style: str, letters: str) -> None:
        used = sorted(set(letters) | {" "})
        face = ttLib.TTFont(path_of(family, style), recalcTimestamp=False)
        options = subset.Options(retain_gids=True, hinting=False, notdef_outline=True, layout_features=[], name_IDs=[])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(c) for c in used])
        cutter.subset(face)
        glyphs = face.getBestCmap()
        self._ids = {c: face.getGlyphID(glyphs[ord(c)]) for c in used if ord(c) in glyphs}
        em = face["head"].unitsPerEm
        self._widths = {c: face["hmtx"][glyphs[ord(c)]][0] / em for c in self._ids}
        data = io.BytesIO()
        face.save(data)
        name = Name("/" + path_of(family, style).stem)
        program = pdf.make_stream(data.getvalue(), Length1=len(data.getvalue()))
        box = [
            round(v * 1000 / em) for v in (face["head"].xMin, face["head"].yMin, face["head"].xMax, face["head"].yMax)
        ]
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=Array(box),
            ItalicAngle=0,
            Ascent=891,
            Descent=-216,
            CapHeight=660,
            StemV=80,
            FontFile2=program,
        )
        widths: list[object] = []
        for letter, glyph in sorted(self._ids.items(), key=lambda pair: pair[1]):
            widths += [glyph, Array([round(self._widths[letter] * 1000)])]
        inner = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=name,
            FontDescriptor=pdf.make_indirect(descriptor),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            W=Array(widths),
            DW=1000,
            CIDToGIDMap=Name.Identity,
        )
        self.dictionary = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=name,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([pdf.make_indirect(inner)]),
                ToUnicode=pdf.make_stream(self._to_unicode()),
            )
        )

    def code(self, text: str) -> bytes:
        """Glyph numbers in hexadecimal; letters the font lacks become a question mark."""
        fallback = self._ids.get("?", self._ids[" "])
        return "".join(f"{self._ids.get(c, fallback):04x}" for c in text).encode()

    def width(self, text: str) -> float:
        """Width in ems."""
        return sum(self._widths.get(c, 0.25) for c in text)

    def _to_unicode(self) -> bytes:
        rows = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for letter, glyph in self._ids.items()]
        parts = [rows[i : i + 100] for i in range(0, len(rows), 100)]
        maps = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{maps}\nendcmap end end"
        ).encode()
