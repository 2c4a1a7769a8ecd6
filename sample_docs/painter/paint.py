"""Puts a sheet's ink on an image: RGB, any dpi. Stamps and signatures are laid over the text as real ink is."""

from __future__ import annotations

import math
import random
import zlib
from functools import lru_cache

import numpy as np
import zxingcpp
from PIL import Image, ImageChops, ImageDraw

from sample_docs.painter.fonts import font, width_em
from sample_docs.painter.sheet import BLANK, BLUE, Ink, Mark, Sheet


def paint(sheet: Sheet, dpi: int = 200) -> Image.Image:
    """The sheet as an RGB image, as if printed, stamped and signed by hand: no copying or scanning yet."""
    scale = dpi / 25.4
    image = Image.new("RGB", (round(sheet.width * scale), round(sheet.height * scale)), sheet.ground)
    draw = ImageDraw.Draw(image)
    for mark in sheet.marks:
        if mark.kind in _UNDER:
            _UNDER[mark.kind](image, draw, mark, scale)
    for rule in sheet.rules:
        width = max(1, round(rule.width * scale))
        if rule.dotted:
            x, y = rule.x0 * scale, rule.y0 * scale
            dot = max(1.0, 0.28 * scale)
            while x < rule.x1 * scale:
                draw.rectangle((x, y - dot, x + dot - 1, y - 1), fill=rule.colour)
                x += 1.05 * scale
        else:
            draw.line(
                (rule.x0 * scale, rule.y0 * scale, rule.x1 * scale, rule.y1 * scale), fill=rule.colour, width=width
            )
    for ink in sheet.inks:
        if ink.text.startswith(BLANK):
            continue
        if ink.hand:
            _write_by_hand(image, ink, sheet.family, dpi)
        else:
            _print(image, ink, sheet.family, dpi)
    for mark in sheet.marks:
        if mark.kind == "seal":
            _stamp(image, mark, scale, sheet.family)
        elif mark.kind == "scribble":
            _scribble(image, mark, scale)
    return image


@lru_cache(maxsize=30_000)
def _glyph(family: str, style: str, px: int, letter: str) -> tuple[Image.Image, int, int] | None:
    """A letter's mask and where it stands from the pen (x, y up to its top); None for letters without ink."""
    tile = Image.new("L", (px * 3, px * 3), 0)
    ImageDraw.Draw(tile).text((px, px * 2), letter, fill=255, font=font(family, style, px), anchor="ls")
    box = tile.getbbox()
    return (tile.crop(box), box[0] - px, box[1] - 2 * px) if box else None


def _print(image: Image.Image, ink: Ink, family: str, dpi: int) -> None:
    """Letters from a store, each at its own unrounded advance: rasterizing is what costs time."""
    px = max(4, round(ink.size_pt * dpi / 72))
    x, y = ink.x * dpi / 25.4, round(ink.y * dpi / 25.4)
    step = ink.size_pt * dpi / 72
    for letter in ink.text:
        glyph = _glyph(family, ink.style, px, letter)
        if glyph:
            image.paste(ink.colour, (round(x + glyph[1]), y + glyph[2]), glyph[0])
        x += width_em(family, ink.style, letter) * step


def _write_by_hand(image: Image.Image, ink: Ink, family: str, dpi: int) -> None:
    """Slanted letters that do not keep the line: no free handwriting font has Vietnamese letters."""
    rng = random.Random(zlib.crc32(f"{ink.text}{ink.x:.1f}{ink.y:.1f}".encode()))
    scale = dpi / 25.4
    px = max(6, round(ink.size_pt * dpi / 72))
    x = ink.x * scale
    for letter in ink.text:
        size = max(5, round(px * rng.uniform(0.94, 1.12)))
        face = font(family, "i", size)
        advance = face.getlength(letter)
        tile = Image.new("L", (round(advance) + size, size * 2), 0)
        ImageDraw.Draw(tile).text((size / 2, size * 1.4), letter, fill=255, font=face, anchor="ls")
        tile = tile.rotate(rng.uniform(-9, 7), resample=Image.Resampling.BILINEAR, center=(size / 2, size * 1.4))
        place = (round(x - size / 2), round(ink.y * scale - size * 1.4 + rng.uniform(-0.07, 0.07) * px))
        image.paste(ink.colour, place, tile)
        x += advance


