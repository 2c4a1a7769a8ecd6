"""Words to papers, with or without accents, the same answers from SQLite (FTS5) and PostgreSQL (tsvector).

A paper is two texts: its head (type, number, owners, abstract, issuer, signer) and its body. Rank is a ladder rather
than a score, so that both databases agree and a cursor can point into it, newest first on each rung:

    0  the number that was typed
    1  the words in the head, each beside a neighbour it has in the query ("giay khai sinh" … "nguyen van an")
    2  the same in head or body
    3  the words in the head in any order ("giay khai sinh an"); climbed down to only when nothing stands higher
    4  the words anywhere

Identity numbers are not in the index: one that is typed becomes a look-up of its owner.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from services.storage.errors import BadCursor, BadQuery
from services.storage.people import owners as owner_rows
from services.storage.people.identity import Keyring, find_number
from services.storage.records.tables import MOST_ID
from services.storage.search import postgresql as search_postgresql
from services.storage.search import sqlite as search_sqlite
from services.storage.search.query import SCATTERED, Query

TIERS = (0, 1, 2, 3, 4)


def find(
    tx: Session, keys: Keyring, query: Query, *, after: str | None, limit: int
) -> tuple[list[tuple[int, int]], str | None]:
    """Pairs (tier, paper id) of one page and the cursor of the next. Raises BadQuery, BadCursor."""
    query = _with_owner(tx, keys, query)
    narrow = (query.owner_ids, query.number, query.type, query.issued_from, query.issued_to)
    if not query.words and all(condition is None for condition in narrow):
        raise BadQuery
    postgresql = tx.get_bind().dialect.name == "postgresql"
    rung = search_postgresql.Ladder(tx, query).rung if postgresql else partial(search_sqlite.rung, tx, query)
    found: list[tuple[int, int]] = []
    first, before = _read_cursor(after)
    for tier in TIERS[first:]:
        if tier == SCATTERED and first < SCATTERED and (found or after is not None):
            break
        found += [(tier, paper_id) for paper_id in rung(tier, before, limit + 1 - len(found))]
        if len(found) > limit:
            return found[:limit], _cursor(*found[limit - 1])
        before = None
    return found, None


def _with_owner(tx: Session, keys: Keyring, query: Query) -> Query:
    """An identity number among the words, or given as the owner, as the owner's rows."""
    number = query.owner or None  # an empty field of a form asks nothing
    if number is None:
        number = find_number(query.text)
        if number is not None:
            query = replace(query, text=query.text.replace(number, " "))
    if number is None:
        return query
    rows, _ = owner_rows.find(tx, keys, number)
    return replace(query, owner_ids=tuple(row.id for row in rows))


def _cursor(tier: int, paper_id: int) -> str:
    return base64.urlsafe_b64encode(f"{tier}:{paper_id}".encode()).decode().rstrip("=")


def _read_cursor(after: str | None) -> tuple[int, int | None]:
    if after is None:
        return 0, None
    try:
        said = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split(":")
        tier, paper_id = map(int, said)
        if tier not in TIERS or not 0 < paper_id <= MOST_ID:
            raise BadCursor(after)
        return tier, paper_id
    except (ValueError, binascii.Error) as error:
        raise BadCursor(after) from error
