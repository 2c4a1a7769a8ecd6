"""Adapter to Pillow and pi-heif: picture files (TIFF with many pages, JPEG, PNG, WebP, HEIC) page by page."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pi_heif
from PIL import Image, ImageOps

from services.limits import Limits
from services.ocr.errors import DamagedFile, NoPages, TooManyPages, TooManyPixels
from services.ocr.sheet import MAX_SIDE, Picture, Sheet

_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/tiff": ("TIFF",),
    "image/webp": ("WEBP",),
    "image/heic": ("HEIF",),
}
# What Pillow's decoders raise on broken bytes; anything else is our own mistake and travels up.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class PictureFile:
    """An opened picture file. Only the page asked for is decoded."""

    def __init__(self, path: Path, media_type: str, limits: Limits) -> None:
        """Raises DamagedFile, NoPages, TooManyPages, TooManyPixels."""
        pi_heif.register_heif_opener()
        Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before decoding, with our own error
        self._limits = limits
        self._many = media_type == "image/tiff"
        with _damage(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._image = Image.open(path, formats=_FORMATS[media_type])
            self.page_count = int(getattr(self._image, "n_frames", 1)) if self._many else 1
        self._check_pixels()
        if self.page_count < 1:
            raise NoPages(path.name)
        if self.page_count > limits.max_pages:
            raise TooManyPages(f"{self.page_count} pages")

    def sheet(self, number: int) -> Sheet:
        """Page ``number`` (from 1). Raises DamagedFile, TooManyPixels."""
        with _damage(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self._many:
                self._image.seek(number - 1)
        self._check_pixels()
        with _damage(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dpi = _claimed_dpi(self._image)
            picture = _as_array(ImageOps.exif_transpose(self._image))
        shrunk, scale = reduce_to_side(picture)
        return Sheet(picture=shrunk, dpi=dpi * scale)

    def close(self) -> None:
        self._image.close()

    def _check_pixels(self) -> None:
        width, height = self._image.size
        if width < 1 or height < 1:
            raise DamagedFile(f"{width} × {height}")
        if width * height > self._limits.max_pixels:
            raise TooManyPixels(f"{width} × {height}")


class _damage:
    """Turns what a decoder raises on broken bytes into DamagedFile."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, _BROKEN):
            raise DamagedFile(f"{type(error).__name__}: {error}") from error


def reduce_to_side(picture: Picture, side: int = MAX_SIDE) -> tuple[Picture, float]:
    """The picture with its longer side at most ``side``, and the scale that was applied."""
    scale = side / max(picture.shape[:2])
    if scale >= 1.0:
        return picture, 1.0
    height, width = picture.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale


def _claimed_dpi(image: Image.Image) -> float:
    claimed = image.info.get("dpi")
    try:
        dpi = float(claimed[0]) if claimed else 0.0
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return 0.0
    return dpi if 50.0 <= dpi <= 2500.0 else 0.0


def _as_array(image: Image.Image) -> Picture:
    """Grey or RGB on white paper, whatever the mode was."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        deep = np.asarray(image, dtype=np.float32)
        span = float(deep.max()) if deep.size else 0.0
        divisor = 257.0 if span > 255.0 else 1.0
        return np.asarray(np.clip(deep / divisor, 0, 255), dtype=np.uint8)
    if image.mode in ("1", "L"):
        return np.array(image.convert("L"), dtype=np.uint8)
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return np.array(Image.alpha_composite(paper, layered).convert("RGB"), dtype=np.uint8)
    return np.array(image.convert("RGB"), dtype=np.uint8)
