"""A rung of the search ladder on SQLite: FTS5, which walks its lists newest first by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage.search.index import mark
from services.storage.search.query import SCATTERED, Query, columns, not_typed, typed_number, unit_and_type


def rung(tx: Session, query: Query, tier: int, before: int | None, limit: int) -> Sequence[int]:
    """Ids of papers on this rung, newest first, older than ``before``."""
    values: dict[str, object] = {"limit": limit}
    source = "paper p"
    if tier == 0 and query.words:
        if not typed_number(query, values):
            return ()
        where = ["p.so_ky_hieu_folded = :typed", *unit_and_type(query, values)]
    elif query.words:
        if tier >= SCATTERED and len(query.words) == 1:
            return ()  # one word is never scattered
        source = "paper_index JOIN paper p ON p.id = paper_index.rowid"
        where = ["paper_index MATCH :words", *not_typed(query, values)]
        values["words"] = _match(query, tier)
        for higher in range(max(tier - 2, 1), tier):  # who stands on the rung before those stands on them, too
            here = f"SELECT rowid FROM paper_index WHERE paper_index MATCH :on{higher}"  # noqa: S608
            where.append(f"paper_index.rowid NOT IN ({here})")
            values[f"on{higher}"] = _match(query, higher)
    elif tier == 0:
        where = unit_and_type(query, values)  # no words: one rung holds everything
    else:
        return ()
    where += columns(query, values)
    if before is not None:
        where.append("p.id < :before")
        values["before"] = before
    order = "paper_index.rowid" if "MATCH" in " ".join(where) else "p.id"
    sql = f"SELECT p.id FROM {source} WHERE {' AND '.join(where)} ORDER BY {order} DESC LIMIT :limit"  # noqa: S608
    return tx.execute(text(sql), values).scalars().all()


def _match(query: Query, tier: int) -> str:
    """The words as FTS5 asks for them. They are letters and digits only: nothing in them is syntax."""
    said = query.words
    if tier >= SCATTERED or len(said) == 1:
        together = " AND ".join(f'"{word}"' for word in said)
    else:
        pairs = [f'"{one} {other}"' for one, other in pairwise(said)]
        beside = [" OR ".join({pairs[max(0, n - 1)], pairs[min(n, len(pairs) - 1)]}) for n in range(len(said))]
        together = " AND ".join(f"({either})" for either in beside)
    asked = f"head : ({together})" if tier in (1, SCATTERED) else f"({together})"
    if query.units is not None:
        asked += " AND (" + " OR ".join(f'"{mark("unit", unit)}"' for unit in sorted(query.units)) + ")"
    if query.type is not None:
        asked += f' AND "{mark("type", query.type)}"'
    return asked
