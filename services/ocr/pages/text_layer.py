"""Text a PDF already holds: trusted where it is plausible Vietnamese, else read afresh, else repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from services.ocr.lines import ReadLine, ReadWord, Rect, around
from services.ocr.sheet import LayerWord
from services.vietnamese import strip_marks

State = Literal["good", "stripped", "garbled", "other", "empty"]

_MIN_LETTERS = 20
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?", re.IGNORECASE
)


def judge(words: Sequence[LayerWord]) -> State:
    """What state a layer is in. Uses the language model where it is installed, else the shape of syllables."""
    text = "\n".join(line.text for line in lines_of(words))
    letters = sum(c.isalpha() for c in text)
    if letters == 0:
        return "empty"
    try:
        from services.ocr.accents import judge_text
        from services.ocr.accents.packed import ModelMissing
    except ImportError:
        return _by_shape(text, letters)
    try:
        return judge_text(text)
    except ModelMissing:
        return _by_shape(text, letters)


def repaired(lines: Sequence[ReadLine]) -> list[ReadLine]:
    """The lines with their letters given back, as far as the language model can; unchanged where there is none."""
    try:
        from services.ocr.accents import repair_text
        from services.ocr.accents.packed import ModelMissing
    except ImportError:
        return list(lines)
    try:
        texts = repair_text("\n".join(line.text for line in lines)).text.split("\n")
    except ModelMissing:
        return list(lines)
    return [_with_text(line, text) for line, text in zip(lines, texts, strict=True)]


def lines_of(words: Sequence[LayerWord]) -> list[ReadLine]:
    """Words in the file's order gathered into lines: a word that stands lower or further left opens a new one."""
    lines: list[list[ReadWord]] = []
    for word in words:
        rect = Rect(word.left, word.top, max(word.right, word.left + 1), max(word.bottom, word.top + 1))
        read = ReadWord(word.text, rect, 1.0)
        if lines:
            before = lines[-1][-1].rect
            height = max(before.height, rect.height)
            if (
                abs(rect.centre_y - before.centre_y) < 0.6 * height
                and -0.5 * height < rect.left - before.right < 6 * height
            ):
                lines[-1].append(read)
                continue
        lines.append([read])
    return [ReadLine(tuple(line), around([word.rect for word in line]), "text-layer") for line in lines]


def is_syllable(word: str) -> bool:
    """True for a word of the shape of a Vietnamese syllable, marks and signs around it left out."""
    letters = "".join(c for c in word if c.isalpha())
    return len(letters) > 1 and not any(c.isdigit() for c in word) and bool(_SYLLABLE.fullmatch(strip_marks(letters)))


def _with_text(line: ReadLine, text: str) -> ReadLine:
    """New text over the old words' places; where the number of words changed, the line is divided by letters."""
    parts = text.split()
    if not parts:
        return line
    if len(parts) == len(line.words):
        return ReadLine(
            tuple(word._replace(text=part, confidence=0.8) for word, part in zip(line.words, parts, strict=True)),
            line.rect,
            line.reader,
        )
    total = sum(len(part) for part in parts) + len(parts) - 1
    words, at = [], 0
    for part in parts:
        left = line.rect.left + line.rect.width * at / total
        right = line.rect.left + line.rect.width * (at + len(part)) / total
        words.append(ReadWord(part, Rect(left, line.rect.top, right, line.rect.bottom), 0.6))
        at += len(part) + 1
    return ReadLine(tuple(words), line.rect, line.reader)


def _by_shape(text: str, letters: int) -> State:
    words = re.findall(r"[^\W\d_]+", text)
    shaped = sum(bool(_SYLLABLE.fullmatch(strip_marks(word))) for word in words)
    marked = sum(c != strip_marks(c) for c in text)
    if letters < _MIN_LETTERS:
        return "good" if marked else "other"
    if shaped < 0.6 * len(words):
        return "other" if marked < 0.02 * letters else "garbled"
    return "good" if marked > 0.12 * letters else "stripped"
