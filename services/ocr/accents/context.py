"""Which accented form each word of a text has, by all the words around it.

``ContextModel`` runs a small net (``context.onnx``, made by ``context_training``) that reads up to 80 words at once,
in both directions, and gives every form of every word a probability. Words with marks are shown to it with their marks,
so it also works on text that lost only some; text whose marks are wrong should be stripped first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from services.ocr.accents.context_tokens import BUCKETS, GAPS, NUMBERS, WORD_RE, case_of, gap_of, word_code
from services.vietnamese import fold_tone_placement, nfc, strip_marks

MODEL = Path(__file__).with_name("context.onnx")
WINDOW = 80  # words the net reads at once; it learnt on 128, but attention costs less in shorter windows
MARGIN = 7  # words at a cut end of a window whose answer is taken from the next window
BATCH = 400  # words in one run at most: what a core's cache holds

_Ints = NDArray[np.int32]
_NO_FORMS: tuple[str, ...] = ()
_NO_LOG_PROBS = np.zeros(0, np.float32)


class Word(NamedTuple):
    """A word at ``line[start:end]``; ``forms`` (lower case, tone placement as in hòa) with their natural ``log_probs``.

    A word that has no choice (number, code, foreign word) has no forms: it stays as it is.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    log_probs: NDArray[np.float32]


class _Known(NamedTuple):
    """What the vocabulary says of a spelling: its row in the net, its case, its forms (``choices``, from ``first``)."""

    code: int
    case: int
    first: int
    choices: int


class _Vocabulary(dict[str, _Known]):
    """Spelling as it stands in a text → what is known of it; grows by the spellings met, up to a limit."""

    LIMIT = 50_000

    def __init__(self, table: str) -> None:
        super().__init__()
        self.key: dict[str, tuple[int, int, int]] = {}  # key → row, first form, number of forms
        self.form: dict[str, int] = {}  # form → row
        self.forms: list[tuple[str, ...]] = []  # of the key whose first form has this number
        rows = [line.split(" ") for line in table.split("\n")]
        key_row = len(NUMBERS) + BUCKETS
        first = 0
        spelt: list[str] = []
        for number, (key, *forms) in enumerate(rows):
            self.key[key] = (key_row + number, first, len(forms))
            spelt += forms
            self.forms += [tuple(forms)] * len(forms)
            first += len(forms)
        self.form = {form: key_row + len(rows) + n for n, form in enumerate(spelt)}

    def __missing__(self, word: str) -> _Known:
        spelling = fold_tone_placement(word.lower())
        key = strip_marks(spelling)
        row, first, count = self.key.get(key, (-1, 0, 0))
        if row < 0:
            row = word_code(key)
        elif spelling != key:
            row = self.form.get(spelling, row)
        found = _Known(row, case_of(word), first, count)
        if len(self) < self.LIMIT:
            self[word] = found
        return found


class _Gaps(dict[str, int]):
    """Text before a word → its class, remembered for the short ones."""

    def __missing__(self, gap: str) -> int:
        found = gap_of(gap)
        if len(gap) < 4:
            self[gap] = found
        return found


class _Window(NamedTuple):
    """Words ``begin:end`` that the net reads together, of which it answers for ``first:last``."""

    begin: int
    end: int
    first: int
    last: int


