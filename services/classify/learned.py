"""The learned model: a linear classifier over hashed words and letter runs of a paper's text and a few facts of layout.

The file is a numpy archive loaded without pickle, so that a model from elsewhere can be wrong but not run code.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from services.classify.catalogue import PaperType
from services.classify.layout import Sheet
from services.classify.titles import is_motto
from services.errors import InputError

DIMENSIONS = 1 << 14
_FORMAT = 1
_MAX_BYTES = 16_000_000
_WORDS = 420  # of a paper's beginning; the rest of a long contract says little about its type

Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


class BadModel(InputError):
    code = "bad-model"
    vi = "Tệp mô hình không đúng định dạng; hãy dùng tệp do lệnh huấn luyện tạo ra."
    en = "This is not a model file of ours; use one made by the training command."


def features(sheets: Sequence[Sheet]) -> tuple[Indices, Floats]:
    """Hashed features of a paper: indices (sorted, unique) and weights of unit length. Digits are not told apart."""
    counts: Counter[int] = Counter()
    words: list[str] = []
    for sheet in sheets[:2]:
        for row in sheet.rows:
            words += row.key.split()
    words = ["#" if word.isdigit() else word for word in words[:_WORDS]]
    for one, two in zip(words, [*words[1:], ""], strict=True):
        counts[_hash(f"w{one}")] += 1
        if two:
            counts[_hash(f"b{one} {two}")] += 1
        if len(one) > 4:
            for start in range(len(one) - 3):
                counts[_hash(f"c{one[start : start + 4]}")] += 1
    for sheet in sheets[:1]:
        for row in sheet.rows[:16]:
            for segment in row.segments:
                if segment.capitals > 0.6 and not is_motto(segment.key):
                    for word in segment.key.split():
                        counts[_hash(f"T{word}")] += 2
    for told in _layout(sheets):
        counts[_hash(f"L{told}")] += 2
    if not counts:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    order = np.array(sorted(counts), np.int32)
    weights = np.log1p(np.array([counts[int(i)] for i in order], np.float32))
    return order, (weights / np.linalg.norm(weights)).astype(np.float32)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode()) % DIMENSIONS


def _layout(sheets: Sequence[Sheet]) -> list[str]:
    first = sheets[0]
    told = [f"pages{min(len(sheets), 4)}"]
    if first.page.height_px and first.page.width_px:
        told.append("wide" if first.page.width_px > first.page.height_px else "tall")
    told.append("motto" if any(is_motto(segment.key) for segment in first.segments[:8]) else "nomotto")
    told.append(f"rows{min(len(first.rows) // 10, 6)}")
    if any(code.format.startswith("QR") for code in first.page.codes):
        told.append("qr")
    return told


@dataclass(frozen=True)
class Model:
    """Weights of every class. ``memory`` keeps hashed examples for rehearsal in later training."""

    version: str
    codes: tuple[str, ...]
    weights: Floats  # (DIMENSIONS, classes)
    bias: Floats
    types: tuple[PaperType, ...] = ()  # a unit's own types
    memory: tuple[tuple[str, Indices, Floats], ...] = ()
    notes: Mapping[str, float] = field(default_factory=dict)

    def scores(self, indices: Indices, weights: Floats) -> Floats:
        """Class probabilities of one paper's features, in the order of ``codes``."""
        logits = self.bias + weights @ self.weights[indices]
        logits = logits - logits.max()
        raised = np.exp(logits)
        made: Floats = (raised / raised.sum()).astype(np.float32)
        return made

    def probabilities(self, sheets: Sequence[Sheet]) -> dict[str, float]:
        """Probability of each code for a paper."""
        found = self.scores(*features(sheets))
        return dict(zip(self.codes, found.tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """The model as a file: weights as 8-bit steps of a scale for each class."""
        scale = np.maximum(np.abs(self.weights).max(axis=0), 1e-6) / 127
        steps = np.round(self.weights / scale).astype(np.int8)
        lengths = np.array([len(indices) for _, indices, _ in self.memory], np.int32)
        head = {
            "format": _FORMAT,
            "codes": list(self.codes),
            "types": [paper.model_dump(by_alias=True) for paper in self.types],
            "memory": [code for code, _, _ in self.memory],
            "notes": dict(self.notes),
            "dimensions": DIMENSIONS,
        }
        out = io.BytesIO()
        np.savez_compressed(
            out,
            head=np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8),
            steps=steps,
            scale=scale.astype(np.float32),
            bias=self.bias.astype(np.float32),
            lengths=lengths,
            indices=np.concatenate([i.astype(np.int16) for _, i, _ in self.memory])
            if self.memory
            else np.zeros(0, np.int16),
            memory_weights=np.concatenate([_to_steps(w) for _, _, w in self.memory])
            if self.memory
            else np.zeros(0, np.uint8),
        )
        return out.getvalue()


def _to_steps(weights: Floats) -> npt.NDArray[np.uint8]:
    return np.clip(np.round(weights * 400), 1, 255).astype(np.uint8)


def load_model(data: bytes) -> Model:
    """A model from its file's bytes. Raises ``BadModel`` when they are not one."""
    if len(data) > _MAX_BYTES:
        raise BadModel("too large")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            head = json.loads(bytes(archive["head"]).decode())
            if head["format"] != _FORMAT or head["dimensions"] != DIMENSIONS:
                raise BadModel("other format")
            weights = archive["steps"].astype(np.float32) * archive["scale"]
            bias = archive["bias"].astype(np.float32)
            memory = _memory(head["memory"], archive["lengths"], archive["indices"], archive["memory_weights"])
        codes = tuple(str(code) for code in head["codes"])
        types = tuple(PaperType.model_validate(one) for one in head["types"])
        notes = {str(k): float(v) for k, v in head["notes"].items()}
    except BadModel:
        raise
    except (ValueError, KeyError, TypeError, OSError, EOFError, AttributeError, zlib.error) as error:
        raise BadModel(type(error).__name__) from error
    except Exception as error:  # zipfile raises its own kinds; all mean the same here
        raise BadModel(type(error).__name__) from error
    if weights.shape != (DIMENSIONS, len(codes)) or bias.shape != (len(codes),):
        raise BadModel("shapes differ")
    return Model(version_of(data), codes, weights, bias, types, memory, notes)


def version_of(data: bytes) -> str:
    """A model's version is the beginning of its file's SHA-256."""
    return f"m-{hashlib.sha256(data).hexdigest()[:12]}"


def _memory(
    codes: Sequence[str], lengths: npt.NDArray[np.int32], indices: npt.NDArray[np.int16], steps: npt.NDArray[np.uint8]
) -> tuple[tuple[str, Indices, Floats], ...]:
    made = []
    start = 0
    for code, length in zip(codes, lengths.tolist(), strict=True):
        part = indices[start : start + length].astype(np.int32)
        weights = steps[start : start + length].astype(np.float32)
        norm = float(np.linalg.norm(weights)) or 1.0
        made.append((code, part, (weights / norm).astype(np.float32)))
        start += length
    return tuple(made)


@lru_cache(maxsize=1)
def default_model() -> Model | None:
    """The shipped model; None in a checkout where it has not been built."""
    place = resources.files("services.classify").joinpath("data/model.npz")
    return load_model(place.read_bytes()) if place.is_file() else None
