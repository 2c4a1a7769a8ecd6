"""A cleaned grey page to lines of words: read by the network, again where in doubt, decided by the language."""

from __future__ import annotations

from services.ocr import decide, recogniser, tesseract, trueocr
from services.ocr.errors import NoReader
from services.ocr.lines import ReadLine, Rect
from services.ocr.sheet import Picture

# A line whose weakest word is below this is shown to the second reader.
_DOUBT = 0.93


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
            lines.append(line)
            continue
        slots = decide.options(seen, line, decide.spans_of(seen))
        slots = decide.with_second(slots, second[index])
        lines.append(ReadLine(tuple(decide.decide(slots)), line.rect, line.reader))
    return lines
