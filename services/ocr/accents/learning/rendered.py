"""Pairs of a right line and the same line as an English-only engine reads it from a rendered page.

Used to learn the character channel and, with other fonts, settings and damage, to measure it. Needs Tesseract with
``eng``; the same fonts and version give the same pairs.
"""

from __future__ import annotations

import lzma
import os
import random
import subprocess  # the one English-only engine there is to imitate
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from services.vietnamese import nfc, strip_marks

_LINES_A_PAGE = 40
_LINE_CHARS = 92


@dataclass(frozen=True, slots=True)
class Setting:
    """One way a page is printed, damaged and read. ``size_pt`` at ``dpi``; ``blur`` radius px; ``noise`` σ of 255."""

    font: str
    size_pt: float = 13.0
    dpi: int = 200
    blur: float = 0.0
    noise: float = 0.0
    psm: int = 6
    oem: int = 3
    threshold: int | None = None
    seed: int = 0


def wrap(lines: Iterable[str], width: int = _LINE_CHARS) -> list[str]:
    """Text lines cut to print lines of at most ``width`` characters, at spaces."""
    out = []
    for line in lines:
        now = ""
        for word in nfc(line).split():
            if now and len(now) + 1 + len(word) > width:
                out.append(now)
                now = word
            else:
                now = f"{now} {word}" if now else word
        if now:
            out.append(now)
    return out


def draw(lines: Sequence[str], setting: Setting) -> Image.Image:
    """A grey page with ``lines`` printed under each other, then blurred, speckled and perhaps thresholded."""
    font = ImageFont.truetype(setting.font, round(setting.size_pt * setting.dpi / 72))
    step = round(setting.size_pt * setting.dpi / 72 * 1.45)
    margin = setting.dpi // 2
    width = max(int(font.getlength(line)) for line in lines) + 2 * margin
    page = Image.new("L", (width, step * len(lines) + 2 * margin), 255)
    pen = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        pen.text((margin, margin + row * step), line, font=font, fill=15)
    if setting.blur:
        page = page.filter(ImageFilter.GaussianBlur(setting.blur))
    if setting.noise:
        grain = np.random.default_rng(setting.seed).normal(0.0, setting.noise, (page.height, page.width))
        page = Image.fromarray(np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8))
    if setting.threshold is not None:
        cut = setting.threshold
        page = page.point(lambda grey: 255 if grey > cut else 0)
    return page


def read_english(page: Image.Image, setting: Setting, timeout_s: float = 120.0) -> list[str]:
    """The page's lines as Tesseract's English model reads them, empty ones dropped."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        page.save(picture, dpi=(setting.dpi, setting.dpi))
        options = ["-l", "eng", "--psm", str(setting.psm), "--oem", str(setting.oem), "--dpi", str(setting.dpi)]
        done = subprocess.run(
            ["tesseract", str(picture), "-", *options],
            capture_output=True,
            check=True,
            timeout=timeout_s,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    return [line for line in nfc(done.stdout.decode()).splitlines() if line.strip()]


def match_lines(right: Sequence[str], read: Sequence[str]) -> list[tuple[str, str]]:
    """Right lines with the read lines they became, in order; a pair too unlike to be the same line is left out."""
    pairs = []
    at = 0
    for line in right:
        bare = strip_marks(line).lower()
        best, best_cost = -1, 0.55
        for offset in range(at, min(at + 4, len(read))):
            cost = Levenshtein.normalized_distance(bare, strip_marks(read[offset]).lower())
            if cost < best_cost:
                best, best_cost = offset, cost
        if best >= 0:
            pairs.append((line, read[best].strip()))
            at = best + 1
    return pairs


def read_pairs(lines: Sequence[str], setting: Setting) -> list[tuple[str, str]]:
    """Prints ``lines`` (already wrapped), page by page, and pairs each with what the English engine made of it."""
    pairs = []
    for start in range(0, len(lines), _LINES_A_PAGE):
        block = lines[start : start + _LINES_A_PAGE]
        pairs += match_lines(block, read_english(draw(block, setting), setting))
    return pairs


_FONTS = Path("/usr/share/fonts/truetype")
_TINOS, _ARIMO = _FONTS / "croscore" / "Tinos-{}.ttf", _FONTS / "croscore" / "Arimo-Regular.ttf"
_LIBERATION, _NOTO = _FONTS / "liberation2" / "LiberationSerif-Regular.ttf", _FONTS / "noto"

# What the channel is learnt from, beside the given pairs. The bench uses none of these.
TRAINING_SETTINGS = (
    Setting(str(_LIBERATION), 13, 200, 0.6, 6, 6),
    Setting(str(_NOTO / "NotoSerif-Regular.ttf"), 12, 200, 0.8, 0, 3),
    Setting(str(_TINOS).format("Regular"), 14, 150, 0.5, 10, 4),
    Setting(str(_TINOS).format("Bold"), 13, 200, 0.7, 4, 6),
    Setting(str(_ARIMO), 12, 200, 0.7, 5, 6),
    Setting(str(_TINOS).format("Italic"), 14, 200, 0.7, 5, 6),
    Setting(str(_LIBERATION), 14, 300, 1.2, 12, 3, threshold=140),
    Setting(str(_NOTO / "NotoSans-Regular.ttf"), 12, 150, 0.4, 5, 6),
)
MORE_SETTINGS = (
    Setting(str(_FONTS / "dejavu" / "DejaVuSerif.ttf"), 12, 170, 0.6, 6, 4),
    Setting(str(_NOTO / "NotoSerif-Italic.ttf"), 13, 200, 0.7, 5, 6),
    Setting(str(_FONTS / "dejavu" / "DejaVuSerif-Bold.ttf"), 11, 180, 0.8, 8, 3),
    Setting(str(_FONTS / "croscore" / "Cousine-Regular.ttf"), 11, 200, 0.6, 5, 6),
    Setting(str(_LIBERATION), 14, 130, 0.4, 6, 3),
    Setting(str(_NOTO / "NotoSans-Bold.ttf"), 12, 200, 1.1, 10, 4),
    Setting(str(_FONTS / "liberation2" / "LiberationSerif-Italic.ttf"), 14, 180, 0.6, 8, 6),
)
_ROUNDS = ((TRAINING_SETTINGS, 10), (MORE_SETTINGS, 7))
_CAPITAL_ROUND = 4  # every fourth round is printed in capitals


def training_pairs(data: Path) -> list[tuple[str, str]]:
    """Some 5,000 pairs: lines 100 and 101 of each 997 administrative ones, and 100 to 103 of the general ones."""
    chosen: list[str] = []
    for name, wanted in (("admin_legal", (100, 101)), ("general", (100, 101, 102, 103))):
        with lzma.open(data / "text" / f"{name}.txt.xz", "rt", encoding="utf-8") as stream:
            chosen += wrap(line.strip() for number, line in enumerate(stream) if number % 997 in wanted)
    random.Random(7).shuffle(chosen)
    pairs: list[tuple[str, str]] = []
    at = 0
    for group, rounds in _ROUNDS:
        for turn in range(rounds):
            for setting in group:
                block = chosen[at : at + _LINES_A_PAGE]
                at += _LINES_A_PAGE
                if turn % _CAPITAL_ROUND == _CAPITAL_ROUND - 1:
                    block = [line.upper() for line in block]
                pairs += read_pairs(block, setting)
    return pairs
