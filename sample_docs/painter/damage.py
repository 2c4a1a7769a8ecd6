"""What copying, faxing, scanning and photographing do to a page. Deterministic by seed; each kind one small function.

A *level* is what a judge asks for (``clean``, ``office``, ``worn``, ``phone``); *kinds* are the single faults it is
made of. ``HELD_OUT`` kinds are used for judging only, so that nothing learns them.
"""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

LEVELS = ("clean", "office", "worn", "phone")
KINDS = {
    "office": ("plain", "grey", "yellowed"),
    "worn": ("creases", "specks", "faint", "bleed"),
    "phone": ("tilt", "shadow"),
}
HELD_OUT = {
    "office": ("punched", "banded"),
    "worn": ("fax", "copy-of-copy", "stain"),
    "phone": ("keystone", "dim"),
}


def damage(
    image: Image.Image, level: str, seed: int, *, judge: bool = False, kind: str | None = None, grain: float = 1.0
) -> Image.Image:
    """The page as it comes out of the scanner or the phone.

    ``judge`` draws from the held-out kinds more often than not; ``kind`` fixes one; ``grain`` scales the noise.
    """
    if level == "clean":
        return image
    rng = random.Random(seed)
    kinds = HELD_OUT[level] if judge and rng.random() < 0.6 else KINDS[level]
    chosen = kind or rng.choice(kinds)
    pixels: Pixels = np.asarray(image.convert("RGB"))
    if level == "office":
        pixels = _OFFICE[chosen](pixels, rng)
        pixels = _noise(_skew(pixels, rng.uniform(-1, 1)), rng, grain * rng.uniform(2, 5))
        quality = rng.randint(55, 85)
    elif level == "worn":
        pixels = _WORN[chosen](pixels, rng)
        pixels = (
            _noise(_skew(pixels, rng.uniform(-1.8, 1.8)), rng, grain * rng.uniform(3, 8)) if chosen != "fax" else pixels
        )
        quality = rng.randint(35, 65)
    else:
        pixels = _noise(_PHONE[chosen](pixels, rng), rng, grain * rng.uniform(3, 7))
        quality = rng.randint(50, 75)
    return _jpeg(pixels, quality)


