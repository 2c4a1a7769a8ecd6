"""Pages drawn for the tests, with any installed font that has the Vietnamese letters."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FONTS = (
    "croscore/Tinos-Regular.ttf",
    "liberation2/LiberationSerif-Regular.ttf",
    "liberation/LiberationSerif-Regular.ttf",
    "freefont/FreeSerif.ttf",
    "dejavu/DejaVuSerif.ttf",
    "dejavu/DejaVuSans.ttf",
)

DECISION = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Xét đề nghị của Trưởng phòng Văn hóa - Xã hội tại Tờ trình số 27/TTr-VHXH,",
    "QUYẾT ĐỊNH:",
    "Điều 1. Cho phép ông Trần Văn Hiếu được chuyển mục đích sử dụng đất",
    "tại thửa đất số 45, tờ bản đồ số 12, xã Phước An, tỉnh Đồng Nai.",
    "Điều 2. Quyết định này có hiệu lực thi hành kể từ ngày ký ban hành.",
)


@functools.cache
def font_file() -> Path:
    for name in _FONTS:
        path = Path("/usr/share/fonts/truetype") / name
        if path.is_file():
            return path
    pytest.skip("no font with Vietnamese letters is installed (fonts-croscore, fonts-liberation2 or fonts-dejavu)")


def font(points: float, dpi: int = 200) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file()), round(points * dpi / 72))


def page(lines: Sequence[str] = DECISION, *, dpi: int = 200, top_in: float = 1.5, points: float = 13) -> Image.Image:
    """An A4 page with the lines one below the other."""
    image = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((1.1 * dpi, (top_in + 0.36 * number) * dpi), line, font=font(points, dpi), fill="black")
    return image


def array(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


def jpeg(image: Image.Image, path: Path, *, dpi: int = 200, quality: int = 80) -> Path:
    image.save(path, "JPEG", dpi=(dpi, dpi), quality=quality)
    return path


def scanned_pdf(images: Sequence[Image.Image], path: Path, *, dpi: int = 200) -> Path:
    """A PDF as scanners write it: one JPEG a page."""
    images[0].save(path, "PDF", save_all=True, append_images=list(images[1:]), resolution=dpi, quality=80)
    return path


def drawn_pdf(lines: Sequence[str], path: Path) -> Path:
    """A PDF with text and no picture, in a font every reader has; letters beyond Latin-1 cannot be in it."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        helvetica = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(helvetica)))
        rows = [b"BT /F1 12 Tf 72 760 Td 18 TL"]
        rows += [b"(%s) Tj T*" % line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") for line in lines]
        pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, b"\n".join([*rows, b"ET"]))
        pdf.save(path)
    return path
