"""Learning from what clerks confirm: labelled papers → a new model version, used only if it is not worse.

``train`` is pure. It moves the base model's weights as little as the examples ask for, rehearsing the papers the model
remembers so that nothing known is forgotten; a code the model does not know becomes a new type, whose title is the one
its examples share. Three examples are enough.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.classify.catalogue import Catalogue, PaperType, catalogue
from services.classify.layout import Sheet, lay_out
from services.classify.learned import DIMENSIONS, Floats, Indices, Model, features, load_model
from services.classify.marks import take_off_marks
from services.classify.text import ratio
from services.classify.titles import find_title, title_lines
from services.ocr.model import Page, Reading

MIN_EXAMPLES = 3  # of a new type, before it is learnt
_KEEP = 12  # remembered examples of a type
_EPOCHS = 25
_RATE = 0.5
_SHRINK = 1e-4  # pull of the weights back to the base model's
_SURE = 0.9

Vector = tuple[str, Indices, Floats]


@dataclass(frozen=True, slots=True)
class Example:
    """A paper a clerk has confirmed or corrected: its pages as read, and its type. ``name`` is given for a new type."""

    pages: tuple[Page, ...]
    code: str
    name: str | None = None

    @classmethod
    def of(cls, reading: Reading, first_page: int, last_page: int, code: str, name: str | None = None) -> Example:
        """The paper that stands on these pages of a reading (counted from 1, inclusive)."""
        return cls(tuple(page for page in reading.pages if first_page <= page.number <= last_page), code, name)


@dataclass(frozen=True, slots=True)
class Trained:
    """A new model. ``accepted`` says whether it may be used; ``report`` why, in figures of the held-out part."""

    model: Model
    model_bytes: bytes
    version: str
    accepted: bool
    report: Mapping[str, float]


def train(
    examples: Sequence[Example],
    base: Model,
    *,
    held_out: Sequence[Example] | None = None,
    book: Catalogue | None = None,
) -> Trained:
    """A model taught by the examples. Without ``held_out`` a third of the examples of well-known types is kept aside.

    Deterministic. Codes with fewer than ``MIN_EXAMPLES`` examples that the base does not know are left out.
    """
    book = (book or catalogue()).with_types(base.types)
    counts = Counter(example.code for example in examples)
    known = set(base.codes)
    usable = [e for e in examples if e.pages and (e.code in known or counts[e.code] >= MIN_EXAMPLES)]
    taught, aside = (usable, list(held_out)) if held_out is not None else _set_aside(usable, known)
    types = base.types + tuple(_new_types(taught, book))
    vectors = [(e.code, *features(_sheets(e))) for e in taught]
    rehearsed = [v for index, v in enumerate(base.memory) if index % 5]
    kept_aside = [v for index, v in enumerate(base.memory) if index % 5 == 0]
    judged = [(e.code, *features(_sheets(e))) for e in aside] + kept_aside
    codes = base.codes + tuple(sorted({code for code, _, _ in vectors} - known))
    weights, bias = _fit(base, codes, vectors, rehearsed)
    memory = _remember(base.memory, vectors)
    model = Model("", codes, weights, bias, types, memory, dict(base.notes))
    data = model.to_bytes()
    model = load_model(data)
    report = _compare(base, model, judged)
    report["examples"] = float(len(taught))
    accepted = (
        bool(taught)
        and report["right_new"] >= report["right_base"]
        and report["sure_wrong_new"] <= report["sure_wrong_base"]
    )
    return Trained(model, data, model.version, accepted, report)


def _sheets(example: Example) -> list[Sheet]:
    sheets, _ = take_off_marks([lay_out(page) for page in example.pages], (), "")
    return sheets


def _set_aside(examples: Sequence[Example], known: set[str]) -> tuple[list[Example], list[Example]]:
    """Taught and held-out examples: every third of a type, in an order that does not hang on when they came."""
    by_code: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_code[example.code].append(example)
    taught: list[Example] = []
    aside: list[Example] = []
    for code, group in sorted(by_code.items()):
        group.sort(key=lambda e: hashlib.sha256("\f".join(page.text for page in e.pages).encode()).digest())
        spare = len(group) - (2 if code in known else MIN_EXAMPLES)
        for index, example in enumerate(group):
            (aside if index % 3 == 2 and spare > 0 else taught).append(example)
            spare -= index % 3 == 2
    return taught, aside


def _new_types(examples: Sequence[Example], book: Catalogue) -> list[PaperType]:
    """A type for every code the catalogue does not have, with the titles its examples share."""
    by_code: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.code not in book.types:
            by_code[example.code].append(example)
    made = []
    for code, group in sorted(by_code.items()):
        titles = _shared_titles([_sheets(example)[0] for example in group])
        name = next((example.name for example in group if example.name), None) or (
            titles[0].capitalize() if titles else code
        )
        made.append(
            PaperType.model_validate(
                {"code": code, "name": name, "role": "I", "titles": titles, "labels": _GENERAL_LABELS}
            )
        )
    return made


_GENERAL_LABELS = {
    "so_ky_hieu": ("Số",),
    "chu_so_huu": ("Họ, chữ đệm, tên", "Họ và tên", "Họ tên", "Ông/Bà", "Tôi tên là"),
    "dinh_danh": ("Số định danh cá nhân", "Số CCCD", "CCCD số", "Căn cước công dân số", "Mã số thuế", "CCCD"),
}


def _shared_titles(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Title lines that most of the sheets begin with, longest first; at least two words."""
    heard: Counter[str] = Counter()
    for sheet in sheets:
        said = set()
        for segment, _, chain in title_lines(sheet):
            for size in (1, 2):
                phrase = " ".join(part.text for part in chain[:size] if part.capitals > 0.6)
                if len(phrase.split()) >= 2 and segment.capitals > 0.6:
                    said.add(phrase)
        heard.update(said)
    needed = max(2, (2 * len(sheets) + 2) // 3)
    shared: list[str] = []
    for phrase, _ in sorted(heard.items(), key=lambda item: (-len(item[0]), item[0])):
        alike = sum(count for other, count in heard.items() if ratio(phrase.lower(), other.lower()) > 0.9)
        if alike >= needed and not any(ratio(phrase.lower(), other.lower()) > 0.9 for other in shared):
            shared.append(phrase)
    return tuple(shared[:2])


def _fit(
    base: Model, codes: Sequence[str], taught: Sequence[Vector], rehearsed: Sequence[Vector]
) -> tuple[Floats, Floats]:
    """Weights moved from the base's by gradient steps on examples (three times the weight) and rehearsed papers."""
    weights = np.zeros((DIMENSIONS, len(codes)), np.float32)
    weights[:, : len(base.codes)] = base.weights
    bias = np.full(len(codes), -2.0, np.float32)
    bias[: len(base.codes)] = base.bias
    start = weights.copy()
    index = {code: i for i, code in enumerate(codes)}
    lessons = [(v, 3.0) for v in taught] + [(v, 1.0) for v in rehearsed if v[0] in index]
    order = np.random.default_rng(7)
    for epoch in range(_EPOCHS):
        rate = _RATE / (1 + 0.1 * epoch)
        for lesson in order.permutation(len(lessons)):
            (code, indices, values), weight = lessons[int(lesson)]
            logits = bias + values @ weights[indices]
            raised = np.exp(logits - logits.max())
            slope = raised / raised.sum()
            slope[index[code]] -= 1.0
            if abs(slope[index[code]]) < 0.02:
                continue
            step = rate * weight * slope
            weights[indices] -= np.outer(values, step) + rate * _SHRINK * (weights[indices] - start[indices])
            bias -= 0.1 * step
    return weights, bias


def _remember(memory: Sequence[Vector], taught: Sequence[Vector]) -> tuple[Vector, ...]:
    """The newest examples of each type, the older ones behind them up to the limit."""
    by_code: dict[str, list[Vector]] = defaultdict(list)
    for vector in [*reversed(taught), *memory]:
        if len(by_code[vector[0]]) < _KEEP:
            by_code[vector[0]].append(vector)
    return tuple(vector for code in sorted(by_code) for vector in by_code[code])


def _compare(base: Model, new: Model, judged: Sequence[Vector]) -> dict[str, float]:
    """Right and surely wrong answers of both models on the held-out part."""
    report = {"held_out": float(len(judged))}
    for name, model in (("base", base), ("new", new)):
        right = wrong = 0
        for code, indices, values in judged:
            found = model.scores(indices, values)
            best = int(found.argmax())
            right += model.codes[best] == code
            wrong += model.codes[best] != code and float(found[best]) > _SURE
        report[f"right_{name}"], report[f"sure_wrong_{name}"] = float(right), float(wrong)
    return report


def title_is_known(example: Example, book: Catalogue | None = None) -> bool:
    """Whether the printed title alone names the example's type already: such an example teaches little."""
    named = find_title(_sheets(example)[0], book or catalogue())
    return named is not None and named.code == example.code


def without_memory(model: Model) -> Model:
    """The model without remembered examples, for handing it to another unit."""
    return replace(model, memory=())
