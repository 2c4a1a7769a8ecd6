"""What happened to each sample paper on its way in: the office scanner, a drawer, a fax, a phone."""

from __future__ import annotations

import random

import cv2
import numpy as np
from PIL import Image

from sample_docs.painter import damage


def office(image: Image.Image, seed: int) -> Image.Image:
    """A good office scanner: a little askew, a little soft, the paper not quite white."""
    rng = random.Random(seed)
    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-0.7, 0.7), 1.0)
    pixels = cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    pixels = cv2.convertScaleAbs(pixels, alpha=rng.uniform(0.93, 0.96), beta=rng.uniform(8, 12))
    return Image.fromarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 0.6)))


def worn(image: Image.Image, seed: int) -> Image.Image:
    """Folded in a drawer for nine years."""
    return damage(office(image, seed), "worn", seed, kind="creases", grain=0.2)


def phone(image: Image.Image, seed: int) -> Image.Image:
    """Photographed on a table."""
    return damage(image, "phone", seed, kind="tilt", grain=0.5)


def fax(image: Image.Image, seed: int) -> Image.Image:
    """Black and white only, with lost lines."""
    return damage(image, "worn", seed, kind="fax").convert("1", dither=Image.Dither.NONE)


SCANS = {"office": office, "worn": worn, "phone": phone, "fax": fax, "garbled": office, "blank": office}
