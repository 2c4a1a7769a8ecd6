"""Lines to learn from, rendered and damaged on the fly: text in many fonts, printed in blocks, scanned badly.

A block is a strip of 8–14 printed lines. Damage is done to the whole block, as a scanner does it, and then every
line is cut out with ``line_picture`` around a box that is off by as much as the detector's boxes are.
"""

from __future__ import annotations

import lzma
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from services.ocr.recogniser_training.damage import damage_block
from services.ocr.recogniser_training.network import ALPHABET
from services.ocr.recogniser_training.phrases import Phrases
from services.ocr.recognising.line_picture import line_picture

Grey = NDArray[np.uint8]

# A dotted leader is one sign, however many dots were printed.
_LEADER = re.compile(r"[.…]{4,}")
_KNOWN = set(ALPHABET)
# The fonts Vietnamese offices print with are Times and Arial; the rest teaches what a letter is.
_WEIGHTS = (
    ("Tinos", 26), ("texgyretermes", 12), ("Arimo", 14), ("texgyreheros-", 5), ("DejaVuSans", 4), ("DejaVuSerif", 4),
    ("NotoSans", 5), ("NotoSerif", 6), ("Cousine", 2), ("texgyrecursor", 1), ("LinLibertine", 3), ("LinBiolinum", 1),
    ("Carlito", 5), ("Roboto", 4), ("OpenSans", 3), ("Lato", 2), ("Inter", 2), ("CharisSIL", 2), ("Gentium", 3),
    ("EBGaramond", 1), ("texgyrepagella", 2), ("texgyreschola", 2), ("texgyrebonum", 2), ("texgyreheroscn", 2),
    ("texgyreadventor", 1), ("Andika", 1),
)  # fmt: skip


