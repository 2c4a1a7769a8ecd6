"""Words to papers, with or without accents, the same answers from SQLite (FTS5) and PostgreSQL (tsvector).

A paper is two texts: its head (type, number, owners, abstract, issuer, signer) and its body. Rank is a ladder rather
than a score, so that both databases agree and a cursor can point into it: papers whose number was typed, then papers
with the words together in the head, then all words in the head, then all words anywhere; newest first on each rung.

Unit and type stand in the index as words of their own, so that a clerk's search is narrowed by the same look that finds
the words. Identity numbers are not in the index: one that is typed becomes a look-up of its owner.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage import owners as owner_rows
from services.storage.errors import BadCursor, BadQuery
from services.storage.filing import folded_number
from services.storage.identity import Keyring, mask_numbers
from services.storage.search_index import mark, words

TIERS = range(4)
_MOST_WORDS = 12


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


def find(
    tx: Session, keys: Keyring, query: Query, *, after: str | None, limit: int
) -> tuple[list[tuple[int, int]], str | None]:
    """Pairs (tier, paper id) of one page and the cursor of the next. Raises BadQuery, BadCursor."""
    query, owner_ids = _owners_of(tx, keys, query)
    found: list[tuple[int, int]] = []
    first, before = _read_cursor(after)
    for tier in TIERS[first:]:
        for paper_id in _tier(tx, query, owner_ids, tier, before, limit + 1 - len(found)):
            found.append((tier, paper_id))
        if len(found) > limit:
            return found[:limit], _cursor(*found[limit - 1])
        before = None
    return found, None


def terms(query: Query) -> list[str]:
    """The words a search looks for, as the index has them."""
    return words(query.text).split()[:_MOST_WORDS]


def _owners_of(tx: Session, keys: Keyring, query: Query) -> tuple[Query, list[int] | None]:
    """An identity number among the words, or given as the owner, as the owner's rows."""
    number = query.owner
    if number is None and mask_numbers(query.text) != query.text:
        for part in query.text.split():
            if mask_numbers(part) != part:
                number = part
                query = replace(query, text=query.text.replace(part, " "))
                break
    if number is None:
        return query, None
    rows, _ = owner_rows.find(tx, keys, number)
    return query, [row.id for row in rows]


def _tier(
    tx: Session, query: Query, owner_ids: list[int] | None, tier: int, before: int | None, limit: int
) -> Sequence[int]:
    said = terms(query)
    if not said and owner_ids is None and not (query.number or query.type or query.issued_from or query.issued_to):
        raise BadQuery
    postgres = tx.get_bind().dialect.name == "postgresql"
    index_id = "i.paper_id" if postgres else "i.rowid"
    where: list[str] = []
    values: dict[str, object] = {"limit": limit}
    joined = "paper p"
    if tier == 0:
        if len(said) == 0 or query.number or not any(c.isdigit() for c in query.text):
            return ()
        where.append("p.so_ky_hieu_folded = :typed")
        values["typed"] = folded_number(query.text)
    elif said:
        joined = f"paper_index i JOIN paper p ON p.id = {index_id}"
        where += _matches(postgres, said, _marks(query), tier, values)
        if any(c.isdigit() for c in query.text):
            where.append("(p.so_ky_hieu_folded IS NULL OR p.so_ky_hieu_folded <> :typed)")
            values["typed"] = folded_number(query.text)
    elif tier != 3:
        return ()  # no words: one rung holds everything
    where += _conditions(query, owner_ids, values, by_column=not (said and tier))
    if before is not None:
        where.append("p.id < :before")
        values["before"] = before
    sql = f"SELECT p.id FROM {joined} WHERE {' AND '.join(where)} ORDER BY p.id DESC LIMIT :limit"  # noqa: S608
    return tx.execute(text(sql), values).scalars().all()


def _conditions(query: Query, owner_ids: list[int] | None, values: dict[str, object], *, by_column: bool) -> list[str]:
    where = []
    if owner_ids is not None:
        names = [f"owner{n}" for n in range(len(owner_ids))]
        values.update(zip(names, owner_ids, strict=True))
        listed = ", ".join(f":{name}" for name in names) or "-1"
        where.append(f"p.id IN (SELECT paper_id FROM paper_owner WHERE owner_id IN ({listed}))")  # noqa: S608
    if by_column and query.units is not None:
        names = [f"unit{n}" for n in range(len(query.units))]
        values.update(zip(names, sorted(query.units), strict=True))
        where.append(f"p.unit IN ({', '.join(f':{name}' for name in names)})")
    if by_column and query.type is not None:
        where.append("p.type_code = :type")
        values["type"] = query.type
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


def _marks(query: Query) -> list[list[str]]:
    """Conditions that are words of the index: each list is one condition, any of its words satisfies it."""
    found = []
    if query.units is not None:
        found.append([mark("unit", unit) for unit in sorted(query.units)])
    if query.type is not None:
        found.append([mark("type", query.type)])
    return found


def _matches(
    postgres: bool, said: list[str], marks: list[list[str]], tier: int, values: dict[str, object]
) -> list[str]:
    """The words as this database asks for them. Words are letters and digits only: nothing in them is syntax."""
    if postgres:
        narrowed = "".join(f" & ({' | '.join(any_of)})" for any_of in marks)
        values["all"] = " & ".join(said) + narrowed
        values["phrase"] = "(" + " <-> ".join(said) + ")" + narrowed
        head = "i.head @@ to_tsquery('simple', CAST(:all AS text))"
        phrase = "i.head @@ to_tsquery('simple', CAST(:phrase AS text))"
        body = "i.body @@ to_tsquery('simple', CAST(:all AS text))"
        return {1: [phrase], 2: [head, f"NOT {phrase}"], 3: [body, f"NOT {head}"]}[tier]
    narrowed = "".join(f" AND ({' OR '.join(any_of)})" for any_of in marks)
    every = " AND ".join(f'"{word}"' for word in said)
    together = '"' + " ".join(said) + '"'
    values["all"], values["head"] = every + narrowed, f"head : ({every})"
    values["phrase"] = f"head : {together}{narrowed}"
    values["headed"] = f"head : ({every}){narrowed}"
    others = "i.rowid NOT IN (SELECT rowid FROM paper_index WHERE paper_index MATCH :{})"
    match = "paper_index MATCH :{}"
    return {
        1: [match.format("phrase")],
        2: [match.format("headed"), others.format("phrase")],
        3: [match.format("all"), others.format("head")],
    }[tier]


def _cursor(tier: int, paper_id: int) -> str:
    return base64.urlsafe_b64encode(f"{tier}:{paper_id}".encode()).decode().rstrip("=")


def _read_cursor(after: str | None) -> tuple[int, int | None]:
    if after is None:
        return 0, None
    try:
        tier, paper_id = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split(":")
        if int(tier) not in TIERS:
            raise BadCursor(after)
        return int(tier), int(paper_id)
    except (ValueError, binascii.Error) as error:
        raise BadCursor(after) from error
