"""What printing, stamping and scanning do to a block of lines."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def damage_block(clean: Grey, px: int) -> tuple[Grey, NDArray[np.float64]]:
    """The block as scanned, and the 2 × 3 map from clean to scanned coordinates. ``px`` is the font's size."""
    grey = clean
    move = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    if random.random() < 0.12:
        return grey, move
    if random.random() < 0.35:
        grey = _weight(grey, px)
    if random.random() < 0.05:
        grey = _bleed(grey)
    if random.random() < 0.2:
        grey = _stamp(grey, px)
    if random.random() < 0.08:
        grey = _scribble(grey, px)
    grey, move = _geometry(grey)
    if random.random() < 0.7:
        sigma = abs(random.gauss(0, 0.028)) * px
        if sigma > 0.3:
            grey = cv2.GaussianBlur(grey, (0, 0), sigma)
    if random.random() < 0.3:
        grey = _resample(grey, px)
    if random.random() < 0.6:
        grey = _light(grey)
    if random.random() < 0.55:
        grey = _noise(grey)
    kind = random.random()
    if kind < 0.16:
        grey = _one_bit(grey, px)
    elif kind < 0.75:
        quality = random.randint(22, 90)
        coded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        grey = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    if random.random() < 0.08:  # what cleaning does to a hard page
        big = cv2.resize(grey, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
        big = cv2.GaussianBlur(big, (0, 0), random.uniform(0.6, 1.3))
        grey = cv2.resize(big, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_AREA)
        grey = np.clip((grey.astype(np.float32) - 90) * (255 / 115), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(grey, dtype=np.uint8), move


def _weight(grey: Grey, px: int) -> Grey:
    """Thin or fat print: a fraction of a pixel, by mixing with an eroded or dilated copy."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3) if px < 44 else (4, 4))
    other = cv2.erode(grey, kernel) if random.random() < 0.55 else cv2.dilate(grey, kernel)
    share = random.uniform(0.2, 0.8)
    return cv2.addWeighted(other, share, grey, 1 - share, 0)


def _bleed(grey: Grey) -> Grey:
    back = cv2.GaussianBlur(cv2.flip(grey, 1), (0, 0), 1.5)
    depth = random.uniform(0.08, 0.25)
    return np.minimum(grey, (255 - depth * (255 - back.astype(np.float32))).astype(np.uint8))


def _stamp(grey: Grey, px: int) -> Grey:
    """A round or square stamp over the lines, in what remains of it in grey after its colour was lifted."""
    height, width = grey.shape
    layer = np.zeros_like(grey)
    radius = int(px * random.uniform(2.2, 4.5))
    centre = (random.randint(0, width), random.randint(0, height))
    thick = max(2, px // random.randint(7, 14))
    if random.random() < 0.75:
        cv2.circle(layer, centre, radius, 255, thick, cv2.LINE_AA)
        cv2.circle(layer, centre, int(radius * random.uniform(0.62, 0.75)), 255, max(1, thick // 2), cv2.LINE_AA)
        star = [
            (centre[0] + int(radius * (0.3 if k % 2 else 0.12) * np.sin(k * np.pi / 5)),
             centre[1] - int(radius * (0.3 if k % 2 else 0.12) * np.cos(k * np.pi / 5)))
            for k in range(10)
        ]  # fmt: skip
        cv2.fillPoly(layer, [np.array(star, np.int32)], 255, cv2.LINE_AA)
        for angle in np.arange(0, 6.28, 0.28):  # letters round the ring
            x, y = centre[0] + radius * 0.85 * np.cos(angle), centre[1] + radius * 0.85 * np.sin(angle)
            cv2.putText(layer, random.choice("ABCDEHNTUVX"), (int(x - px / 4), int(y + px / 4)),
                        cv2.FONT_HERSHEY_SIMPLEX, px / 45, 255, max(1, thick // 2), cv2.LINE_AA)  # fmt: skip
    else:
        w, h = int(radius * 1.8), int(radius * 0.8)
        cv2.rectangle(layer, (centre[0] - w, centre[1] - h), (centre[0] + w, centre[1] + h), 255, thick, cv2.LINE_AA)
        cv2.putText(layer, random.choice(("SAO Y", "DEN", "CONG VAN DEN")), (centre[0] - w + 4, centre[1] + h // 3),
                    cv2.FONT_HERSHEY_SIMPLEX, px / 22, 255, thick, cv2.LINE_AA)  # fmt: skip
    patchy = cv2.resize(np.random.randint(90, 255, (12, 12)).astype(np.float32), (width, height))
    # Lifted by its colour a stamp leaves little; in a black-and-white copy it stays dark.
    strength = random.choice((random.uniform(0.03, 0.25), random.uniform(0.2, 0.7)))
    mask = layer.astype(np.float32) / 255 * patchy / 255 * strength
    dark = random.randint(40, 120)
    under = grey.astype(np.float32)
    if random.random() < 0.5:  # lifting also bleaches the letters it crossed
        lifted = under + (255 - under) * mask * random.uniform(0.2, 0.9)
        return np.clip(lifted, 0, 255).astype(np.uint8)
    return np.minimum(under, under * (1 - mask) + dark * mask).astype(np.uint8)


def _scribble(grey: Grey, px: int) -> Grey:
    """Strokes of a signature across the lines."""
    out = grey.copy()
    height, width = grey.shape
    for _ in range(random.randint(1, 3)):
        steps = np.cumsum(np.random.normal(0, px * 0.5, (random.randint(12, 40), 2)), axis=0)
        points = (steps + np.array((random.randint(0, width), random.randint(0, height)))).astype(np.int32)
        cv2.polylines(out, [points], False, random.randint(60, 210), max(1, px // random.randint(12, 24)), cv2.LINE_AA)
    return out


def _geometry(grey: Grey) -> tuple[Grey, NDArray[np.float64]]:
    height, width = grey.shape
    angle = random.gauss(0, 0.22) if random.random() < 0.8 else random.uniform(-0.9, 0.9)
    move = cv2.getRotationMatrix2D((width / 2, height / 2), angle, random.uniform(0.96, 1.04))
    move[0, 1] += random.gauss(0, 0.02)  # a slant
    move[0, 0] *= random.uniform(0.93, 1.07)
    move[:, 2] += [random.random(), random.random()]
    return cv2.warpAffine(grey, move, (width, height), borderValue=255), move


def _resample(grey: Grey, px: int) -> Grey:
    """Scanned coarser than wanted and blown up again."""
    scale = random.uniform(max(0.45, 15 / px), 1.0)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    way = random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST if scale > 0.7 else cv2.INTER_LINEAR))
    return cv2.resize(small, (grey.shape[1], grey.shape[0]), interpolation=way)


def _light(grey: Grey) -> Grey:
    height, width = grey.shape
    paper, ink = random.uniform(150, 255), random.uniform(0, 90)
    field = np.ones((height, width), np.float32)
    if random.random() < 0.4:
        corners = np.random.uniform(0.6, 1.05, (2, 2)).astype(np.float32)
        field = cv2.resize(corners, (width, height))
    toned = (ink + grey.astype(np.float32) / 255 * (paper - ink)) * field
    return np.clip(toned, 0, 255).astype(np.uint8)


def _noise(grey: Grey) -> Grey:
    noisy = grey.astype(np.float32)
    if random.random() < 0.8:
        small = random.random() < 0.3
        shape = (grey.shape[0] // 2 + 1, grey.shape[1] // 2 + 1) if small else grey.shape
        grain = np.random.normal(0, random.uniform(2, 22), shape).astype(np.float32)
        noisy += cv2.resize(grain, (grey.shape[1], grey.shape[0])) if small else grain
    if random.random() < 0.35:
        count = int(grey.size * 10 ** random.uniform(-4.5, -2.3))
        ys, xs = np.random.randint(0, grey.shape[0] - 1, count), np.random.randint(0, grey.shape[1] - 1, count)
        shade = np.random.choice([0, 255], count, p=[0.7, 0.3])
        for dy in range(random.randint(1, 2)):
            for dx in range(random.randint(1, 2)):
                noisy[ys + dy, xs + dx] = shade
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _one_bit(grey: Grey, px: int) -> Grey:
    """A fax or a black-and-white scan; sometimes despeckled and smoothed afterwards, as the cleaner does."""
    if random.random() < 0.6:
        level = random.uniform(0.35, 0.72)
        low, high = np.percentile(grey[::4, ::4], (1, 90))
        bits = np.where(grey > low + (high - low) * level, 255, 0).astype(np.uint8)
    else:
        block = int(px * 1.5) | 1
        bits = cv2.adaptiveThreshold(
            grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, max(block, 15), random.randint(6, 25)
        )
    if random.random() < 0.3:
        flips = np.random.random(bits.shape) < 10 ** random.uniform(-4, -2.2)
        bits = np.where(flips, 255 - bits, bits).astype(np.uint8)
    if random.random() < 0.5:
        bits = cv2.GaussianBlur(bits, (0, 0), random.uniform(0.5, 1.0))
    return bits
