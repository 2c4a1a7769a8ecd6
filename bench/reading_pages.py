"""Pages for judging: office papers rendered in fonts that taught nothing (FreeSerif, FreeSans), damaged five ways.

The damage here is written apart from the training's, and no figure of ours was tuned on these pages.
"""

from __future__ import annotations

import io
import lzma
import random
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = NDArray[np.uint8]

CONDITIONS = ("clean", "mild", "fax", "hard", "phone")
_FONTS = Path("/usr/share/fonts/truetype/freefont")
_HELD_OUT = 7  # every so many lines of the text one is kept for judging: training took multiples of five, less this


class BenchPage(NamedTuple):
    jpeg_or_png: bytes
    suffix: str
    dpi: int
    truth: str


def pages(text: Path, condition: str, count: int, seed: int = 20) -> list[BenchPage]:
    """``count`` pages of one condition; the same seed gives the same pages."""
    rng = random.Random(f"{seed}-{condition}")
    lines = _lines(text, rng, 40 * count)
    made = []
    for number in range(count):
        body = lines[number * 40 : (number + 1) * 40]
        family = "FreeSerif" if number % 3 else "FreeSans"
        dpi = 150 if condition == "hard" else 200
        picture, truth = _page(rng, body, family, dpi)
        made.append(_scan(picture, truth, condition, dpi, rng))
    return made


