"""A page of search results as shown: papers of the actor's units, each with the lines that match."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.look.views import today, views
from services.storage.model import Actor, Hit, Hits
from services.storage.people.access import Act, need, need_purpose, need_unit, units_seen
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.records.tables import PaperRow, PaperTextRow
from services.storage.search.excerpt import excerpt
from services.storage.search.ladder import find as find_ids
from services.storage.search.query import Query


def find(
    tx: Session,
    keys: Keyring,
    actor: Actor,
    query: Query,
    *,
    unit: str | None,
    purpose: str,
    after: str | None,
    limit: int,
) -> Hits:
    """Raises PurposeNeeded, OtherUnit, BadQuery, BadCursor. The log keeps which papers were shown, not the words."""
    need(actor, Act.SEARCH)
    need_purpose(tx, actor, purpose)
    units = units_seen(tx, actor)
    if unit is not None:
        need_unit(tx, actor, unit)
        units = frozenset({unit})
    query = replace(query, units=units)
    found, next_page = find_ids(tx, keys, query, after=after, limit=limit)
    ids = [paper_id for _, paper_id in found]
    rows = {row.id: row for row in tx.execute(select(PaperRow).where(PaperRow.id.in_(ids))).scalars()}
    texts = {
        row.paper_id: row for row in tx.execute(select(PaperTextRow).where(PaperTextRow.paper_id.in_(ids))).scalars()
    }
    hits = []
    for (tier, paper_id), view in zip(found, views(tx, [rows[paper_id] for paper_id in ids], today()), strict=True):
        lines, marks = excerpt(texts[paper_id].head, texts[paper_id].body, query.words)
        hits.append(Hit(view, tier, lines, marks))
    for shown in audit.listed("papers:", ids) or ["papers:"]:
        audit.note(tx, actor, "search", shown, purpose=purpose, result=str(len(ids)))
    return Hits(tuple(hits), next_page)
