"""The font of invisible text: every letter is the same empty glyph half an em wide, and copies as itself."""

from __future__ import annotations

import functools
import io

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

ADVANCE = 0.5  # of an em
_UNITS = 1000
_NAME = "SohoaBlank"


@functools.cache
def _program() -> bytes:
    builder = FontBuilder(_UNITS, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf({".notdef": Glyph(), "blank": Glyph()})
    advance = int(ADVANCE * _UNITS)
    builder.setupHorizontalMetrics({".notdef": (advance, 0), "blank": (advance, 0)})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular", "psName": _NAME})
    builder.setupOS2(sTypoAscender=900, sTypoDescender=-200, usWinAscent=900, usWinDescent=200)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0  # the same font every time
    builder.font.recalcTimestamp = False
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def add_to(pdf: Pdf) -> Object:
    """The font as an object of ``pdf``. A character's code is its code point, two bytes (UTF-16 without surrogates)."""
    program = Stream(pdf, _program(), Length1=len(_program()))
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + _NAME),
            Flags=4,
            FontBBox=Array([0, -200, int(ADVANCE * _UNITS), 900]),
            ItalicAngle=0,
            Ascent=900,
            Descent=-200,
            CapHeight=700,
            StemV=80,
            FontFile2=pdf.make_indirect(program),
        )
    )
    glyphs = pdf.make_indirect(Stream(pdf, b"\x00\x01" * 65536))  # every code shows glyph 1
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + _NAME),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=descriptor,
        DW=int(ADVANCE * _UNITS),
        CIDToGIDMap=glyphs,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + _NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode())),
        )
    )


def _to_unicode() -> bytes:
    """A CMap that maps every code to itself; a range may not cross a high byte, and a block holds a hundred ranges."""
    high_bytes = [high for high in range(256) if not 0xD8 <= high <= 0xDF]
    blocks = []
    for start in range(0, len(high_bytes), 100):
        part = high_bytes[start : start + 100]
        rows = "\n".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in part)
        blocks.append(f"{len(part)} beginbfrange\n{rows}\nendbfrange")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