def _lines(text: Path, rng: random.Random, wanted: int) -> list[str]:
    kept = []
    with lzma.open(text, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if number > 400_000:
                break
            if number % 5 and number % _HELD_OUT == 3 and 40 < len(line) < 420:
                kept.append(" ".join(line.split()))
    rng.shuffle(kept)
    return kept[:wanted]


def _page(rng: random.Random, body: list[str], family: str, dpi: int) -> tuple[Colour, str]:
    """An A4 page with letterhead, body and closing; the text in reading order."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)

    def font(points: float, style: str = "") -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(_FONTS / f"{family}{style}.ttf"), round(points * dpi / 72))

    slanted = "Italic" if family == "FreeSerif" else "Oblique"
    number = rng.randint(11, 980)
    left = [("ỦY BAN NHÂN DÂN", ""), ("XÃ PHƯỚC AN", "Bold"), (f"Số: {number}/QĐ-UBND", "")]
    right = [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Bold"),
        ("Độc lập - Tự do - Hạnh phúc", "Bold"),
        (f"Phước An, ngày {rng.randint(10, 28)} tháng {rng.randint(3, 12):02d} năm 2026", slanted),
    ]
    y = 0.8 * dpi
    for column, centre in ((left, 0.27), (right, 0.67)):
        row = y
        for text, style in column:
            draw.text((centre * width, row), text, font=font(12, style), fill="black", anchor="ma")
            row += 0.26 * dpi
    truth = [text for text, _ in (*left, *right)]
    y += 1.1 * dpi
    title = font(14, "Bold")
    for text in ("QUYẾT ĐỊNH", "Về việc giải quyết hồ sơ thủ tục hành chính"):
        draw.text((width / 2, y), text, font=title, fill="black", anchor="ma")
        truth.append(text)
        y += 0.3 * dpi
    y += 0.1 * dpi
    plain = font(13)
    low = height - 2.4 * dpi
    for paragraph in body:
        rows = _wrapped(paragraph, plain, width - 1.9 * dpi, 0.4 * dpi)
        if y + len(rows) * 0.27 * dpi > low:
            break
        for index, row in enumerate(rows):
            indent = 0.4 * dpi if index == 0 else 0.0
            draw.text((1.1 * dpi + indent, y), row, font=plain, fill="black")
            truth.append(row)
            y += 0.27 * dpi
        y += 0.06 * dpi
    y += 0.2 * dpi
    receivers = [("Nơi nhận:", slanted), ("- Như Điều 3;", ""), (f"- Lưu: VT, HCC ({rng.randint(2, 9)}b).", "")]
    signed = [("TM. ỦY BAN NHÂN DÂN", "Bold"), ("CHỦ TỊCH", "Bold"), ("", ""), ("", ""), ("Trần Thị Hồng Gấm", "Bold")]
    for rows, x, anchor in (
        (receivers, 1.1 * dpi, "la"),
        (signed, 0.7 * width, "ma"),
    ):
        row_y = y
        for text, style in rows:
            draw.text((x, row_y), text, font=font(12, style), fill="black", anchor=anchor)
            row_y += 0.25 * dpi
            truth += [text] if text else []
    return np.asarray(image), "\n".join(truth)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: float, indent: float) -> list[str]:
    rows: list[str] = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if font.getlength(longer) > room - (indent if len(rows) == 1 else 0) and rows[-1]:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _scan(picture: Colour, truth: str, condition: str, dpi: int, rng: random.Random) -> BenchPage:
    np.random.seed(rng.randrange(2**31))
    if condition == "clean":
        return BenchPage(_coded(picture, dpi, "PNG"), ".png", dpi, truth)
    if condition == "mild":
        page = _turned(picture, rng.uniform(-0.8, 0.8))
        page = cv2.GaussianBlur(page, (0, 0), 0.7)
        page = _grain(page, 5)
        return BenchPage(_coded(page, dpi, "JPEG", 75), ".jpg", dpi, truth)
    if condition == "fax":
        grey = cv2.GaussianBlur(cv2.cvtColor(_turned(picture, rng.uniform(-0.5, 0.5)), cv2.COLOR_RGB2GRAY), (0, 0), 0.8)
        bits = np.where(_grain(grey, 24) > 150, 255, 0).astype(np.uint8)
        dust = np.random.random(bits.shape)
        bits[dust < 0.0006] = 0
        bits[dust > 0.9994] = 255
        return BenchPage(_coded(bits, dpi, "PNG", bilevel=True), ".png", dpi, truth)
    if condition == "hard":
        page = _stamped(picture, dpi, rng)
        page = _turned(page, rng.choice((-1, 1)) * rng.uniform(2.4, 3.2))
        height, width = page.shape[:2]
        ramp = (
            np.linspace(rng.uniform(0.55, 0.7), 1.0, width)[None, :, None]
            * np.linspace(1.0, 0.85, height)[:, None, None]
        )
        page = (page * ramp).astype(np.uint8)
        page = cv2.GaussianBlur(page, (0, 0), 0.6)
        specks = np.random.random((height, width)) < 0.0008
        page[specks] = 40
        page = _grain(page, 8)
        return BenchPage(_coded(page, dpi, "JPEG", 40), ".jpg", dpi, truth)
    return BenchPage(_coded(_photographed(picture, rng), 72, "JPEG", 82), ".jpg", 0, truth)


def _coded(picture: Colour, dpi: int, kind: str, quality: int = 75, *, bilevel: bool = False) -> bytes:
    stream = io.BytesIO()
    image = Image.fromarray(picture)
    if bilevel:
        image = image.convert("1")
    image.save(stream, kind, dpi=(dpi, dpi), **({"quality": quality} if kind == "JPEG" else {}))
    return stream.getvalue()


def _turned(picture: Colour, degrees: float) -> Colour:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


def _grain(picture: Colour, sigma: float) -> Colour:
    noise = np.random.normal(0, sigma, picture.shape[:2])
    return np.clip(picture + (noise[..., None] if picture.ndim == 3 else noise), 0, 255).astype(np.uint8)


def _stamped(picture: Colour, dpi: int, rng: random.Random) -> Colour:
    """Two red stamps, as ink: over black print it stays black."""
    ink = np.full_like(picture, 255)
    for x, y in ((0.62, rng.uniform(0.8, 0.86)), (rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.6))):
        centre = (round(x * picture.shape[1]), round(y * picture.shape[0]))
        radius = round(0.68 * dpi)
        cv2.circle(ink, centre, radius, (205, 50, 55), max(2, dpi // 45), cv2.LINE_AA)
        cv2.circle(ink, centre, round(radius * 0.72), (205, 50, 55), 2, cv2.LINE_AA)
        cv2.putText(
            ink, "UBND XA", (centre[0] - radius // 2, centre[1]), cv2.FONT_HERSHEY_DUPLEX, dpi / 300, (205, 50, 55), 2
        )
    return np.minimum(picture, ink)


def _photographed(picture: Colour, rng: random.Random) -> Colour:
    """On a brown table, from above and a little aside, with a shadow."""
    height, width = picture.shape[:2]
    out_h, out_w = round(height * 1.2), round(width * 1.25)
    table = np.empty((out_h, out_w, 3), np.uint8)
    table[:] = (92, 70, 52)
    table = _grain(table, 9)
    margin_x, margin_y = 0.12 * width, 0.1 * height
    slip = lambda share: rng.uniform(0, share)  # noqa: E731
    corners = np.array(
        [
            [margin_x + slip(0.05) * width, margin_y + slip(0.03) * height],
            [margin_x + width * (1 - slip(0.05)), margin_y + slip(0.03) * height],
            [margin_x + width * (1 + slip(0.03)), margin_y + height * (1 - slip(0.02))],
            [margin_x - slip(0.03) * width, margin_y + height * (1 - slip(0.02))],
        ],
        np.float32,
    )
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    sheet = cv2.warpPerspective(np.minimum(picture, 236), matrix, (out_w, out_h), flags=cv2.INTER_CUBIC)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (out_w, out_h))
    photo = np.where(mask[..., None] > 127, sheet, table)
    shade = cv2.resize(np.array([[1.0, 0.95], [0.8, rng.uniform(0.55, 0.7)]], np.float32), (out_w, out_h))
    photo = (photo * shade[..., None]).astype(np.uint8)
    return _grain(cv2.GaussianBlur(photo, (0, 0), 0.8), 5)
