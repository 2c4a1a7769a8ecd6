"""Builds the ``Table`` of ``packed.py``: every key gets three cells, keys are peeled off one by one, then filled in."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.packed import VALUE_BITS, cells_of, fingerprint, mix


@numba.njit(cache=False)
def _peel(first, second, third, size, order, owner):  # type: ignore[no-untyped-def]  # numba infers the types
    degree = np.zeros(size, np.int32)
    held = np.zeros(size, np.int64)
    for key in range(len(first)):
        for cell in (first[key], second[key], third[key]):
            degree[cell] += 1
            held[cell] ^= key
    queue = np.empty(size, np.int64)
    waiting = 0
    for cell in range(size):
        if degree[cell] == 1:
            queue[waiting] = cell
            waiting += 1
    done = 0
    while waiting:
        waiting -= 1
        cell = queue[waiting]
        if degree[cell] != 1:
            continue
        key = held[cell]
        order[done] = key
        owner[done] = cell
        done += 1
        for other in (first[key], second[key], third[key]):
            degree[other] -= 1
            held[other] ^= key
            if degree[other] == 1:
                queue[waiting] = other
                waiting += 1
    return done


@numba.njit(cache=False)
def _fill(first, second, third, content, order, owner, cells):  # type: ignore[no-untyped-def]
    for at in range(len(order) - 1, -1, -1):
        key = order[at]
        cells[owner[at]] = 0
        cells[owner[at]] = content[key] ^ cells[first[key]] ^ cells[second[key]] ^ cells[third[key]]


def build_table(keys: NDArray[np.uint64], values: NDArray[np.uint8]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Cells and shape of a ``Table`` holding ``values`` (below 64) under distinct ``keys``."""
    count = max(len(keys), 2)
    segment = 1 << int(math.log(count) / math.log(3.33) + 2.25)
    factor = max(1.125, 0.875 + 0.25 * math.log(1e6) / math.log(count))
    segments = max(1, math.ceil(count * factor / segment) - 2)
    size = (segments + 2) * segment
    for seed in range(1, 200):
        mixed = mix(keys, seed)
        first, second, third = cells_of(mixed, segment, segments)
        order, owner = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        if _peel(first, second, third, size, order, owner) == len(keys):
            content = (fingerprint(mixed) << np.uint16(VALUE_BITS)) | values.astype(np.uint16)
            cells = np.zeros(size, np.uint16)
            _fill(first, second, third, content, order, owner, cells)
            return cells, np.array([segment, segments, seed], np.int64)
    raise AssertionError("no seed peels the keys; are they distinct?")
