"""The search ladder on PostgreSQL.

A GIN index knows no order: to give the newest twenty it would fetch every paper that matches. So a rung first looks
through the newest few thousand papers; common words have a full page there. Words that do not are looked up by the
rarest of them alone, since every further list of common words costs as much again and hardly shortens what is found:
where that is few, it is looked at one by one, once for all rungs. Only where it is not must the index compare all the
lists.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage.search.query import SCATTERED, Query, columns, listed, not_typed, typed_number, unit_and_type
from services.storage.search.tsquery import Column, asked, rarest, tsquery

# Papers looked through one by one. A unit has few enough for the index to fetch a word of one in seventy.
_WINDOW, _WINDOW_OF_UNITS = 6000, 1000
_WIDER = 4  # times as many, where the words are neither common nor rare
_FEW = 6000
_RAREST = 3


class Ladder:
    """The rungs of one search."""

    def __init__(self, tx: Session, query: Query) -> None:
        self._tx, self._query = tx, query
        self._whole: dict[int, list[int] | None] = {}  # rungs known from top to bottom; None where they are too long

    def rung(self, tier: int, before: int | None, limit: int) -> Sequence[int]:
        """Ids of papers on this rung, newest first, older than ``before``."""
        query, values = self._query, dict[str, object]()
        if not query.words:
            return self._by_columns(unit_and_type(query, values), values, before, limit) if tier == 0 else ()
        if tier == 0:
            if not typed_number(query, values):
                return ()
            where = ["p.so_ky_hieu_folded = :typed", *unit_and_type(query, values)]
            return self._by_columns(where, values, before, limit)
        if tier >= SCATTERED and len(query.words) == 1:
            return ()  # one word is never scattered
        if query.owner_ids is not None or query.number is not None:
            return self._of_one(tier, before, limit)
        if self._whole.get(tier) is None:
            found = self._page(tier, before, limit)
            if self._whole.get(tier) is None:
                return found
        return [paper_id for paper_id in self._whole[tier] or () if before is None or paper_id < before][:limit]

    def _page(self, tier: int, before: int | None, limit: int) -> list[int]:
        """The page, one way after the other till it is full, or till the whole rung is known: then that has it."""
        found, oldest = self._newest(tier, before, limit)
        if oldest is None or len(found) == limit or self._few(tier) is not None:
            return found
        more, oldest = self._newest(tier, oldest, limit - len(found), times=_WIDER)
        found += more
        if oldest is None or len(found) == limit:
            return found
        if tier == SCATTERED:  # all of the rung is in the heads, where words are fewer
            self._look_up((SCATTERED,), "head")
        return found if self._whole[tier] is not None else [*found, *self._rest(tier, oldest, limit - len(found))]

    def _by_columns(self, where: list[str], values: dict[str, object], before: int | None, limit: int) -> Sequence[int]:
        where = [*where, *columns(self._query, values), *_older("p.id", before, values)]
        sql = f"SELECT p.id FROM paper p WHERE {' AND '.join(where)} ORDER BY p.id DESC LIMIT {limit}"  # noqa: S608
        return self._tx.execute(text(sql), values).scalars().all()

    def _of_one(self, tier: int, before: int | None, limit: int) -> Sequence[int]:
        """An owner's papers, or those of one number: their words are looked at one by one."""
        values = self._words()
        where = [_on(tier), *unit_and_type(self._query, values), *self._kept(values), *_older("p.id", before, values)]
        source = "paper p JOIN paper_index i ON i.paper_id = p.id AND i.unit = p.unit"
        sql = f"SELECT p.id FROM {source} WHERE {' AND '.join(where)} ORDER BY p.id DESC LIMIT {limit}"  # noqa: S608
        return self._tx.execute(text(sql), values).scalars().all()

    def _newest(self, tier: int, before: int | None, limit: int, *, times: int = 1) -> tuple[list[int], int | None]:
        """What of the rung stands among the newest papers, and the oldest of those; None where there are no more."""
        values, window = self._words(), times * (_WINDOW if self._query.units is None else _WINDOW_OF_UNITS)
        kept = self._kept(values)
        seen = " AND ".join([*self._units(values), *_older("i.paper_id", before, values)]) or "true"
        sql = (
            f"WITH w AS MATERIALIZED (SELECT i.paper_id, {_on(tier)} AS found FROM (SELECT i.* FROM paper_index i "  # noqa: S608
            f"WHERE {seen} ORDER BY i.paper_id DESC LIMIT {window}) AS i) "
            "SELECT (SELECT min(paper_id) FROM w), (SELECT count(*) FROM w), ARRAY(SELECT w.paper_id "
            f"FROM w {_papers('w', kept)} WHERE {' AND '.join(['w.found', *kept])} "
            f"ORDER BY w.paper_id DESC LIMIT {limit})"
        )
        oldest, count, found = self._tx.execute(text(sql), values).one()
        return list(found), oldest if count == window else None

    def _few(self, tier: int) -> list[int] | None:
        """The whole rung, from top to bottom, where few papers hold the rarest words. One word has no second list."""
        if tier not in self._whole:
            self._look_up((1, 2) if tier < SCATTERED else (3, 4), "body")
        return self._whole[tier]

    def _look_up(self, rungs: Sequence[int], column: Column) -> None:
        found = self._by_rarest(rungs, column) if len(self._query.words) > 1 else None
        for each in rungs:
            self._whole[each] = None if found is None else [paper_id for on, paper_id in found if on == each]

    def _by_rarest(self, rungs: Sequence[int], column: Column) -> list[tuple[int, int]] | None:
        """The rung and id of every paper on these rungs, newest first; None where too many were to be looked at."""
        values = self._words() | {"rarest": tsquery(rarest(self._tx, self._query, rungs[-1], column, _RAREST))}
        kept = self._kept(values)
        on = " ".join(f"WHEN {_on(rung)} THEN {rung}" for rung in rungs)
        where = " AND ".join([f"i.{column} @@ CAST(:rarest AS tsquery)", *self._units(values)])
        sql = (
            f"WITH m AS MATERIALIZED (SELECT i.paper_id, CASE {on} END AS tier FROM paper_index i "  # noqa: S608
            f"WHERE {where} LIMIT {_FEW + 1}) "
            "SELECT looked.at, found.tier, found.paper_id FROM (SELECT count(*) AS at FROM m) AS looked LEFT JOIN "
            f"(SELECT m.tier, m.paper_id FROM m {_papers('m', kept)} "
            f"WHERE {' AND '.join(['m.tier IS NOT NULL', *kept])}) AS found ON true ORDER BY found.paper_id DESC"
        )
        self._tx.execute(_BY_WORDS_ALONE)
        rows = self._tx.execute(text(sql), values).all()
        self._tx.execute(_BY_ANYTHING)
        if rows[0].at > _FEW:
            return None
        return [(row.tier, row.paper_id) for row in rows if row.paper_id is not None]

    def _rest(self, tier: int, before: int, limit: int) -> Sequence[int]:
        """What of the rung is older than that, by all the lists."""
        values = self._words()
        kept = self._kept(values)
        where = [_on(tier), *self._units(values), *kept, *_older("i.paper_id", before, values)]
        # Materialized: without knowing the LIMIT, the planner asks the index of words instead of walking newest first.
        sql = (
            f"WITH m AS MATERIALIZED (SELECT i.paper_id FROM paper_index i {_papers('i', kept)} "  # noqa: S608
            f"WHERE {' AND '.join(where)}) SELECT paper_id FROM m ORDER BY paper_id DESC LIMIT {limit}"
        )
        return self._tx.execute(text(sql), values).scalars().all()

    def _words(self) -> dict[str, object]:
        """The values of ``_on``."""
        return {"beside": tsquery(asked(self._query, 2)), "words": tsquery(asked(self._query, SCATTERED))}

    def _units(self, values: dict[str, object]) -> list[str]:
        units = self._query.units
        return [] if units is None else [f"i.unit IN ({listed('unit', sorted(units), values)})"]

    def _kept(self, values: dict[str, object]) -> list[str]:
        return not_typed(self._query, values) + columns(self._query, values)


# Seeing the LIMIT, the planner would walk the papers till it has that many, which is all of them where there are few.
_SET = "SELECT set_config('enable_seqscan', '{0}', true), set_config('enable_indexscan', '{0}', true)"
_BY_WORDS_ALONE, _BY_ANYTHING = text(_SET.format("off")), text(_SET.format("on"))


def _on(tier: int) -> str:
    """Whether a row ``i`` of the index stands on this rung."""
    in_head, in_body = (f"i.{column} @@ CAST(:{{}} AS tsquery)" for column in ("head", "body"))
    return {
        1: in_head.format("beside"),
        2: f"{in_body} AND NOT {in_head}".format("beside", "beside"),
        3: f"{in_head} AND NOT {in_body}".format("words", "beside"),
        4: f"{in_body} AND NOT {in_head} AND NOT {in_body}".format("words", "words", "beside"),
    }[tier]


def _papers(row: str, kept: list[str]) -> str:
    """Brings in the papers themselves where a condition is about them."""
    return f"JOIN paper p ON p.id = {row}.paper_id" if kept else ""


def _older(column: str, before: int | None, values: dict[str, object]) -> list[str]:
    if before is None:
        return []
    values["before"] = before
    return [f"{column} < :before"]
