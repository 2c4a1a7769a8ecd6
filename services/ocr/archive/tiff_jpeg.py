"""A TIFF page's JPEG strips as one JPEG, not decoded: scanners cut a colour page into strips of a few lines each.

A JPEG may restart between any two rows of blocks. Strips of whole rows of blocks are joined by restart markers, with
the tables that TIFF keeps once for all of them (TIFF Technical Note 2; ITU-T T.81 B.2, F.1.1.5).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image

# Tags of TIFF 6.0.
_WIDTH, _LENGTH, _COMPRESSION, _PHOTOMETRIC, _OFFSETS, _ORIENTATION = 256, 257, 259, 262, 273, 274
_ROWS, _COUNTS, _PLANES, _TABLES = 278, 279, 284, 347
_JPEG = 7
_GREY, _RGB, _YCBCR = 1, 2, 6
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOS, _DRI, _DQT, _DHT = 0xDA, 0xDD, 0xDB, 0xC4
_BASELINE = (0xC0, 0xC1)


def joined(image: Image.Image) -> bytes | None:
    """The JPEG of the page the TIFF stands at; None where its data is no JPEG or cannot be joined."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    plain = tags.get(_PLANES, 1) == 1 and tags.get(_ORIENTATION, 1) == 1 and _OFFSETS in tags
    if tags.get(_COMPRESSION) != _JPEG or not plain or tags.get(_PHOTOMETRIC) not in (_GREY, _RGB, _YCBCR):
        return None
    try:
        strips = [_Strip(data) for data in _strips(image, tags)]
        return _join(strips, tags)
    except (ValueError, IndexError, struct.error):
        return None


class _Strip:
    """One strip taken apart: the tables of its own, its frame, its scan header, and the coded data."""

    def __init__(self, data: bytes) -> None:
        self.tables, self.frame, self.scan, self.coded = b"", b"", b"", b""
        for marker, segment, end in _segments(data):
            if marker in (_DQT, _DHT):
                self.tables += segment
            elif marker in _BASELINE:
                self.frame = segment
            elif marker == _SOS:
                self.scan = segment
                foot = data.rfind(_EOI)
                self.coded = data[end : foot if foot >= end else len(data)]
            elif marker == _DRI or 0xC0 <= marker <= 0xCF:
                raise ValueError("a strip with restarts of its own, or no baseline JPEG")
        if not (self.frame and self.scan and self.coded):
            raise ValueError("a strip without a frame or a scan")


def _strips(image: Image.Image, tags: Mapping[int, Any]) -> Iterator[bytes]:
    file: Any = getattr(image, "fp", None)
    if file is None:
        raise ValueError("the file is closed")
    for offset, count in zip(tags[_OFFSETS], tags[_COUNTS], strict=True):
        file.seek(offset)
        yield file.read(count)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Each marker segment before the coded data: marker, the segment with its marker, and where it ends."""
    if data[:2] != _SOI:
        raise ValueError("no JPEG")
    at = 2
    while data[at : at + 2] != _EOI:
        if data[at] != 0xFF:
            raise ValueError("no marker where one must be")
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + length
        yield marker, data[at:end], end
        if marker == _SOS:
            return
        at = end


def _join(strips: list[_Strip], tags: Mapping[int, Any]) -> bytes:
    first = strips[0]
    width, height, rows = int(tags[_WIDTH]), int(tags[_LENGTH]), int(tags.get(_ROWS, tags[_LENGTH]))
    blocks_wide, blocks_high = _block(first.frame)
    if len(strips) > 1:
        if rows % blocks_high or any(s.tables != first.tables or s.scan != first.scan for s in strips):
            raise ValueError("strips that do not fit together")
        if any(_of_any_height(s.frame) != _of_any_height(first.frame) for s in strips):
            raise ValueError("strips of different frames")
    kept = _segments(tags.get(_TABLES, _SOI + _EOI))
    shared = b"".join(segment for marker, segment, _ in kept if marker in (_DQT, _DHT))
    frame = first.frame[:5] + struct.pack(">HH", height, width) + first.frame[9:]
    out = [_SOI, _adobe(tags), shared, first.tables, frame]
    if len(strips) > 1:
        out.append(struct.pack(">BBHH", 0xFF, _DRI, 4, -(-width // blocks_wide) * (rows // blocks_high)))
    out.append(first.scan)
    for number, strip in enumerate(strips):
        out += [bytes((0xFF, 0xD0 + (number - 1) % 8))] if number else []
        out.append(strip.coded)
    return b"".join((*out, _EOI))


def _block(frame: bytes) -> tuple[int, int]:
    """Width and height in pixels of the blocks that are coded together."""
    factors = [frame[at] for at in range(11, 11 + 3 * frame[9], 3)]
    return 8 * max(one >> 4 for one in factors), 8 * max(one & 15 for one in factors)


def _of_any_height(frame: bytes) -> bytes:
    """The frame but for its height: the last strip is lower."""
    return frame[:5] + frame[7:]


def _adobe(tags: Mapping[int, Any]) -> bytes:
    """Says whether the three colours are RGB or YCbCr, which readers would guess otherwise."""
    if tags[_PHOTOMETRIC] == _GREY:
        return b""
    return b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, int(tags[_PHOTOMETRIC] == _YCBCR))
