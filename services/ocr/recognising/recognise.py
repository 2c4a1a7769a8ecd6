"""A cleaned grey page to lines of words: read by the network, again where in doubt, decided by the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.ocr.errors import NoReader
from services.ocr.lines import ReadLine, ReadWord, Rect
from services.ocr.recognising import decide, recogniser, tesseract, trueocr
from services.ocr.sheet import Picture

# A line whose weakest word is below this is shown to the second reader.
_DOUBT = 0.93
# An invoice's form code is two digits, letters, a digit, "/" and three digits (TT 39/2014/TT-BTC, phụ lục 1): an O
# before the stroke can only be a nought.
_FORM_CODE = re.compile(r"(\d\d[A-Z]{3,5})O(/\d{3})")
_FILLED_IN = re.compile(r"(ngày|tháng|năm|số:?)(\d[\d/.,;]*)", re.IGNORECASE)


def recognise(grey: Picture, dpi: float, rects: list[Rect] | None) -> list[ReadLine]:
    """Lines in no particular order. ``rects``: where the lines are, None to let Tesseract find them.

    Raises NoReader, TimeLimit.
    """
    if rects is None:
        if not tesseract.available():
            raise NoReader("neither trueocr nor tesseract")
        return tesseract.read(grey, dpi)
    frames = recogniser.see(grey, rects)
    first = [recogniser.best_path(seen) for seen in frames]
    doubtful = [i for i, line in enumerate(first) if any(word.confidence < _DOUBT for word in line.words)]
    second = dict(zip(doubtful, trueocr.read_lines(grey, [rects[i] for i in doubtful]), strict=True))
    lines = []
    for index, (seen, line) in enumerate(zip(frames, first, strict=True)):
        if not line.words:
            continue
        if index not in second:
            lines.append(ReadLine(tuple(_by_form(line.words)), line.rect, line.reader))
            continue
        slots = decide.options(seen, line, decide.spans_of(seen))
        slots = decide.with_second(slots, second[index])
        lines.append(ReadLine(tuple(_by_form(decide.decide(slots))), line.rect, line.reader))
    return lines


def _by_form(words: Sequence[ReadWord]) -> Iterator[ReadWord]:
    """Words by the forms of office papers: a day written into its gap ("ngày23") is a word of its own."""
    for word in words:
        form = _FORM_CODE.fullmatch(word.text)
        if form is not None:
            yield word._replace(text=f"{form[1]}0{form[2]}", confidence=min(word.confidence, 0.8))
            continue
        joined = _FILLED_IN.fullmatch(word.text)
        if joined is None:
            yield word
            continue
        split = word.rect.left + word.rect.width * len(joined[1]) / len(word.text)
        yield word._replace(text=joined[1], rect=word.rect._replace(right=split))
        yield word._replace(text=joined[2], rect=word.rect._replace(left=split))
