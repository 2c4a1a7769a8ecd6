"""The readers on this machine behind one small interface. Either may be absent; the reading says which were there.

``trueocr`` finds the lines; they are read by our own line network (``recogniser``) and, where that is unsure, by
trueocr's line network too. ``tesseract`` finds and reads by itself, and is a second opinion on lines in doubt.
"""

from __future__ import annotations

from services.ocr import detector, recogniser, tesseract, trueocr


def available() -> tuple[str, ...]:
    """Names of the readers that can be used."""
    return tuple(reader.NAME for reader in (tesseract, trueocr) if reader.available())


def load() -> None:
    """Finds the readers and loads their networks, before any child is forked."""
    available()
    detector.load()
    trueocr.load()
    if trueocr.available():
        recogniser.load()
