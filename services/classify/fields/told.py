"""Names that stand on a paper more than once: what a narrow cell cut off or a seal broke comes back from there alone.

No list of people is asked. Where the paper tells two names that would fit, the value stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.classify.fields.facts import Facts
from services.classify.fields.values import person_name
from services.classify.layout import Sheet
from services.classify.model import Value
from services.classify.text import FAMILY_NAMES, is_syllable, key, ratio
from services.ocr.model import Box

_ENDS = frozenset(",;:.)]}/")
# Capitalised words that follow a name on its line and are none of it.
_NO_NAME = frozenset((
    "chu", "pho", "giam", "sinh", "so", "ngay", "noi", "dia", "chuc", "cccd", "cmnd", "gioi", "dan", "ong", "ba", "va",
    "la", "dien", "ma", "can", "hien", "thuong", "ky",
))  # fmt: skip
_LIKE = 0.8  # of letters, from which a broken name is the name told elsewhere
_MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A name as it stands in one place. ``closed``: a sign, a small letter or nothing at all follows it."""

    words: tuple[str, ...]
    box: Box | None
    closed: bool

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key(word) for word in self.words)


def names_told(sheets: Sequence[Sheet], signed_by: Iterable[str] = ()) -> list[Told]:
    """Every run of capitalised words that a family name begins, and the persons who signed the file."""
    found = [Told(tuple(name.split()), None, True) for name in signed_by]
    for sheet in sheets:
        for segment in sheet.segments:
            found += _runs(segment.text, segment.box)
    return found


def _runs(text: str, box: Box) -> list[Told]:
    words = text.split()
    runs = []
    at = 0
    while at < len(words):
        if key(words[at]) not in FAMILY_NAMES or not words[at][0].isupper():
            at += 1
            continue
        end, closed = at, False
        while end < len(words) and end - at < _MOST_WORDS and _continues(words[at], words[end]):
            end += 1
            if words[end - 1][-1] in _ENDS:
                closed = True
                break
        after = words[end] if end < len(words) else ""
        closed = closed or (after[:1].islower() and after.isalpha()) or (at == 0 and end == len(words))
        run = tuple(word.strip(".,;:()[]/'\"") for word in words[at:end])
        if len(run) >= 2 and person_name(" ".join(run)) is not None:  # "Chủ" may be a family name, "Chủ tịch" not
            runs.append(Told(run, box, closed))
        at = max(end, at + 1)
    return runs


def _continues(first: str, word: str) -> bool:
    bare = word.strip(".,;:()[]/'\"")
    if not bare.isalpha() or not bare[0].isupper() or not is_syllable(bare) or len(bare) > 7:
        return False
    return word is first or (bare.isupper() == first.isupper() and key(bare) not in _NO_NAME)


def whole_name(name: str, box: Box | None, told: Sequence[Told]) -> str | None:
    """The name with the words that its place lacks, where the paper tells the whole one elsewhere and no other."""
    keys = tuple(key(name).split())
    if len(keys) < 2 or any(one.keys == keys and one.closed and one.box != box for one in told):
        return None
    longer = [
        one
        for one in told
        if one.closed
        and len(keys) < len(one.keys) <= len(keys) + 2
        and (one.keys[: len(keys)] == keys or (one.keys[-len(keys) :] == keys and len(one.keys) == len(keys) + 1))
    ]
    return _one(longer, upper=name.isupper())


def mended_name(broken: str, box: Box, told: Sequence[Told]) -> str | None:
    """The whole name of which a seal left these letters: all but its first word, or a few letters wrong."""
    left = re.sub(r"[^\w\s]|\d", " ", broken)
    bare = key(left)
    keys = tuple(bare.split())
    if len(keys) < 2 or len(bare) < 6:
        return None
    others = [one for one in told if one.closed and one.box != box]
    tail = [one for one in others if one.keys[1:] == keys]
    alike = [one for one in others if len(one.keys) == len(keys) and ratio(bare, " ".join(one.keys)) >= _LIKE]
    return _one(tail or alike, upper=left.isupper())


def _one(found: Sequence[Told], *, upper: bool) -> str | None:
    if len({one.keys for one in found}) != 1:
        return None
    words = [word.upper() if upper else word.capitalize() for word in found[0].words]
    return " ".join(words)


def complete_owners(facts: Facts, told: Sequence[Told]) -> None:
    """The owners' names whole, in the field and in the list of owners."""
    owner = facts.fields["chu_so_huu"]
    if owner is None:
        return
    alone = owner.box if ";" not in owner.value else None
    whole = {name: whole_name(name, alone, told) or name for name in owner.value.split("; ")}
    made = "; ".join(whole.values())
    if made == owner.value:
        return
    facts.fields["chu_so_huu"] = Value(made, min(owner.confidence, 0.9), owner.page, owner.box)
    facts.people = [replace(person, name=whole.get(person.name, person.name)) for person in facts.people]
