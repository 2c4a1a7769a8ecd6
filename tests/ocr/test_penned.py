"""Digits written by a pen into a printed line are told from printed ones by their ink and by how they stand."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from sample_docs.painter.fonts import FAMILIES, font
from services.ocr.lines import ReadLine, ReadWord, Rect, around
from services.ocr.pages.penned import penned
from services.ocr.sheet import Picture

BLACK, BLUE = (28, 28, 32), (34, 52, 150)
SIZE = 36


def drawn(family: str, pieces: list[tuple[str, str]], *, seed: int = 1, blur: float = 0.6) -> tuple[Picture, ReadLine]:
    """A line of ``(text, how)`` pieces (how: print, print-blue, pen, pen-blue) and its words where they stand."""
    image = Image.new("RGB", (1500, 120), (250, 250, 248))
    rng = random.Random(seed)
    x, words = 40.0, []
    face = font(family, "r", SIZE)
    for text, how in pieces:
        left = x
        ink = BLUE if "blue" in how else BLACK
        if how.startswith("print"):
            ImageDraw.Draw(image).text((x, 80), text, fill=ink, font=face, anchor="ls")
            x += face.getlength(text)
        else:
            for digit in text:
                x = _stroke(image, digit, x, ink, rng)
        words.append(ReadWord(text, Rect(left, 48, x, 88), 0.99))
        x += 12
    soft = np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), blur), dtype=np.uint8)
    return soft, ReadLine(tuple(words), around([word.rect for word in words]))


def _stroke(image: Image.Image, digit: str, x: float, ink: tuple[int, int, int], rng: random.Random) -> float:
    """A digit in single strokes, none as high as the last nor on one base line with it."""
    tile = np.zeros((120, 80), np.uint8)
    high = rng.uniform(1.0, 1.45)
    cv2.putText(tile, digit, (20, 80), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, high, 255, 2, cv2.LINE_AA)
    mask = Image.fromarray(tile).rotate(rng.uniform(-12, 8))
    box = mask.getbbox()
    assert box is not None
    mask = mask.crop(box)
    image.paste(ink, (int(x), int(80 - mask.height + rng.uniform(-5, 5))), mask)
    return x + mask.width + 3


def found(family: str, pieces: list[tuple[str, str]], seed: int = 1) -> list[bool]:
    """For each word, whether it is among the places a pen wrote in."""
    picture, line = drawn(family, pieces, seed=seed)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    places = penned(picture, grey, [line])
    return [word.rect in places for word in line.words]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_printed_numbers_and_days_are_not_taken_for_handwriting(family: str) -> None:
    rng = random.Random(family)
    for _ in range(6):
        number, day = str(rng.randint(1, 2999)), f"{rng.randint(1, 28):02d}"
        line = [("Số:", "print"), (f"{number}/QĐ-UBND", "print"), ("Xuân", "print"), ("Lộc,", "print")]
        line += [("ngày", "print"), (day, "print"), ("tháng", "print"), ("9", "print"), ("năm", "print")]
        assert not any(found(family, [*line, ("2025", "print")]))


@pytest.mark.parametrize("ink", ["pen", "pen-blue"])
def test_a_number_written_by_hand_is_found(ink: str) -> None:
    met = [found("tinos", [("Số:", "print"), ("1847", ink), ("/QĐ-UBND", "print")], seed) for seed in range(12)]
    assert sum(number for _, number, _ in met) >= (12 if ink == "pen-blue" else 10)
    assert not any(rest for _, _, rest in met)


def test_a_day_written_by_hand_is_found_and_its_printed_year_is_not() -> None:
    pieces = [("Bàu", "print"), ("Hàm,", "print"), ("ngày", "print"), ("27", "pen"), ("tháng", "print")]
    met = [found("liberation-serif", [*pieces, ("năm", "print"), ("2025", "print")], seed) for seed in range(12)]
    assert sum(words[3] for words in met) >= 9
    assert not any(words[6] for words in met)


def test_a_line_printed_in_blue_altogether_is_print() -> None:
    assert not any(found("arimo", [("Số:", "print-blue"), ("482/CV-ABC", "print-blue")]))