def _jpeg(pixels: Pixels, quality: int) -> Image.Image:
    """Through JPEG and back."""
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Image.fromarray(cv2.cvtColor(cv2.imdecode(coded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))


def _noise(pixels: Pixels, rng: random.Random, sigma: float) -> Pixels:
    """Gaussian noise from one repeated tile: as good to a reader and ten times faster than fresh noise."""
    height, width = pixels.shape[:2]
    tile = np.random.default_rng(rng.getrandbits(32)).normal(0, sigma, (256, 256, 1)).repeat(3, axis=2)
    reps = (height // 256 + 1, width // 256 + 1, 1)
    more = np.tile(np.clip(tile, 0, 255).astype(np.uint8), reps)[:height, :width]
    less = np.tile(np.clip(-tile, 0, 255).astype(np.uint8), reps)[:height, :width]
    return cv2.subtract(cv2.add(pixels, more), less)


def _skew(pixels: Pixels, degrees: float, ground: tuple[int, int, int] = (250, 250, 248)) -> Pixels:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=ground)


def _grey(pixels: Pixels) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _plain(pixels: Pixels, rng: random.Random) -> Pixels:
    return cv2.convertScaleAbs(pixels, alpha=rng.uniform(0.9, 0.98), beta=rng.uniform(4, 16))


def _grey_scan(pixels: Pixels, rng: random.Random) -> Pixels:
    return _plain(_grey(pixels), rng)


def _yellowed(pixels: Pixels, rng: random.Random) -> Pixels:
    tone = (1.0, rng.uniform(0.96, 0.985), rng.uniform(0.89, 0.95))
    return _tone(pixels, tone)


def _tone(pixels: Pixels, tone: tuple[float, float, float]) -> Pixels:
    """Multiplies the three colours."""
    return cv2.merge(
        [cv2.convertScaleAbs(channel, alpha=share) for channel, share in zip(cv2.split(pixels), tone, strict=True)]
    )


def _punched(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _plain(pixels, rng).copy()
    height, width = out.shape[:2]
    for share in (0.36, 0.64):
        cv2.circle(out, (round(width * 0.035), round(height * share)), round(width * 0.013), (40, 40, 42), -1)
    edge = rng.randint(2, round(width * 0.012))
    out[:, width - edge :] = 60
    return out


def _banded(pixels: Pixels, rng: random.Random) -> Pixels:
    """Dust on the glass of a sheet-fed scanner draws thin lines down the page."""
    out = _plain(pixels, rng).copy()
    for _ in range(rng.randint(2, 5)):
        x = rng.randrange(out.shape[1])
        out[:, x : x + rng.randint(1, 2)] = rng.choice(([150, 150, 150], [120, 160, 120], [190, 150, 190]))
    return out


def _creases(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _plain(pixels, rng)
    height, width = out.shape[:2]
    folds = [
        (0, height * rng.uniform(0.3, 0.36), width, height * rng.uniform(0.3, 0.36)),
        (0, height * rng.uniform(0.62, 0.7), width, height * rng.uniform(0.62, 0.7)),
    ]
    if rng.random() < 0.5:
        folds.append((width * rng.uniform(0.45, 0.55), 0, width * rng.uniform(0.45, 0.55), height))
    shade = np.zeros((height, width), np.int16)
    for x0, y0, x1, y1 in folds:
        cv2.line(shade, (int(x0), int(y0)), (int(x1), int(y1)), -70, max(1, width // 900))
        cv2.line(shade, (int(x0), int(y0) + 3), (int(x1), int(y1) + 3), 60, max(1, width // 700))
    shade = cv2.GaussianBlur(shade, (3, 3), 0)
    light, dark = np.clip(shade, 0, 255).astype(np.uint8), np.clip(-shade, 0, 255).astype(np.uint8)
    return cv2.subtract(cv2.add(out, cv2.merge([light] * 3)), cv2.merge([dark] * 3))


def _specks(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _grey_scan(pixels, rng).copy()
    height, width = out.shape[:2]
    for _ in range(rng.randint(150, 500)):
        shade = rng.choice((30, 60, 90, 245))
        cv2.circle(out, (rng.randrange(width), rng.randrange(height)), rng.choice((0, 1, 1, 2)), (shade,) * 3, -1)
    return out


def _faint(pixels: Pixels, rng: random.Random) -> Pixels:
    """Toner runs out in bands: the ink becomes pale and breaks."""
    height, width = pixels.shape[:2]
    bands = np.interp(np.arange(width), np.linspace(0, width, 9), [rng.uniform(0.35, 0.8) for _ in range(9)])
    ink = (255 - cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)) * bands[None, :].astype(np.float32)
    grain = np.random.default_rng(rng.getrandbits(32)).random((height // 2 + 1, width // 2 + 1), dtype=np.float32)
    grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_NEAREST)
    ink[grain < 0.10] *= 0.3
    return cv2.cvtColor(np.clip(252 - ink, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)


def _bleed(pixels: Pixels, rng: random.Random) -> Pixels:
    """The other side shines through."""
    back = cv2.GaussianBlur(np.ascontiguousarray(np.roll(pixels[:, ::-1], rng.randint(15, 60), axis=0)), (5, 5), 0)
    return cv2.subtract(pixels, cv2.convertScaleAbs(cv2.bitwise_not(back), alpha=rng.uniform(0.12, 0.22)))


def _fax(pixels: Pixels, rng: random.Random) -> Pixels:
    """One bit at fax resolution (204 × 196 dpi at best), with lost lines."""
    height, width = pixels.shape[:2]
    grey = cv2.GaussianBlur(cv2.cvtColor(_skew(pixels, rng.uniform(-1, 1)), cv2.COLOR_RGB2GRAY), (3, 3), 0)
    bits = np.where(grey < rng.randint(150, 185), 0, 255).astype(np.uint8)
    for _ in range(rng.randint(0, 4)):
        bits[rng.randrange(height)] = 255
    salt = np.random.default_rng(rng.getrandbits(32)).random((height, width), dtype=np.float32)
    bits[salt < 0.0006] = 0
    return cv2.cvtColor(bits, cv2.COLOR_GRAY2RGB)


def _copy_of_copy(pixels: Pixels, rng: random.Random) -> Pixels:
    """Each generation thickens or thins the strokes, hardens the greys and adds dirt."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    for _ in range(2):
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.6, 0.95))
        gain, middle = rng.uniform(1.5, 2.1), rng.uniform(118, 142)
        curve = np.clip((np.arange(256) - 128) * gain + middle, 0, 255).astype(np.uint8)
        grey = cv2.LUT(grey, curve)
    out = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    height, width = out.shape[:2]
    for _ in range(rng.randint(60, 200)):
        cv2.circle(out, (rng.randrange(width), rng.randrange(height)), rng.choice((0, 1, 1, 2)), (40, 40, 40), -1)
    edge = rng.randint(4, max(5, width // 60))
    out[:, :edge] = cv2.GaussianBlur(out[:, :edge], (5, 5), 0) // 3
    return out


def _stain(pixels: Pixels, rng: random.Random) -> Pixels:
    height, width = pixels.shape[:2]
    mask = np.zeros((height // 4, width // 4), np.float32)
    centre = (rng.randrange(width // 4), rng.randrange(height // 4))
    radius = rng.randint(width // 30, width // 14)
    cv2.circle(mask, centre, radius, 0.55, 3)
    cv2.circle(mask, centre, radius, 0.22, -1)
    mask = cv2.resize(cv2.GaussianBlur(mask, (7, 7), 0), (width, height))
    fields = [cv2.convertScaleAbs(1 - mask * (1 - tone / 255), alpha=200) for tone in (190, 150, 100)]
    return cv2.multiply(pixels, cv2.merge(fields), scale=1 / 200)


def _warp(pixels: Pixels, rng: random.Random, amount: float, ground: tuple[int, int, int]) -> Pixels:
    height, width = pixels.shape[:2]
    margin = 0.04

    def corner(x: float, y: float) -> tuple[float, float]:
        return (x * width + rng.uniform(-amount, amount) * width, y * height + rng.uniform(-amount, amount) * height)

    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = np.array(
        [
            corner(margin, margin),
            corner(1 - margin, margin),
            corner(1 - margin, 1 - margin),
            corner(margin, 1 - margin),
        ],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=ground)


def _light(pixels: Pixels, rng: random.Random, low: float, high: float) -> Pixels:
    height, width = pixels.shape[:2]
    small = np.array([[rng.uniform(low, high) for _ in range(3)] for _ in range(4)], np.float32)
    field = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return _shade(pixels, field)


def _shade(pixels: Pixels, field: NDArray[np.float32]) -> Pixels:
    """Multiplies every pixel by a field of light (1 is unchanged)."""
    level = cv2.convertScaleAbs(field, alpha=200)
    return cv2.multiply(pixels, cv2.merge([level, level, level]), scale=1 / 200)


def _tilt(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _skew(pixels, rng.uniform(-2.5, 2.5), (96, 84, 70))
    return _light(_warp(out, rng, 0.018, (96, 84, 70)), rng, 0.72, 1.0)


def _shadow(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _warp(pixels, rng, 0.012, (60, 62, 66))
    height, width = out.shape[:2]
    mask = np.ones((height // 8, width // 8), np.float32)
    x = rng.uniform(0.2, 0.9) * width / 8
    points = np.array(
        [(x, 0), (width / 8, 0), (width / 8, height / 8), (x - rng.uniform(-1, 1) * width / 24, height / 8)], np.int32
    )
    cv2.fillPoly(mask, [points], rng.uniform(0.55, 0.75))
    return _shade(out, cv2.resize(cv2.GaussianBlur(mask, (0, 0), 6), (width, height)))


def _keystone(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _warp(pixels, rng, 0.03, (120, 110, 96))
    blurred = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.7, 1.2))
    return _light(blurred, rng, 0.62, 1.02)


def _dim(pixels: Pixels, rng: random.Random) -> Pixels:
    out = _light(_warp(pixels, rng, 0.015, (40, 36, 32)), rng, 0.42, 0.8)
    length = rng.randint(2, 3)
    angle = rng.uniform(0, math.pi)
    kernel = np.zeros((5, 5), np.float32)
    cv2.line(kernel, (2, 2), (round(2 + length * math.cos(angle)), round(2 + length * math.sin(angle))), 1.0, 1)
    return _tone(cv2.filter2D(out, -1, kernel / kernel.sum()), (1.0, 0.95, 0.84))


_OFFICE = {"plain": _plain, "grey": _grey_scan, "yellowed": _yellowed, "punched": _punched, "banded": _banded}
_WORN = {
    "creases": _creases,
    "specks": _specks,
    "faint": _faint,
    "bleed": _bleed,
    "fax": _fax,
    "copy-of-copy": _copy_of_copy,
    "stain": _stain,
}
_PHONE = {"tilt": _tilt, "shadow": _shadow, "keystone": _keystone, "dim": _dim}
