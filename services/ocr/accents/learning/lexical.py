"""The lexicon the model ships: which words, how each is capitalised, which acronyms have a Đ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.ocr.accents.learning.corpus import DEV, HELD_OUT_EVERY, TEST, read_lines
from services.ocr.accents.words import ACRONYM, SPECIAL, UNKNOWN, fold_word, is_acronym
from services.vietnamese import strip_marks

_LEAST_WORD, _LEAST_ACRONYM = 10, 500
_LONGEST_WORD = 24
_INSIDE = re.compile(r"(?<=[^\W\d_,] )[^\W\d_]+")  # a word after a word: not a sentence's first
_OTHER_MARKS = re.compile("[ĂÂÊÔƠƯ]")
# Acronyms of office text that the list lacks.
_MORE = ("BCĐ", "BCĐTW", "ĐBQH", "HĐTĐKT", "TĐKT", "CCHC", "TTHC", "DVC", "DVCTT")
_CLEAR = 5  # an acronym's spelling must be this many times as frequent as the one without Đ


def choose_words(ids: NDArray[np.int32], words: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The lexicon, most frequent first after ``SPECIAL``, and the text's numbers mapped to it."""
    count = np.bincount(ids, minlength=len(words))
    kept = [
        number
        for number in range(len(SPECIAL), len(words))
        if count[number] >= (_LEAST_ACRONYM if words[number].isupper() else _LEAST_WORD)
        and len(words[number]) <= _LONGEST_WORD
    ]
    kept.sort(key=lambda number: (-count[number], words[number]))
    mapping = np.array([ACRONYM if is_acronym(word) else UNKNOWN for word in words])
    order = [*range(len(SPECIAL)), *kept]
    mapping[order] = np.arange(len(order))
    return [words[number] for number in order], mapping[ids]


def capitals(data: Path, lexicon: Sequence[str]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Log-probability that a word inside a sentence has a capital first, and that it has none."""
    titled: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for name in ("admin_legal", "general"):
        seen: Counter[str] = Counter()
        for number, line in enumerate(read_lines(data / "text" / f"{name}.txt.xz")):
            if name == "admin_legal" or number % HELD_OUT_EVERY not in (TEST, DEV):
                seen.update(_INSIDE.findall(line))
        for word, count in seen.items():
            if word.islower():
                small[fold_word(word)] += count
            elif word.istitle():
                titled[fold_word(word)] += count
    title = np.array([titled[word] for word in lexicon], np.float64)
    total = title + np.array([small[word] for word in lexicon], np.float64)
    share = (title + 2 * title.sum() / total.sum()) / (total + 2)
    return np.log(share).astype(np.float16), np.log(1 - share + 1e-4).astype(np.float16)


def acronyms(data: Path) -> str:
    """Lines "BARE⇥SPELT" of the acronyms whose spelling is beyond doubt, those with no Đ too."""
    count = dict(line.split("\t") for line in (data / "text" / "acronyms.tsv").read_text("utf-8").splitlines())
    best: dict[str, tuple[int, str]] = {}
    for spelt, times in count.items():
        if spelt.isalpha() and len(spelt) >= 2 and int(times) >= 3 and not _OTHER_MARKS.search(spelt):
            bare = spelt.replace("Đ", "D")
            if bare == strip_marks(spelt):
                best[bare] = max(best.get(bare, (0, "")), (int(times), spelt))
    best.update((spelt.replace("Đ", "D"), (_CLEAR * 10**6, spelt)) for spelt in _MORE)
    clear = {
        bare: spelt
        for bare, (times, spelt) in best.items()
        if spelt == bare or times >= _CLEAR * int(count.get(bare, 0))
    }
    return "\n".join(f"{bare}\t{spelt}" for bare, spelt in sorted(clear.items()))
