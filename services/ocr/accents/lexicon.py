"""The known words, by number and by their bare letters, and the acronyms that have a Đ."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.garble import Channel
from services.ocr.accents.language import Trigram
from services.ocr.accents.packed import open_arrays
from services.ocr.accents.words import ACRONYM, SPECIAL, UNKNOWN
from services.vietnamese import strip_marks

if TYPE_CHECKING:
    from services.ocr.accents.wider import Context

MODEL_FILE = Path(__file__).with_name("accents.bin")


class Lexicon:
    """Words by number; spellings of the same bare letters stand together, the most frequent first."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], p1: NDArray[np.float32]) -> None:
        self.words: list[str] = arrays["words"].tobytes().decode("utf-8").split("\n")
        self.number: dict[str, int] = {word: number for number, word in enumerate(self.words)}
        # How a word is written in mid-sentence: log-probability of a capital, and of none.
        self.title: NDArray[np.float32] = arrays["case.title"].astype(np.float32)
        self.lower: NDArray[np.float32] = arrays["case.lower"].astype(np.float32)
        self.bare = bare = strip_marks("\n".join(self.words)).split("\n")
        self.group: dict[str, int] = {}
        group_of = np.empty(len(bare), np.int64)
        for number, letters in enumerate(bare):
            group_of[number] = self.group.setdefault(letters, len(self.group))
        self.group_of: NDArray[np.int64] = group_of
        self.members: NDArray[np.int64] = np.lexsort((-p1, group_of))
        self.size: NDArray[np.int64] = np.bincount(group_of)
        self.first: NDArray[np.int64] = np.cumsum(self.size) - self.size
        # Share of the bare spelling among all spellings of its letters: "trong" high, "duoc" nearly none.
        share = np.exp(p1.astype(np.float64))
        total = np.bincount(group_of, share)
        self.bare_share: dict[str, float] = {}
        for number, (word, letters) in enumerate(zip(self.words, bare, strict=True)):
            if word == letters and number >= len(SPECIAL):
                self.bare_share[letters] = float(share[number] / total[group_of[number]])
        self.acronyms: dict[str, str] = dict(
            line.split("\t") for line in arrays["acronyms"].tobytes().decode("utf-8").splitlines()
        )

    def acronym(self, capitals: str) -> str:
        """Capitals with their Đ, where the list of acronyms knows them, whole or in two parts (BCD + TW)."""
        known = self.acronyms.get(capitals)
        if known is not None or len(capitals) < 4 or "D" not in capitals:
            return known or capitals
        for cut in range(len(capitals) - 2, 1, -1):
            left, right = self.acronyms.get(capitals[:cut]), self.acronyms.get(capitals[cut:])
            if left is not None and right is not None:
                return left + right
        return capitals

    def any(self, word: str) -> int:
        """Number of what ``cut_words`` gives: a word, an acronym, or one of ``SPECIAL``."""
        return self.number.get(word, ACRONYM if word.isupper() and len(word) > 1 else UNKNOWN)

    def of(self, folded: str) -> int:
        """Number of a folded word, ``UNKNOWN`` where it is not in the lexicon."""
        return self.number.get(folded, UNKNOWN)


class Model:
    """Everything in the model file. Opened once a process; the file is mapped, not read."""

    def __init__(self, path: Path = MODEL_FILE) -> None:
        self._arrays = open_arrays(path)
        self.language = Trigram(self._arrays)
        self.lexicon = Lexicon(self._arrays, self.language.p1)

    @cached_property
    def context(self) -> Context:
        """The net, opened when it is first asked; judging and choosing do without it and without onnxruntime."""
        from services.ocr.accents.wider import Context

        return Context(self.lexicon.words)

    @contextlib.contextmanager
    def context_opening(self) -> Iterator[None]:
        """The net is opened beside the work inside, which takes about as long the first time."""
        opening = threading.Thread(target=self._open_quietly)
        opening.start()
        try:
            yield
        finally:
            opening.join()

    def _open_quietly(self) -> None:
        with contextlib.suppress(Exception):  # whoever asks the net is told
            _ = self.context

    @cached_property
    def channel(self) -> Channel:
        """Laid out when the first garbled text comes."""
        return Channel(self._arrays, self.lexicon.words, self.lexicon.bare, self.language.p1)


class _Loaded:
    @cached_property
    def model(self) -> Model:
        return Model()


_loaded = _Loaded()


def loaded_model() -> Model:
    """The model of this process. Raises ``ModelMissing``."""
    return _loaded.model
