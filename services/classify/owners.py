"""Whose paper it is, and whether that is the dossier's owner.

Same number, or same name and birth date after folding, is the same owner; the same name with another number or birth
date is a conflict that a person settles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from services.classify.catalogue import PaperType
from services.classify.codes import cccd_birth_year, kind_of_id
from services.classify.fields.common import FIRMS
from services.classify.fields.facts import Facts
from services.classify.model import OwnerName
from services.classify.text import key

Match = Literal["same", "other", "conflict", "unknown"]

_NO_OWNER = ("none", "receiver_body")


def owners_of(facts: Facts, paper: PaperType) -> tuple[OwnerName, ...]:
    """The paper's owners: both spouses, every land user, the company by its tax code, otherwise the one named."""
    if paper.owner in _NO_OWNER:
        return ()
    if facts.people:
        return tuple(
            OwnerName(
                person.name,
                person.identifier,
                _birth(person.birth, person.name, person.identifier),
                round(person.confidence * person.quality, 4),
            )
            for person in facts.people
        )
    name, number = facts.fields["chu_so_huu"], facts.fields["dinh_danh"]
    if name is None and number is None:
        return ()
    born = facts.more.get("ngay_sinh")
    sure = min(value.confidence for value in (name, number) if value is not None)
    told = name.value if name else None, number.value if number else None
    return (OwnerName(*told, _birth(born.value if born else None, *told), sure),)


def _birth(told: str | None, name: str | None, number: str | None) -> str | None:
    """The birth date where it is whole and the owner's own: a paper tells a child's, too, or who speaks for a firm."""
    if told is None or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told) or key(name or "").startswith(FIRMS):
        return None
    kind = kind_of_id(number) if number else None
    if kind == "mst" or (kind == "cccd" and number and cccd_birth_year(number) != int(told[:4])):
        return None
    return told


def match_owner(owners: Sequence[OwnerName], dossier: OwnerName) -> Match:
    """How the paper's owners stand to the dossier's owner."""
    verdicts = [_match(owner, dossier) for owner in owners]
    for verdict in ("same", "conflict", "unknown"):
        if verdict in verdicts:
            return verdict
    return "other" if verdicts else "unknown"


def _match(owner: OwnerName, dossier: OwnerName) -> Match:
    numbers = (
        owner.identifier is not None
        and dossier.identifier is not None
        and len(owner.identifier) == len(dossier.identifier)
    )
    names = owner.name is not None and dossier.name is not None
    same_name = names and key(owner.name or "") == key(dossier.name or "")
    if numbers and owner.identifier == dossier.identifier:
        return "same" if same_name or not names else "conflict"
    births = owner.birth_date is not None and dossier.birth_date is not None
    if same_name:
        if numbers:
            return "conflict"
        if births:
            return "same" if owner.birth_date == dossier.birth_date else "conflict"
        return "unknown"
    return "other" if names or numbers else "unknown"
