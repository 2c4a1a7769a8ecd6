"""The readers on this machine. Either may be absent; the reading says which were there."""

from __future__ import annotations

from services.ocr import tesseract


def available() -> tuple[str, ...]:
    """Names of the readers that can be used."""
    return tuple(reader.NAME for reader in (tesseract,) if reader.available())


def load() -> None:
    """Finds the readers and loads their networks, before any child is forked."""
    available()
