"""How one office writes: tone placement, short dates, labels. Chance for a paper, the same all over it.

Facts keep their spelling; only what stands around them changes, so the truth is untouched.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from services.vietnamese import fold_tone_placement

_DATES = (("{d:02}/{m:02}/{y}", 80), ("{d:02}-{m:02}-{y}", 8), ("{d}/{m}/{y}", 8), ("{d:02}.{m:02}.{y}", 4))
# a label as the wordings have it → how else it is said, for training and for judging
_LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "Số định danh cá nhân:": {
        "train": ("Số ĐDCN:", "Số định danh cá nhân/CCCD:", "Số CCCD/ĐDCN:"),
        "judge": ("Mã định danh cá nhân:", "Số căn cước/định danh:", "ĐDCN số:"),
    },
    "Giấy tờ tùy thân:": {
        "train": ("Giấy tờ pháp lý:", "Số CMND/CCCD:"),
        "judge": ("Loại giấy tờ, số:", "Giấy tờ nhân thân:"),
    },
    "Nơi cư trú:": {
        "train": ("Nơi thường trú:", "Nơi thường trú/tạm trú:"),
        "judge": ("Cư trú tại:", "Chỗ ở:"),
    },
    "Họ, chữ đệm, tên:": {
        "train": ("Họ và tên:", "Họ, chữ đệm và tên:"),
        "judge": ("Họ tên:", "Tên đầy đủ:"),
    },
    "Ngày, tháng, năm sinh:": {
        "train": ("Ngày sinh:", "Sinh ngày:"),
        "judge": ("Ngày/tháng/năm sinh:", "Sinh ngày, tháng, năm:"),
    },
}


@dataclass(frozen=True, slots=True)
class Habit:
    """``old_tones``: hoà, uỷ, khoẻ for hòa, ủy, khỏe. ``date_form`` prints short dates. ``labels``: usual, other."""

    old_tones: bool
    date_form: str
    labels: tuple[tuple[str, str], ...]

    def spell(self, text: str) -> str:
        """The words of a line in this habit."""
        for usual, other in self.labels:
            text = text.replace(usual, other)
        return old_tone_placement(text) if self.old_tones else text

    def date(self, day: dt.date) -> str:
        return self.date_form.format(d=day.day, m=day.month, y=day.year)


def choose_habit(rng: random.Random, part: str) -> Habit:
    forms, weights = zip(*_DATES, strict=True)
    labels = tuple((usual, rng.choice(other[part])) for usual, other in _LABELS.items() if rng.random() < 0.25)
    return Habit(rng.random() < 0.25, rng.choices(forms, weights)[0], labels)


_ENDS = (("o", "àáảãạ"), ("o", "èéẻẽẹ"), ("u", "ỳýỷỹỵ"))
_PAIRS = {fold_tone_placement(first + toned): first + toned for first, ends in _ENDS for toned in ends}
_SHAPES = (str, str.upper, str.capitalize)
_OLD = {shape(new): shape(old) for shape in _SHAPES for new, old in _PAIRS.items()}


def old_tone_placement(text: str) -> str:
    """hòa → hoà, ủy → uỷ, khỏe → khoẻ; closed syllables (toàn) are written alike in both ways."""
    out, i = [], 0
    while i < len(text):
        pair = text[i : i + 2]
        if pair in _OLD and not text[i + 2 : i + 3].isalpha() and text[i - 1 : i] not in ("q", "Q"):
            out.append(_OLD[pair])
            i += 2
        else:
            out.append(text[i])
            i += 1
    return "".join(out)
