"""A stand-in for the reader: a made-up paper's words with the slips a reader makes, for quick turns without pictures.

Real figures come from real reading (``bench.understanding``); this is for training and for development.
"""

from __future__ import annotations

import random
import zlib
from collections import defaultdict

from bench.papers import LabelledPaper
from services.ocr.model import Box, Page, Quality, Reading, Word
from services.vietnamese import strip_marks

# Share of letters changed, of words that lose their marks, of words lost, mean confidence.
LEVEL = {
    "clean": (0.002, 0.004, 0.0, 0.96),
    "office": (0.006, 0.012, 0.002, 0.93),
    "worn": (0.02, 0.05, 0.012, 0.86),
    "phone": (0.035, 0.08, 0.02, 0.8),
}
_SWAPS = {
    "l": "1I",
    "I": "l1",
    "1": "l7",
    "0": "O",
    "O": "0Q",
    "5": "S",
    "8": "B",
    "6": "ó",
    "n": "r",
    "m": "rn",
    "c": "e",
    "e": "c",
    "u": "n",
    "ă": "á",
    "â": "á",
    "ơ": "o",
    "ư": "u",
    "đ": "d",
    "Đ": "D",
    "ố": "ó",
    "ộ": "ọ",
    "ạ": "a",
    "ậ": "ạ",
    "ế": "é",
    "ệ": "ẹ",
    "ủ": "u",
    "ữ": "ũ",
    ",": ".",
    ".": ",",
    ":": ";",
    "/": "l",
}
_DPI = 200


def read_noisily(paper: LabelledPaper, seed: int = 0, *, level: str | None = None) -> Reading:
    """The paper as a reader might give it: boxes in pixels at 200 dpi, lines joined across columns now and then."""
    rng = random.Random(zlib.crc32(f"{paper.seed}/{paper.wording}/{seed}".encode()))
    chosen = level or paper.level
    pages = tuple(_page(paper, number, chosen, rng) for number in range(1, paper.page_count + 1))
    return Reading(pages, "application/pdf", (), ("noise",))


def _page(paper: LabelledPaper, number: int, level: str, rng: random.Random) -> Page:
    change, bare, lost, confidence = LEVEL[level]
    sheet = paper.sheets[number - 1]
    slope = rng.gauss(0, 0.004 if level in ("clean", "office") else 0.012)
    scale = _DPI / 25.4
    words: list[Word] = []
    ink: list[Box] = []
    rows: dict[tuple[int, int], list] = defaultdict(list)
    for word in paper.words(number):
        rows[word.block, word.line].append(word)
    for line, row in enumerate(rows.values()):
        for word in row:
            shift = slope * word.left * scale
            box = Box(
                int(word.left * scale),
                int(word.top * scale + shift),
                max(int(word.right * scale), int(word.left * scale) + 2),
                int(word.bottom * scale + shift),
            )
            if word.hand:
                ink.append(box)
                if rng.random() < 0.35:
                    continue
            if rng.random() < lost:
                continue
            text = _slip(word.text, change * (8 if word.hand else 1), bare, rng)
            sure = min(0.99, max(0.05, rng.gauss(confidence if text == word.text else confidence - 0.25, 0.04)))
            if text.strip():
                words.append(Word(text, box, sure, line, 0))
    text = "\n".join(" ".join(w.text for w in words if w.line == n) for n in range(len(rows)))
    seen = tuple(box for box in ink if rng.random() < 0.85)
    return Page(
        number,
        int(sheet.width * scale),
        int(sheet.height * scale),
        _DPI,
        0,
        0.0,
        "recognised",
        Quality(blank=not words),
        text,
        tuple(words),
        handwriting=seen,
    )


def _slip(text: str, change: float, bare: float, rng: random.Random) -> str:
    if len(text) > 4 and set(text) <= set("….·_"):
        return "".join(rng.choice("....,…-e_") for _ in range(rng.randint(2, max(3, len(text) // 2))))
    if rng.random() < bare:
        text = strip_marks(text)
    made = []
    for letter in text:
        if rng.random() < change:
            options = _SWAPS.get(letter)
            made.append(rng.choice(options) if options else "" if rng.random() < 0.3 else letter)
        else:
            made.append(letter)
    return "".join(made)