class ContextModel:
    """The net, ready to run: loads in about 0.1 s, takes about 40 MB, 60 while it works."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._vocabulary = _Vocabulary(session.get_modelmeta().custom_metadata_map["vocabulary"])
        self._gaps = _Gaps()

    @classmethod
    def load(cls, path: Path = MODEL, *, threads: int = 1) -> ContextModel:
        """The net of a file; ``threads`` is how many cores may work on one call."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # 15 MB less, no slower
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        return cls(ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]))

    def candidates(self, lines: Sequence[str], *, joined: bool = True) -> list[list[Word]]:
        r"""The words (``\w+``) of each line, with what each may be.

        ``lines`` follow each other in one text; with ``joined`` false each is taken by itself. Log-probabilities of a
        word's forms add up to one; they know the whole context but not how frequent rare forms are elsewhere.
        """
        words: list[_Known] = []
        looks: list[int] = []
        spans: list[list[tuple[int, int]]] = []
        for line in lines:
            spans.append(self._read_line(nfc(line), words, looks))
        if not words:
            return [[] for _ in lines]
        known = np.array(words, np.int32)
        line_of = np.repeat(np.arange(len(spans), dtype=np.int32), [len(s) for s in spans])
        log_probs, first = self._score(known, np.array(looks, np.int32), line_of, joined=joined)
        forms = self._vocabulary.forms
        found: list[list[Word]] = []
        at = 0
        for line_spans in spans:
            row: list[Word] = []
            for start, end in line_spans:
                word = words[at]
                if word.choices:
                    begin = first[at]
                    row.append(Word(start, end, forms[word.first], log_probs[begin : begin + word.choices]))
                else:
                    row.append(Word(start, end, _NO_FORMS, _NO_LOG_PROBS))
                at += 1
            found.append(row)
        return found

    def _read_line(self, line: str, words: list[_Known], looks: list[int]) -> list[tuple[int, int]]:
        """Adds the words of a line and their looks; gives their places."""
        spans: list[tuple[int, int]] = []
        parts = WORD_RE.split(line)
        at = 0
        start = 1
        for gap, word in zip(parts[0:-1:2], parts[1::2], strict=True):
            at += len(gap)
            spans.append((at, at + len(word)))
            at += len(word)
            known = self._vocabulary[word]
            words.append(known)
            looks.append((known.case * len(GAPS) + self._gaps[gap]) * 2 + start)
            start = 0
        return spans

    def _score(
        self, known: _Ints, looks: _Ints, line_of: _Ints, *, joined: bool
    ) -> tuple[NDArray[np.float32], list[int]]:
        """Log-probabilities of all forms of all words end to end, and where those of each word begin."""
        count = known[:, 3]
        begins = np.concatenate([[0], np.cumsum(count)])
        # Every form of every word: which word, which form.
        owner = np.repeat(np.arange(len(count), dtype=np.int32), count)
        form = (np.arange(begins[-1]) - begins[owner] + known[owner, 2]).astype(np.int32)
        scores = np.zeros(int(begins[-1]), np.float32)
        runs = [(0, len(count))] if joined else _runs(line_of)
        for batch in _batches([w for begin, end in runs for w in _windows(begin, end)]):
            self._run(batch, known[:, 0], looks, begins, form, owner, scores)
        chosen = np.flatnonzero(count)
        if len(chosen):
            starts = begins[chosen]
            sizes = count[chosen]
            scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
            scores -= np.repeat(np.log(np.add.reduceat(np.exp(scores), starts)), sizes)
        return scores, begins.tolist()

    def _run(
        self,
        batch: list[_Window],
        code: _Ints,
        looks: _Ints,
        begins: NDArray[np.int64],
        form: _Ints,
        owner: _Ints,
        scores: NDArray[np.float32],
    ) -> None:
        """Scores of the forms of one batch of windows, put where they belong."""
        length = batch[0].end - batch[0].begin
        codes = np.empty((len(batch), length), np.int32)
        shown = np.empty_like(codes)
        places: list[_Ints] = []
        picked: list[slice] = []
        for row, w in enumerate(batch):
            codes[row] = code[w.begin : w.end]
            shown[row] = looks[w.begin : w.end]
            own = slice(int(begins[w.first]), int(begins[w.last]))
            picked.append(own)
            places.append(owner[own] - np.int32(w.begin - row * length))
        place = np.concatenate(places)
        if not len(place):
            return
        inputs = {"code": codes, "looks": shown, "place": place}
        (score,) = self._session.run(["score"], inputs | {"form": np.concatenate([form[p] for p in picked])})
        at = 0
        for own in picked:
            scores[own] = score[at : at + own.stop - own.start]
            at += own.stop - own.start


def _runs(line_of: _Ints) -> list[tuple[int, int]]:
    """Begin and end of the words of each line that has any."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(line_of)) + 1, [len(line_of)]]).tolist()
    return list(pairwise(edges))


def _windows(begin: int, end: int) -> Iterator[_Window]:
    """Windows over the words ``begin:end``; where the text goes on beyond a window, its margin is left to the next."""
    at = first = begin
    while end - at > WINDOW:
        yield _Window(at, at + WINDOW, first, at + WINDOW - MARGIN)
        first = at + WINDOW - MARGIN
        at = min(first - MARGIN, end - WINDOW)
    yield _Window(at, end, first, end)


def _batches(windows: list[_Window]) -> Iterator[list[_Window]]:
    """Windows of one length together, so that nothing is padded and no line's answer depends on the lines beside it."""
    by_length: dict[int, list[_Window]] = {}
    for w in windows:
        by_length.setdefault(w.end - w.begin, []).append(w)
    for length, same in sorted(by_length.items()):
        most = max(1, BATCH // length)
        for at in range(0, len(same), most):
            yield same[at : at + most]
