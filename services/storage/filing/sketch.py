"""How alike two scans are: a minhash of the text's word triples, and the distance of two perceptual hashes.

Sixty-four minima of 16 bits each estimate the Jaccard similarity of two texts within about ±0.06 (one standard
deviation); 128 bytes a paper. Broder, "On the resemblance and containment of documents", 1997; b-bit minhash: Li and
König, WWW 2010.
"""

from __future__ import annotations

import zlib

import numpy as np

from services.vietnamese import fold

_HASHES = 64
_PRIME = np.uint64(4294967311)  # the first prime over 2³²
_SEEDS = np.random.default_rng(766)
_A = _SEEDS.integers(1, 1 << 31, _HASHES, dtype=np.uint64)
_B = _SEEDS.integers(0, 1 << 31, _HASHES, dtype=np.uint64)
_LEAST_WORDS = 12  # fewer say nothing about likeness


def sketch(text: str) -> bytes | None:
    """The minhash of a text, None where it is too short to compare."""
    words = fold(text).split()
    if len(words) < _LEAST_WORDS:
        return None
    triples = {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}
    hashes = np.fromiter((zlib.crc32(triple.encode()) for triple in triples), np.uint64, len(triples))
    least = ((hashes[:, None] * _A + _B) % _PRIME).min(axis=0)
    return bytes((least & np.uint64(0xFFFF)).astype("<u2").tobytes())


def likeness(one: bytes | None, other: bytes | None) -> float | None:
    """Estimated share of word triples two texts have in common, 0 to 1; None where either is unknown."""
    if one is None or other is None:
        return None
    same = np.frombuffer(one, "<u2") == np.frombuffer(other, "<u2")
    return float(same.mean())


def bits_apart(one: int | None, other: int | None) -> int | None:
    """In how many of 64 bits two perceptual hashes differ; None where either is unknown (0 is unknown)."""
    if not one or not other:
        return None
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def signed64(value: int | None) -> int | None:
    """A 64-bit hash as the signed number a database column holds."""
    if value is None:
        return None
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value
