"""How sure a name may be: what could have been cut, misread or stripped is not given as sure.

A reader's confidence says that the signs it saw were clear, not that all of a name was there. Measured on made-up and
hand-written papers, names that miss a word have two words left, begin with a middle name, hold a word that is no
Vietnamese syllable, or stand on a page that lost its marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from services.classify.fields.common import BODIES
from services.classify.fields.facts import Facts
from services.classify.layout import Sheet
from services.classify.text import is_syllable, key
from services.vietnamese import strip_marks

_SURE = 0.99
_UNSURE = 0.9  # below the line from which a value counts as sure
_STRIPPED_PAGE = 0.8
_MARKED_SHARE = 0.35  # of a page's words; Vietnamese text has 0.7 to 0.85
_PLACED = re.compile(r" (?:xa|phuong|thi tran|huyen|quan|thanh pho|tinh) ")
_NAMES = ("chu_so_huu", "co_quan_cap", "nguoi_ky", "trich_yeu")


def calibrate(facts: Facts, sheets: Sequence[Sheet]) -> None:
    """Lowers the confidence of names that nothing bears out."""
    text = f" {' '.join(sheet.key for sheet in sheets)} ".replace("\n", " ")
    stripped = _marks_lost(sheets)
    for name in _NAMES:
        value = facts.fields[name]
        if value is None:
            continue
        limit = _SURE if _complete(name, value.value, text) else _UNSURE
        limit = _STRIPPED_PAGE if stripped else limit
        facts.fields[name] = replace(value, confidence=min(value.confidence, limit))


def _complete(field: str, value: str, text: str) -> bool:
    """Whether nothing of the value seems cut; of signers and abstracts nothing on the paper tells."""
    if field == "chu_so_huu":
        return all(_whole(name, text) for name in value.split("; "))
    return field != "co_quan_cap" or _borne_out(value, text)


def _marks_lost(sheets: Sequence[Sheet]) -> bool:
    words = [word.text for sheet in sheets for row in sheet.rows for word in row.words if len(word.text) > 1]
    letters = [word for word in words if word.isalpha()]
    marked = sum(word != strip_marks(word) for word in letters)
    return len(letters) >= 20 and marked < _MARKED_SHARE * len(letters)


def _whole(name: str, text: str) -> bool:
    """Whether a person's or a body's name looks complete and well read."""
    bare = key(name)
    if bare.startswith(BODIES):
        return _borne_out(name, text)
    words = bare.split()
    if len(words) < 3 or words[0] in ("thi", "van", "huu", "dinh"):
        return text.count(f" {bare} ") > 1 and len(words) > 2
    return all(is_syllable(word) for word in words)


def _borne_out(name: str, text: str) -> bool:
    """Whether a body's name stands on the paper twice, and never with a place or a word that the value lacks."""
    bare = key(name)
    places = [match.end() for match in re.finditer(re.escape(f" {bare} "), text)]
    longer = any(_PLACED.match(f" {text[end : end + 12]}") for end in places)
    return len(places) > 1 and not longer
