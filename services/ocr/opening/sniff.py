"""What a file is, by its first bytes. A name or a claimed type is never believed."""

from __future__ import annotations

from pathlib import Path

from services.limits import Limits
from services.ocr.errors import EmptyFile, NotADocument, TooLarge

# PDF readers accept a header within the first 1,024 bytes (PDF 1.7, implementation note 13).
_HEAD = 1024
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def media_type(path: Path, limits: Limits) -> str:
    """The media type of a file we read.

    Raises EmptyFile, TooLarge, NotADocument.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(str(path.name))
    if size > limits.max_bytes:
        raise TooLarge(f"{size} bytes")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    found = _by_magic(head)
    if found is None:
        raise NotADocument(path.name)
    return found


def _by_magic(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "image/tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if b"%PDF-" in head:
        return "application/pdf"
    return None
