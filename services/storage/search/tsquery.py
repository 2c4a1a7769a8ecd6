"""What the words of a search ask PostgreSQL's index, and which of it is rare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.storage.search.index import mark, pair
from services.storage.search.query import SCATTERED, Query

Column = Literal["head", "body"]

# The whole index as ``index.count_words`` had it counted; before that its largest part, which the server counts itself.
_SHARES = text(
    "SELECT counted.word, counted.share FROM (SELECT s.most_common_elems AS words, s.most_common_elem_freqs AS shares "
    "FROM pg_stats s JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = s.schemaname::regnamespace "
    "WHERE s.attname = :column AND (c.oid = 'paper_index'::regclass OR c.oid IN "
    "(SELECT inhrelid FROM pg_inherits WHERE inhparent = 'paper_index'::regclass)) "
    "ORDER BY s.inherited DESC, c.reltuples DESC LIMIT 1) AS s, "
    "unnest(s.words::text::text[], s.shares) AS counted (word, share) WHERE counted.word = ANY(:words)"
)


def asked(query: Query, rung: int) -> list[list[str]]:
    """What must be there on this rung: of each list one word, or pair of neighbours."""
    said = query.words
    if rung >= SCATTERED or len(said) == 1:
        each = [[word] for word in said]
    else:
        pairs = [pair(one, other) for one, other in pairwise(said)]
        beside = [{pairs[max(0, n - 1)], pairs[min(n, len(pairs) - 1)]} for n in range(len(said))]
        # A word that must stand beside one neighbour settles every choice with that pair in it.
        needed = set().union(*(either for either in beside if len(either) == 1))
        each = [[one] for one in sorted(needed)] + [sorted(either) for either in beside if not either & needed]
    return each if query.type is None else [*each, [mark("type", query.type)]]


def tsquery(each: Sequence[Sequence[str]]) -> str:
    """As PostgreSQL writes it. Words are letters and digits only: nothing in them is syntax."""
    return " & ".join("(" + " | ".join(f"'{word}'" for word in either) + ")" for either in each)


def rarest(tx: Session, query: Query, rung: int, column: Column, most: int) -> list[list[str]]:
    """Those of ``asked`` that the fewest papers meet in that column, as the server last counted. Words that stand
    together as a rule tell the same: of each such phrase one comes first.
    """
    each = asked(query, rung)
    known = {word for either in each for word in either} | {pair(one, other) for one, other in pairwise(query.words)}
    # A word that is missing is rare, or was never counted.
    share: dict[str, float] = {
        row.word: row.share for row in tx.execute(_SHARES, {"words": list(known), "column": column})
    }

    def held(either: list[str]) -> float:
        return sum(share.get(word, 0.0) for word in either)

    phrases = _phrases(each, share) if rung >= SCATTERED else [[either] for either in each]
    turns = [(turn, held(either), either) for phrase in phrases for turn, either in enumerate(sorted(phrase, key=held))]
    return [either for _, _, either in sorted(turns)[:most]]


def _phrases(each: list[list[str]], share: Mapping[str, float]) -> list[list[list[str]]]:
    """The words cut where two neighbours stand together in less than half of the papers that the rarer is in."""
    phrases = [each[:1]]
    for (one,), (other,) in pairwise(each):
        rarer = min(share.get(one, 0.0), share.get(other, 0.0))
        if share.get(pair(one, other), 0.0) * 2 > rarer:
            phrases[-1].append([other])
        else:
            phrases.append([[other]])
    return phrases
