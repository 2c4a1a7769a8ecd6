"""The search ladder on PostgreSQL.

A GIN index knows no order: to give the newest twenty it would fetch every paper that matches. So it is asked first
whether all the words stand together in few papers: then one statement has them all, each with its rung. Where they are
many, each rung looks through the newest few thousand papers; common words have a full page there. Words that do not are
rare enough for the index to fetch all that match.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage.search.index import mark, pair
from services.storage.search.query import Query, columns, listed, not_typed, typed_number, unit_and_type

# Papers looked through one by one. A unit has few enough for the index to fetch a word of one in seventy.
_WINDOW, _WINDOW_OF_UNITS = 6000, 1000
_FEW = 1000


class Ladder:
    """The rungs of one search."""

    def __init__(self, tx: Session, query: Query) -> None:
        self._tx, self._query = tx, query

    def rung(self, tier: int, before: int | None, limit: int) -> Sequence[int]:
        """Ids of papers on this rung, newest first, older than ``before``."""
        if tier > 0 and self._few is not None:
            found = [paper_id for on, paper_id in self._few if on == tier and (before is None or paper_id < before)]
            return found[:limit]
        return _rung(self._tx, self._query, tier, before, limit)

    @cached_property
    def _few(self) -> list[tuple[int, int]] | None:
        """The rung and id of every paper with all the words, newest first; None where they are many. A single word is
        left to the rungs: it has no second list to be compared with.
        """
        query, values = self._query, dict[str, object]({"few": _FEW + 1})
        if len(query.words) < 2 or query.owner_ids is not None or query.number is not None:
            return None
        values |= {"words": _tsquery(query, 3), "beside": _tsquery(query, 2)}
        units = [] if query.units is None else [f"i.unit IN ({listed('unit', sorted(query.units), values)})"]
        kept = not_typed(query, values) + columns(query, values)
        beside = "@@ CAST(:beside AS tsquery)"
        sql = (
            "WITH m AS MATERIALIZED (SELECT i.paper_id, "  # noqa: S608
            f"CASE WHEN i.head {beside} THEN 1 WHEN i.body {beside} THEN 2 ELSE 3 END AS tier FROM paper_index i "
            f"WHERE {' AND '.join(['i.body @@ CAST(:words AS tsquery)', *units])} LIMIT :few) "
            f"SELECT m.tier, m.paper_id, {' AND '.join(kept) or 'true'} AS kept "
            f"FROM m {'JOIN paper p ON p.id = m.paper_id' if kept else ''} ORDER BY m.paper_id DESC"
        )
        self._tx.execute(_BY_WORDS_ALONE)
        rows = self._tx.execute(text(sql), values).all()
        self._tx.execute(_BY_ANYTHING)
        return None if len(rows) > _FEW else [(tier, paper_id) for tier, paper_id, stays in rows if stays]


# Seeing the LIMIT, the planner would walk the papers till it has that many, which is all of them where there are few.
_SET = "SELECT set_config('enable_seqscan', '{0}', true), set_config('enable_indexscan', '{0}', true)"
_BY_WORDS_ALONE, _BY_ANYTHING = text(_SET.format("off")), text(_SET.format("on"))


def _rung(tx: Session, query: Query, tier: int, before: int | None, limit: int) -> Sequence[int]:
    values: dict[str, object] = {"limit": limit, "before": before}
    if not query.words:
        return _plain(tx, query, unit_and_type(query, values), values) if tier == 0 else ()
    if tier == 0:
        if not typed_number(query, values):
            return ()
        return _plain(tx, query, ["p.so_ky_hieu_folded = :typed", *unit_and_type(query, values)], values)
    if tier == 3 and len(query.words) == 1:
        return ()  # one word is never scattered
    where = _matches(query, tier, values) + not_typed(query, values) + columns(query, values)
    if query.owner_ids is not None or query.number is not None:
        return _few(tx, query, where, values)
    return _many(tx, query, where, values)


def _plain(tx: Session, query: Query, where: list[str], values: dict[str, object]) -> Sequence[int]:
    where = [*where, *columns(query, values), *_older(values, "p.id")]
    sql = f"SELECT p.id FROM paper p WHERE {' AND '.join(where)} ORDER BY p.id DESC LIMIT :limit"  # noqa: S608
    return tx.execute(text(sql), values).scalars().all()


def _few(tx: Session, query: Query, where: list[str], values: dict[str, object]) -> Sequence[int]:
    """An owner's papers, or those of one number, are few: their words are looked at one by one."""
    where = [*where, *unit_and_type(query, values), *_older(values, "p.id")]
    source = "paper p JOIN paper_index i ON i.paper_id = p.id AND i.unit = p.unit"
    sql = f"SELECT p.id FROM {source} WHERE {' AND '.join(where)} ORDER BY p.id DESC LIMIT :limit"  # noqa: S608
    return tx.execute(text(sql), values).scalars().all()


