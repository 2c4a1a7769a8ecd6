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


def right_owners(tx: Session, dossier: DossierRow, people: Sequence[OwnerRow]) -> tuple[list[OwnerRow], bool]:
    """Those of these people who are the dossier's owner, or their co-owners where the procedure names a relation, and
    whether that is certain. A dossier whose owner the register did not bring asks nothing. Raises OtherOwner.
    """
    owner = tx.get(OwnerRow, dossier.owner_id) if dossier.owner_id is not None else None
    if owner is None:
        return list(people), any(owner_rows.certain(row) for row in people)
    if theirs := [row for row in people if _one_person(owner, row)]:
        return theirs, any(owner_rows.certain(row) and _surely(tx, owner, row) for row in theirs)
    if any(row.of_relation for row in components_of(tx, dossier)):
        kin = {row.id for row in co_owners(tx, owner_rows.dossier_with_owner(tx, dossier.code)[1])}
        if theirs := [row for row in people if row.id in kin]:
            return theirs, any(owner_rows.certain(row) for row in theirs)
    raise OtherOwner(f"dossier {dossier.id}")


def _one_person(one: OwnerRow, other: OwnerRow) -> bool:
    """The same row, or one name and day of birth where not both have a number; a day that is not known fits any."""
    if one.id == other.id:
        return True
    if one.identifier_index is not None and other.identifier_index is not None:
        return False
    return one.name_folded == other.name_folded and (
        one.birth_date == other.birth_date or one.birth_date is None or other.birth_date is None
    )


def _surely(tx: Session, one: OwnerRow, other: OwnerRow) -> bool:
    """Of two who can be one person: whether more than a person's name says so."""
    if one.id == other.id or one.kind != "CA_NHAN":
        return True
    return one.birth_date == other.birth_date is not None and not owner_rows.shared(tx, one)