class Fonts:
    """Font families with their four faces where they have them."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, list[Path]] = {}
        for name, _ in _WEIGHTS:
            found = sorted(p for p in folder.iterdir() if p.name.startswith(name))
            if found:
                self._files[name] = found
        self._names = [name for name, _ in _WEIGHTS if name in self._files]
        self._shares = [share for name, share in _WEIGHTS if name in self._files]
        self._loaded: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}

    def family(self) -> str:
        return random.choices(self._names, self._shares)[0]

    def face(self, family: str, px: int, style: str) -> ImageFont.FreeTypeFont:
        """``style`` is one of regular, bold, italic, bolditalic; the nearest face is given."""
        files = self._files[family]
        best = min(files, key=lambda p: (_style_of(p) != style, random.random()))
        key = (best, px)
        if key not in self._loaded:
            if len(self._loaded) > 400:
                self._loaded.clear()
            self._loaded[key] = ImageFont.truetype(str(best), px)
        return self._loaded[key]


def _style_of(path: Path) -> str:
    name = path.stem.lower()
    bold = "bold" in name or name.endswith("rb") or "black" in name
    italic = "italic" in name or "oblique" in name or name.endswith("ri")
    return ("bolditalic" if italic else "bold") if bold else ("italic" if italic else "regular")


class Lines:
    """An endless source of (ink map [44, width], text)."""

    def __init__(self, fonts: Path, texts: list[Path], seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed % 2**32)
        cv2.setNumThreads(1)
        self._fonts = Fonts(fonts)
        corpus: list[str] = []
        for path in texts:
            with lzma.open(path, "rt", encoding="utf-8") as file:
                corpus += [line for raw in file if len(line := raw.strip()) > 3]
        self._phrases = Phrases(corpus)

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], str]]:
        while True:
            yield from self._block()

    def _block(self) -> list[tuple[NDArray[np.float32], str]]:
        family = self._fonts.family()
        px = int(random.triangular(18, 64, 34))
        width = int(px * random.uniform(9, 36))
        pitch = px * random.uniform(1.12, 1.9)
        count = random.randint(6, 13)
        height = int(pitch * (count + 1.2))
        canvas = Image.new("L", (width, height), 255)
        draw = ImageDraw.Draw(canvas)
        style = random.choices(("regular", "bold", "italic", "bolditalic"), (60, 20, 15, 5))[0]
        placed: list[tuple[tuple[float, float, float, float], str]] = []
        for index in range(count):
            if random.random() < 0.15:
                style = random.choices(("regular", "bold", "italic", "bolditalic"), (55, 22, 17, 6))[0]
            if random.random() < 0.04:
                family = self._fonts.family()
            baseline = pitch * (index + 1)
            printed = self._print(draw, family, style, px, width, baseline)
            if printed:
                placed.append(printed)
        _rules(draw, width, height, px, pitch, placed)
        grey, move = damage_block(np.asarray(canvas), px)
        made = []
        for box, text in placed:
            moved = _moved(box, move)
            line_h = moved[3] - moved[1]
            jitter = np.random.normal(0, 0.045, 4) * line_h
            jitter[::2] *= 1.6
            if random.random() < 0.06:
                jitter[1::2] *= 2.2
            ink, _, _ = line_picture(grey, tuple(np.asarray(moved) + jitter))
            if ink.shape[1] // 4 >= len(text) + sum(a == b for a, b in pairwise(text)) + 1:
                made.append((ink, text))
        return made

    def _print(
        self, draw: ImageDraw.ImageDraw, family: str, style: str, px: int, width: int, baseline: float
    ) -> tuple[tuple[float, float, float, float], str] | None:
        font = self._fonts.face(family, px, style)
        text = "".join(c for c in self._phrases.phrase(width / (0.47 * px)) if c in _KNOWN or c == " ")
        words = text.split()
        left = random.uniform(0.3, 1.2) * px
        room = width - left - 0.5 * px
        while words and font.getlength(" ".join(words)) > room:
            words.pop()
        if not words:
            return None
        text = " ".join(words)
        if random.random() < 0.25:  # not every line starts at the margin
            left += random.uniform(0, max(room - font.getlength(text), 0))
        ink = random.choice((0, 0, 0, random.randint(0, 70)))
        extra = 0.0
        if len(words) > 3 and random.random() < 0.45:  # justified
            slack = room - font.getlength(text)
            extra = min(slack / (len(words) - 1), px * random.uniform(0, 0.7)) if slack > 0 else 0.0
        if extra > 1 or random.random() < 0.2:
            x = right = left
            alternate = self._fonts.face(family, px, "bold") if random.random() < 0.15 else font
            for index, word in enumerate(words):
                used = alternate if index < len(words) // 2 else font
                if x + used.getlength(word) > width - 0.3 * px:  # bold runs wider than was reckoned
                    text = " ".join(words[:index])
                    break
                draw.text((x, baseline), word, font=used, fill=ink, anchor="ls")
                right = x + used.getlength(word)
                x = right + used.getlength(" ") + extra
            if not text:
                return None
        else:
            draw.text((left, baseline), text, font=font, fill=ink, anchor="ls")
            right = left + font.getlength(text)
        top, bottom = _extent(font, text, px)
        return (left, baseline - top, right, baseline + bottom), _LEADER.sub("…", text)


def _extent(font: ImageFont.FreeTypeFont, text: str, px: int) -> tuple[float, float]:
    """How far the detector's box reaches above and below the base line (measured on it: see the training notes)."""
    capitals = sum(c.isupper() for c in text)
    tall = -font.getbbox("Hd", anchor="ls")[1]
    top = tall * (1.24 if capitals > 0.6 * sum(c.isalpha() for c in text) and capitals > 2 else 1.05)
    if not any(c.isupper() or c in "bdđhklfít" for c in text):
        top *= 0.93
    deep = font.getbbox("p", anchor="ls")[3] * 0.95
    return top, deep if any(c in "gpqyjQ,;()" for c in text) else 0.08 * px


def _moved(box: tuple[float, float, float, float], move: NDArray[np.float64]) -> tuple[float, float, float, float]:
    corners = np.array([[box[0], box[1]], [box[2], box[1]], [box[0], box[3]], [box[2], box[3]]])
    after = corners @ move[:, :2].T + move[:, 2]
    # A line that lies a little askew gets the box of its middle, as the detector gives it.
    top, bottom = (after[0, 1] + after[1, 1]) / 2, (after[2, 1] + after[3, 1]) / 2
    return float(after[:, 0].min()), float(top), float(after[:, 0].max()), float(bottom)


def _rules(
    draw: ImageDraw.ImageDraw,
    width: int,
    height: int,
    px: int,
    pitch: float,
    placed: list[tuple[tuple[float, float, float, float], str]],
) -> None:
    """Table rules, underlines and margins' frames, which are no letters."""
    thick = max(1, px // random.randint(12, 26))
    if random.random() < 0.14:
        for index in range(len(placed) + 2):
            y = pitch * (index + 0.36) + random.uniform(-0.08, 0.04) * px
            draw.line((0, y, width, y), fill=random.randint(0, 90), width=thick)
    if random.random() < 0.14:
        for x in (0.12 * px, width - 0.2 * px):
            draw.line((x, 0, x, height), fill=random.randint(0, 90), width=thick)
    for box, _ in placed:
        if random.random() < 0.03:
            y = box[3] + random.uniform(0.0, 0.12) * px
            draw.line((box[0], y, box[2], y), fill=random.randint(0, 60), width=thick)