def _many(tx: Session, query: Query, where: list[str], values: dict[str, object]) -> Sequence[int]:
    limit = int(str(values["limit"]))
    units = [] if query.units is None else [f"i.unit IN ({listed('unit', sorted(query.units), values)})"]
    narrowed = " AND ".join([*units, *_older(values, "i.paper_id")]) or "true"
    joined = "JOIN paper p ON p.id = i.paper_id" if any("p." in condition for condition in where) else ""
    window = _WINDOW if query.units is None else _WINDOW_OF_UNITS
    values["window"] = window
    needed = ", ".join(f"i.{column}" for column in ("head", "body") if f"i.{column} " in " ".join(where))
    newest = (
        f"WITH w AS MATERIALIZED (SELECT i.paper_id, {needed} FROM paper_index i WHERE {narrowed} "  # noqa: S608
        "ORDER BY i.paper_id DESC LIMIT :window) SELECT (SELECT min(paper_id) FROM w), (SELECT count(*) FROM w), "
        f"ARRAY(SELECT i.paper_id FROM w i {joined} WHERE {' AND '.join(where)} ORDER BY i.paper_id DESC LIMIT :limit)"
    )
    oldest, seen, found = tx.execute(text(newest), values).one()
    if len(found) == limit or seen < window:
        return list(found)
    values |= {"before": oldest, "limit": limit - len(found)}
    narrowed = " AND ".join([*units, *_older(values, "i.paper_id")])
    # Materialized: without knowing the LIMIT, the planner asks the index of words instead of walking newest first.
    rest = (
        f"WITH m AS MATERIALIZED (SELECT i.paper_id FROM paper_index i {joined} "  # noqa: S608
        f"WHERE {narrowed} AND {' AND '.join(where)}) SELECT paper_id FROM m ORDER BY paper_id DESC LIMIT :limit"
    )
    return [*found, *tx.execute(text(rest), values).scalars()]


def _older(values: dict[str, object], column: str) -> list[str]:
    if values["before"] is None:
        return []
    return [f"{column} < :before"]


def _matches(query: Query, tier: int, values: dict[str, object]) -> list[str]:
    values["words"] = _tsquery(query, tier)
    column = "head" if tier == 1 else "body"
    where = [f"i.{column} @@ CAST(:words AS tsquery)"]
    if tier > 1:
        values["higher"] = _tsquery(query, tier - 1)
        where.append(f"NOT i.{'head' if tier == 2 else 'body'} @@ CAST(:higher AS tsquery)")
    return where


def _tsquery(query: Query, tier: int) -> str:
    """The words as a tsquery. They are letters and digits only: nothing in them is syntax."""
    said = query.words
    if tier == 3 or len(said) == 1:
        asked = [f"'{word}'" for word in said]
    else:
        pairs = [f"'{pair(one, other)}'" for one, other in pairwise(said)]
        beside = [{pairs[max(0, n - 1)], pairs[min(n, len(pairs) - 1)]} for n in range(len(said))]
        # A word that must stand beside one neighbour settles every choice with that pair in it.
        needed = set().union(*(either for either in beside if len(either) == 1))
        asked = sorted(needed) + ["(" + " | ".join(sorted(either)) + ")" for either in beside if not either & needed]
    if query.type is not None:
        asked.append(f"'{mark('type', query.type)}'")
    return " & ".join(asked)
