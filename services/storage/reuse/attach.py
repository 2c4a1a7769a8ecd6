"""Taking a kho paper into a dossier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.errors import NotFound, NotReusable
from services.storage.filing import dossiers
from services.storage.filing.rules import Rules
from services.storage.look.views import today
from services.storage.model import Actor, Attached, Role
from services.storage.people import owners as owner_rows
from services.storage.people.access import Act, need, units_seen
from services.storage.records import audit
from services.storage.records.engine import insert_once
from services.storage.records.tables import OwnerRow, PaperOwnerRow, PaperRow, ReuseRow
from services.storage.reuse import holdings
from services.storage.reuse.predicate import judge
from services.storage.reuse.whose import need_theirs, right_owners


def attach(tx: Session, rules: Rules, actor: Actor, code: str, paper_id: int, *, on: dt.date | None = None) -> Attached:
    """Takes a kho paper into the dossier: once, counted, logged. Raises NotFound, NotReusable, OtherOwner."""
    need(actor, Act.ATTACH)
    dossier = need_theirs(tx, actor, code, dossiers.find(tx, code))
    # Locked: whoever revokes or replaces the paper this moment comes before the judgement or after the taking.
    tx.execute(select(PaperRow.id).where(PaperRow.id == paper_id).with_for_update(read=True))
    held = holdings.paper(tx, paper_id)
    if held is None:
        raise NotFound(f"paper {paper_id}")
    taken = select(ReuseRow).where(ReuseRow.paper_id == paper_id, ReuseRow.dossier_id == dossier.id)
    if (before := tx.execute(taken).scalar_one_or_none()) is not None:
        return Attached(before.id, paper_id, code, already=True)
    if dossiers.has_paper(tx, dossier, paper_id):
        raise NotReusable("in-dossier")  # scanned for this very dossier: taking it again would count as a reuse
    # Nobody knows whose dossier it is: then the paper must at least be one that the actor's units have.
    seen = units_seen(tx, actor) if dossier.owner_id is None else None
    if seen is not None and held.row.unit not in seen:
        raise NotFound(f"paper {paper_id}")
    owners = _paper_owners(tx, paper_id)
    _, certain = right_owners(tx, dossier, owners)
    judged = judge(
        held,
        rules=rules,
        on=on or today(),
        procedure=dossier.procedure,
        owner_certain=certain,
        among=_same_persons(tx, code, owners, held) if certain else (),
    )
    if not judged.usable:
        raise NotReusable(", ".join(reason.code for reason in judged.why))
    values = {
        "paper_id": paper_id,
        "dossier_id": dossier.id,
        "actor": actor.name[:80],
        "at": dt.datetime.now(dt.UTC),
        "source": "KHO_TINH",
    }
    new = insert_once(tx, ReuseRow, values, ["paper_id", "dossier_id"])
    row = tx.execute(taken).scalar_one()
    if new:
        dossiers.add_paper(tx, dossier, held.row, Role.THANH_PHAN, reused=1)
        audit.note(tx, actor, "reuse", f"paper:{paper_id}", purpose=code)
    return Attached(row.id, paper_id, code, already=not new)


def _same_persons(tx: Session, code: str, owners: Sequence[OwnerRow], held: holdings.Held) -> Sequence[holdings.Held]:
    """What the dossier's owner has of this type; nothing where the paper is another's, a spouse's for one."""
    theirs = {row.id for row in owner_rows.dossier_with_owner(tx, code)[1]}
    mine = any(row.id in theirs for row in owners)
    return holdings.of_people(tx, theirs, [held.row.type_code]) if mine else ()


def _paper_owners(tx: Session, paper_id: int) -> list[OwnerRow]:
    found = select(OwnerRow).join(PaperOwnerRow, PaperOwnerRow.owner_id == OwnerRow.id)
    return list(tx.execute(found.where(PaperOwnerRow.paper_id == paper_id)).scalars())
