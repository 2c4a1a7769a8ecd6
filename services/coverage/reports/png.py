"""A drawing as PNG, by Pillow, with a font of the machine that has the Vietnamese letters."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from services.coverage.reports.drawing import Box, Drawing, Line, Words
from services.errors import ServiceError

_REGULAR = ("arial.ttf", "Arial.ttf", "NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
_BOLD = ("arialbd.ttf", "Arial Bold.ttf", "NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf")
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


class NoFont(ServiceError):
    code = "no-font"
    vi = "Máy chưa có phông chữ tiếng Việt để vẽ PNG; hãy cài phông Liberation hoặc DejaVu, hoặc dùng SVG."
    en = "No font with Vietnamese letters for PNG on this machine; install Liberation or DejaVu fonts, or use SVG."


def to_png(drawing: Drawing, *, scale: int = 2) -> bytes:
    """PNG bytes, ``scale`` pixels for each of the drawing's. Raises ``NoFont``."""
    image = Image.new("RGB", (drawing.width * scale, drawing.height * scale), "#ffffff")
    pen = ImageDraw.Draw(image)
    for s in drawing.shapes:
        match s:
            case Box():
                corner = (s.x + s.width) * scale - 1, (s.y + s.height) * scale - 1
                if corner[0] >= s.x * scale and corner[1] >= s.y * scale:
                    pen.rectangle((s.x * scale, s.y * scale, *corner), fill=s.fill)
            case Line():
                ends = (s.x1 * scale, s.y1 * scale, s.x2 * scale, s.y2 * scale)
                pen.line(ends, fill=s.colour, width=max(1, round(s.width * scale)))
            case Words():
                font = _font(s.bold, s.size * scale)
                pen.text((s.x * scale, s.y * scale), s.text, fill=s.colour, font=font, anchor=_ANCHORS[s.anchor])
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(maxsize=32)
def _font(bold: bool, size: int) -> ImageFont.FreeTypeFont:
    for name in _BOLD if bold else _REGULAR:
        try:
            font = ImageFont.truetype(name, size)
        except OSError:
            continue  # not on this machine: the next one
        # some builds of these fonts have no letters with two marks
        if bytes(font.getmask("ự")) != bytes(font.getmask("\ufffe")):
            return font
    raise NoFont(", ".join(_REGULAR))
