"""The model file: named arrays in one file, memory-mapped, and a hash table that answers for millions of n-grams.

Layout: magic, length of a JSON index, the index (name → dtype, shape, offset), then the arrays, each on a 64-byte
boundary. Opening reads the index only; pages of the arrays come in as they are touched and are shared between
processes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.errors import ServiceError

_MAGIC = b"SOHOA-ACCENTS-1\n"
_ALIGN = 64
VALUE_BITS = 6
_VALUE_MASK = (1 << VALUE_BITS) - 1


class ModelMissing(ServiceError):
    code = "accents-model"
    vi = "Thiếu hoặc hỏng tệp mô hình khôi phục dấu; hãy cài đặt lại phần mềm."
    en = "The accent model file is missing or damaged; install the software again."


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Packs ``arrays`` into ``path``. The same arrays give the same bytes."""
    index: dict[str, dict[str, Any]] = {}
    at = 0
    for name, array in arrays.items():
        at += -at % _ALIGN
        index[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "at": at}
        at += array.nbytes
    head = json.dumps(index, separators=(",", ":")).encode()
    head += b" " * (-(len(_MAGIC) + 8 + len(head)) % _ALIGN)
    with path.open("wb") as stream:
        stream.write(_MAGIC + len(head).to_bytes(8, "little") + head)
        for name, array in arrays.items():
            stream.write(b"\0" * (-stream.tell() % _ALIGN))
            assert stream.tell() == len(_MAGIC) + 8 + len(head) + index[name]["at"]
            stream.write(np.ascontiguousarray(array).tobytes())


def open_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a packed file, read-only and memory-mapped. Raises ``ModelMissing``."""
    try:
        raw = np.memmap(path, np.uint8, "r")
        start = len(_MAGIC) + 8
        if raw[: len(_MAGIC)].tobytes() != _MAGIC:
            raise ModelMissing(f"{path.name} is not an accent model")
        base = start + int.from_bytes(raw[len(_MAGIC) : start].tobytes(), "little")
        index = json.loads(raw[start:base].tobytes())
        arrays: dict[str, NDArray[Any]] = {}
        for name, entry in index.items():
            kind = np.dtype(entry["dtype"])
            begin = base + entry["at"]
            size = kind.itemsize * int(np.prod(entry["shape"]))
            if begin + size > len(raw):
                raise ModelMissing(f"{path.name} is cut short")
            arrays[name] = raw[begin : begin + size].view(kind, np.ndarray).reshape(entry["shape"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(str(error)) from error
    return arrays


class Table:
    """A static function from 64-bit keys to 6-bit values: a binary fuse filter (Graf & Lemire, 2022) with a payload.

    Every cell is 16 bits: a 10-bit fingerprint and the value. A key that was never put in is taken for one that was
    once in 1,024 look-ups. ``shape``: segment length, number of segments, seed.
    """

    def __init__(self, cells: NDArray[np.uint16], shape: NDArray[np.int64]) -> None:
        self._cells = cells
        self._segment, self._count, self._seed = (int(number) for number in shape)

    def get(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Value of each key, or −1 where the key is not in the table."""
        mixed = mix(keys, self._seed)
        first, second, third = cells_of(mixed, self._segment, self._count)
        cell = self._cells[first] ^ self._cells[second] ^ self._cells[third]
        value = (cell & np.uint16(_VALUE_MASK)).astype(np.intp)
        value[(cell >> np.uint16(VALUE_BITS)) != fingerprint(mixed)] = -1
        return value


def mix(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Spreads keys over 64 bits (the finalizer of MurmurHash3)."""
    mixed = keys + np.uint64(seed)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def cells_of(
    mixed: NDArray[np.uint64], segment: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The three cells of each key, in three neighbouring segments."""
    mask = np.uint64(segment - 1)
    first = ((mixed >> np.uint64(32)) * np.uint64(count * segment)) >> np.uint64(32)
    second = (first + np.uint64(segment)) ^ ((mixed >> np.uint64(18)) & mask)
    third = (first + np.uint64(2 * segment)) ^ (mixed & mask)
    return first.view(np.int64), second.view(np.int64), third.view(np.int64)


def fingerprint(mixed: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Ten bits that tell a key from others with the same cells."""
    return ((mixed ^ (mixed >> np.uint64(27))) >> np.uint64(5)).astype(np.uint16) & np.uint16(0x3FF)
