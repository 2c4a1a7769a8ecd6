"""What a search asks for, and those of its conditions that are columns of a paper: the same SQL for both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.storage.search.index import folded_number, words

MOST_WORDS = 12
SCATTERED = 3  # from this rung on, words need not stand together


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. Every condition given must hold; ``units`` None means all units."""

    text: str = ""
    owner: str | None = None  # an identity number
    number: str | None = None
    type: str | None = None
    units: frozenset[str] | None = None
    issued_from: dt.date | None = None
    issued_to: dt.date | None = None
    valid_on: dt.date | None = None
    owner_ids: tuple[int, ...] | None = None  # the owner's rows, filled in by ``find``

    @property
    def words(self) -> list[str]:
        """The words looked for, as the index has them."""
        return words(self.text).split()[:MOST_WORDS]


def columns(query: Query, values: dict[str, object]) -> list[str]:
    """Conditions on ``paper p``; what they compare with is added to ``values``."""
    where = []
    if query.owner_ids is not None:
        owners = listed("owner", query.owner_ids, values)
        where.append(f"p.id IN (SELECT paper_id FROM paper_owner WHERE owner_id IN ({owners}))")  # noqa: S608
    if query.number is not None:
        where.append("p.so_ky_hieu_folded = :number")
        values["number"] = folded_number(query.number)
    if query.issued_from is not None:
        where.append("p.ngay_cap >= :issued_from")
        values["issued_from"] = query.issued_from
    if query.issued_to is not None:
        where.append("p.ngay_cap <= :issued_to")
        values["issued_to"] = query.issued_to
    if query.valid_on is not None:
        where.append("p.validity = 'CON' AND (p.valid_to IS NULL OR p.valid_to >= :valid_on)")
        where.append("(p.valid_from IS NULL OR p.valid_from <= :valid_on)")
        values["valid_on"] = query.valid_on
    return where


def unit_and_type(query: Query, values: dict[str, object], table: str = "p") -> list[str]:
    """Unit and type as columns, for a search that does not go through the index of words."""
    where = []
    if query.units is not None:
        where.append(f"{table}.unit IN ({listed('unit', sorted(query.units), values)})")
    if query.type is not None:
        where.append("p.type_code = :type")
        values["type"] = query.type
    return where


def typed_number(query: Query, values: dict[str, object]) -> bool:
    """Whether the text can be a paper's number; then it is ``:typed``."""
    if query.number is not None or not any(c.isdigit() for c in query.text):
        return False
    values["typed"] = folded_number(query.text)
    return True


def not_typed(query: Query, values: dict[str, object]) -> list[str]:
    """Leaves out what stands on the first rung."""
    return ["(p.so_ky_hieu_folded IS NULL OR p.so_ky_hieu_folded <> :typed)"] if typed_number(query, values) else []


def listed(name: str, wanted: Sequence[object], values: dict[str, object]) -> str:
    """Names of bound values for an IN list, which matches nothing where it is empty."""
    names = [f"{name}{n}" for n in range(len(wanted))]
    values.update(zip(names, wanted, strict=True))
    return ", ".join(f":{each}" for each in names) or "NULL"
