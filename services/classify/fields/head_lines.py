"""Lines of a paper's head: what its columns are told by, and a text with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.layout import Segment, Sheet, union
from services.classify.text import clean_leaders, key, ratio
from services.classify.titles import is_motto
from services.ocr.model import Box, Word

NUMBER_LABEL = re.compile(r"^\W{0,2}[Ss][ốôoóỐÔ06éÓÒòõổồ]{1,2}(?=[\s:.;,/\d]|$)[\s:.;,]*")
BARE_NUMBER = re.compile(r"\d{1,5}\s?/\s?[A-ZĐ][A-ZĐ0-9a-z]*\s?[-–][\w.\-– ]{2,24}")  # its "Số:" was not read
ABOUT = re.compile(r"^\W{0,2}[Vv]\s?[/.]?\s?[vVyY]\b[\s:.]*(?:việc\s+)?")


@dataclass(frozen=True, slots=True)
class Printed:
    """A text of the head with its place and the mean confidence of its words."""

    text: str
    box: Box
    confidence: float
    page: int


def printed(segments: Sequence[Segment], sheet: Sheet) -> Printed:
    text = clean_leaders(" ".join(segment.text for segment in segments)).strip(" .,-–—_*|~'`:")
    words = [word for segment in segments for word in segment.words]
    return Printed(text, union(segment.box for segment in segments), mean(words), sheet.number)


def mean(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)


def motto_start(segment: Segment) -> int | None:
    keys = [key(word.text) for word in segment.words]
    for index, word in enumerate(keys):
        rest = " ".join(keys[index : index + 8])
        if word[:2] in ("co", "ca", "cq", "ch", "c") and ratio("cong hoa xa hoi chu nghia viet nam", rest) > 0.8:
            return index
    if is_motto(segment.key):
        return 0
    return None