@lru_cache(maxsize=64)
def _seal(text: str, px: int, family: str, colour: tuple[int, int, int]) -> Image.Image:
    """A round stamp: two rings, a star, words along the ring and across (``ring|middle``); transparent elsewhere."""
    ring, _, middle = text.partition("|")
    alpha = Image.new("L", (px, px), 0)
    draw = ImageDraw.Draw(alpha)
    c = px / 2
    for radius, width in ((0.49, 0.022), (0.455, 0.008), (0.30, 0.008)):
        r = radius * px
        draw.ellipse((c - r, c - r, c + r, c + r), outline=235, width=max(1, round(width * px)))
    points = []
    for i in range(10):
        r = (0.13 if i % 2 == 0 else 0.052) * px
        a = -math.pi / 2 + i * math.pi / 5
        points.append((c + r * math.cos(a), c + r * math.sin(a) - (0.07 * px if middle else 0)))
    draw.polygon(points, fill=230)
    size = max(5, round(px * 0.085))
    face = font(family, "b", size)
    letters = list(ring.upper())
    span = min(math.radians(310), len(letters) * 0.235)
    start = -math.pi / 2 - span / 2
    for i, letter in enumerate(letters):
        a = start + span * (i + 0.5) / max(1, len(letters))
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), letter, fill=235, font=face, anchor="mm")
        tile = tile.rotate(-math.degrees(a) - 90, resample=Image.Resampling.BILINEAR)
        r = 0.378 * px
        alpha.paste(255, (round(c + r * math.cos(a) - size), round(c + r * math.sin(a) - size)), tile)
    if middle:
        small = font(family, "b", max(5, round(px * 0.07)))
        for i, line in enumerate(middle.upper().split("/")):
            draw.text((c, c + px * (0.09 + 0.08 * i)), line, fill=235, font=small, anchor="mm")
    return alpha


def _stamp(image: Image.Image, mark: Mark, scale: float, family: str) -> None:
    px = max(20, round(mark.w * scale))
    rng = random.Random(zlib.crc32(f"{mark.text}{mark.x:.1f}".encode()))
    alpha = _seal(mark.text, px, family, mark.colour).rotate(rng.uniform(-22, 22), resample=Image.Resampling.BILINEAR)
    wear = np.frombuffer(rng.randbytes(4096), np.uint8).reshape(64, 64)
    worn = Image.fromarray(np.where(wear < 40, 120, 235).astype(np.uint8)).resize(alpha.size, Image.Resampling.BICUBIC)
    alpha = ImageChops.multiply(alpha, worn)
    spot = (round(mark.x * scale), round(mark.y * scale))
    under = image.crop((*spot, spot[0] + px, spot[1] + px))
    inked = ImageChops.multiply(under, Image.new("RGB", under.size, mark.colour))
    under.paste(inked, (0, 0), alpha)
    image.paste(under, spot)


def _scribble(image: Image.Image, mark: Mark, scale: float) -> None:
    rng = random.Random(zlib.crc32(f"{mark.text}{mark.x:.2f}{mark.y:.2f}".encode()))
    x, y, w, h = (v * scale for v in (mark.x, mark.y, mark.w, mark.h))
    knots = [(x + w * rng.uniform(0, 0.2), y + h * rng.uniform(0.3, 0.7))]
    for i in range(rng.randint(6, 10)):
        knots.append((x + w * (0.08 + 0.09 * i + rng.uniform(-0.12, 0.12)), y + h * rng.uniform(0.05, 0.95)))
    knots.append((x + w, y + h * rng.uniform(0.4, 0.6)))
    path = []
    for i in range(len(knots) - 1):
        p0, p1 = knots[max(0, i - 1)], knots[i]
        p2, p3 = knots[i + 1], knots[min(len(knots) - 1, i + 2)]
        for s in range(12):
            t = s / 12
            path.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    colour = mark.colour if mark.colour != (25, 25, 28) else BLUE
    ImageDraw.Draw(image).line(path, fill=colour, width=max(1, round(0.45 * scale)), joint="curve")


