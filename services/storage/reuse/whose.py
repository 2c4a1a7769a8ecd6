"""Whose dossier it is, and whose papers may stand in it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.errors import NotFound, OtherOwner
from services.storage.model import Actor
from services.storage.people import owners as owner_rows
from services.storage.people.access import need_unit
from services.storage.records.tables import DossierRow, OwnerRow, PaperOwnerRow, ProcedureComponentRow
from services.storage.reuse import holdings


def need_theirs(tx: Session, actor: Actor, code: str, dossier: DossierRow | None) -> DossierRow:
    """The dossier. Raises NotFound where there is none, OtherUnit where the actor's unit does not have it."""
    if dossier is None:
        raise NotFound(f"dossier {code}")
    need_unit(tx, actor, dossier.unit)
    return dossier


def components_of(tx: Session, dossier: DossierRow) -> Sequence[ProcedureComponentRow]:
    """What the dossier's procedure asks for, in its order; nothing where the procedure is not known."""
    if dossier.procedure is None:
        return ()
    asked = select(ProcedureComponentRow).where(ProcedureComponentRow.procedure == dossier.procedure)
    return tx.execute(asked.order_by(ProcedureComponentRow.position, ProcedureComponentRow.code)).scalars().all()


def co_owners(tx: Session, people: Sequence[OwnerRow]) -> list[OwnerRow]:
    """Who owns a paper together with these people: spouses by their marriage certificate, heirs by a land title."""
    ids = [row.id for row in people]
    shared = select(PaperOwnerRow.paper_id).where(PaperOwnerRow.owner_id.in_(ids)).limit(holdings.MOST)
    found = (
        select(OwnerRow)
        .join(PaperOwnerRow, PaperOwnerRow.owner_id == OwnerRow.id)
        .where(PaperOwnerRow.paper_id.in_(shared), OwnerRow.id.not_in(ids))
    )
    return list({row.id: row for row in tx.execute(found).scalars()}.values())


def need_right_owner(tx: Session, dossier: DossierRow, people: Sequence[OwnerRow]) -> None:
    """Raises OtherOwner unless one of these is the dossier's owner, or their co-owner where the procedure names a
    relation. A dossier whose owner the register did not bring asks nothing.
    """
    owner = tx.get(OwnerRow, dossier.owner_id) if dossier.owner_id is not None else None
    if owner is None or any(_one_person(owner, row) for row in people):
        return
    if any(row.of_relation for row in components_of(tx, dossier)):
        kin = {row.id for row in co_owners(tx, owner_rows.dossier_with_owner(tx, dossier.code)[1])}
        if any(row.id in kin for row in people):
            return
    raise OtherOwner(f"dossier {dossier.id}")


def _one_person(one: OwnerRow, other: OwnerRow) -> bool:
    """The same row, or one name and day of birth where not both have a number."""
    if one.id == other.id:
        return True
    if one.identifier_index is not None and other.identifier_index is not None:
        return False
    return one.name_folded == other.name_folded and (
        one.birth_date == other.birth_date or one.birth_date is None or other.birth_date is None
    )
