"""The readers on this machine behind one small interface. Either may be absent; the reading says which were there.

``trueocr`` finds the lines; they are read by our own line network (``vie-lines``) and, where that is unsure, by
trueocr's line network too. Where trueocr is not installed, ``tesseract`` finds and reads the lines by itself: slower,
and with more errors on bad pages, but everything else works the same.
"""

from __future__ import annotations

from services.ocr.recognising import decide, detector, recogniser, tesseract, trueocr


def available() -> tuple[str, ...]:
    """Names of the readers that will be used, the first reader first; empty where none is installed."""
    if trueocr.available():
        return recogniser.NAME, trueocr.NAME
    return (tesseract.NAME,) if tesseract.available() else ()


def load() -> None:
    """Finds the readers and loads their networks, before any child is forked."""
    if trueocr.available():
        detector.load()
        trueocr.load()
        recogniser.load()
    else:
        tesseract.available()
    decide.load()