def _qr(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    code = _qr_bits(mark.text)
    px = max(code.width, round(mark.w * scale))
    image.paste(code.resize((px, px), Image.Resampling.NEAREST), (round(mark.x * scale), round(mark.y * scale)))


@lru_cache(maxsize=256)
def _qr_bits(text: str) -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(np.array(made.to_image(scale=1, add_quiet_zones=True)))


def _box(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    corners = (mark.x * scale, mark.y * scale, (mark.x + mark.w) * scale, (mark.y + mark.h) * scale)
    draw.rectangle(corners, outline=mark.colour, width=max(1, round(0.3 * scale)))


def _tint(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    corners = (mark.x * scale, mark.y * scale, (mark.x + mark.w) * scale, (mark.y + mark.h) * scale)
    draw.rounded_rectangle(corners, radius=3 * scale if mark.text == "round" else 0, fill=mark.colour)


def _photo(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    """A grey portrait shape: nobody's face."""
    x, y, w, h = (v * scale for v in (mark.x, mark.y, mark.w, mark.h))
    draw.rectangle((x, y, x + w, y + h), fill=(176, 196, 214))
    draw.pieslice((x + 0.08 * w, y + 0.62 * h, x + 0.92 * w, y + 1.5 * h), 180, 360, fill=(72, 80, 96))
    draw.ellipse((x + 0.28 * w, y + 0.18 * h, x + 0.72 * w, y + 0.68 * h), fill=(205, 172, 150))
    draw.pieslice((x + 0.26 * w, y + 0.14 * h, x + 0.74 * w, y + 0.6 * h), 180, 360, fill=(38, 34, 34))


def _emblem(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    """A red disc with a star: stands where the printed emblem stands."""
    x, y, w = mark.x * scale, mark.y * scale, mark.w * scale
    draw.ellipse((x, y, x + w, y + w), fill=(206, 40, 40), outline=(214, 170, 60), width=max(1, round(w * 0.06)))
    points = []
    for i in range(10):
        r = (0.30 if i % 2 == 0 else 0.12) * w
        a = -math.pi / 2 + i * math.pi / 5
        points.append((x + w / 2 + r * math.cos(a), y + w / 2 + r * math.sin(a)))
    draw.polygon(points, fill=(240, 205, 70))


def _guilloche(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Mark, scale: float) -> None:
    """The printed frame of a certificate: double rule and a chain of small arcs."""
    x0, y0, x1, y1 = mark.x * scale, mark.y * scale, (mark.x + mark.w) * scale, (mark.y + mark.h) * scale
    for inset, width in ((0.0, 0.7), (1.6, 0.25), (4.6, 0.25)):
        d = inset * scale
        draw.rectangle((x0 + d, y0 + d, x1 - d, y1 - d), outline=mark.colour, width=max(1, round(width * scale)))
    r, mid = 1.1 * scale, 3.1 * scale
    ring = Image.new("L", (2 * math.ceil(r) + 2,) * 2, 0)
    ImageDraw.Draw(ring).ellipse((0, 0, 2 * r, 2 * r), outline=255)
    x = x0 + mid
    while x < x1 - mid + 1:
        for y in (y0 + mid, y1 - mid):
            image.paste(mark.colour, (round(x - r), round(y - r)), ring)
        x += 1.8 * r
    y = y0 + mid
    while y < y1 - mid + 1:
        for x in (x0 + mid, x1 - mid):
            image.paste(mark.colour, (round(x - r), round(y - r)), ring)
        y += 1.8 * r


_UNDER = {"qr": _qr, "box": _box, "tint": _tint, "photo": _photo, "emblem": _emblem, "guilloche": _guilloche}
