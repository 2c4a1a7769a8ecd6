"""Small files to take in: a paper that can be read, and every way a file can be bad."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw, ImageFont

LIMIT_BYTES = 8 << 20
_LINES = ("UY BAN NHAN DAN XA BU DANG", "So: {number}/TB-UBND", "THONG BAO", "Ve viec tiep nhan ho so")


def scan(path: Path, number: int = 1) -> Path:
    """A page with a few lines of large print, different bytes for each number; quick to read."""
    picture = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=36)
    for row, line in enumerate(_LINES):
        draw.text((120, 160 + 90 * row), line.format(number=number), font=font, fill=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, dpi=(150, 150))
    return path


def blank(path: Path) -> Path:
    Image.new("L", (1240, 1754), 255).save(path, dpi=(150, 150))
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def not_a_document(path: Path) -> Path:
    path.write_text("Kính gửi: đây chỉ là chữ.\n" * 40, encoding="utf-8")
    return path


def truncated_pdf(path: Path) -> Path:
    picture = Image.effect_noise((600, 800), 60)
    picture.save(path, "PDF")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    return path


def password_pdf(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path, encryption=pikepdf.Encryption(owner="chu", user="mat-khau"))
    return path


def no_pages(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.save(path)
    return path


def huge_picture(path: Path, side: int = 30_000) -> Path:
    """A white square PNG of ``side`` × ``side`` pixels in about a hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = zlib.compressobj(1)
    row = bytes(1) + bytes([255]) * (side // 8)
    lines = b"".join(packed.compress(row) for _ in range(side)) + packed.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)  # one bit, grey
    signature = bytes([0x89]) + b"PNG" + bytes([13, 10, 26, 10])
    path.write_bytes(signature + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b""))
    return path


def too_large(path: Path) -> Path:
    """A byte over the limit that the tests' settings set; takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    return path
