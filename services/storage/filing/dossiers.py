"""Papers on their dossier: which dossier, which of the procedure's components, in which role."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.model import Role
from services.storage.records.engine import insert_once
from services.storage.records.tables import ComponentRow, DossierRow, PaperRow, ProcedureComponentRow

_RECEIVED = 2  # DOMAIN §4.3


def find(tx: Session, code: str) -> DossierRow | None:
    return tx.execute(select(DossierRow).where(DossierRow.code == code)).scalar_one_or_none()


def find_or_open(tx: Session, code: str, unit: str) -> DossierRow:
    """The dossier; opened here when the desk names one that the register has not brought yet. Without a day of
    reception it is not counted; the register's next import completes it.
    """
    if (dossier := find(tx, code)) is not None:
        return dossier
    values = {
        "code": code,
        "unit": unit,
        "status": _RECEIVED,
        "opened_here": True,
        "declared_components": 0,
        "declared_results": 0,
        "changed_at": dt.datetime.now(dt.UTC),
    }
    insert_once(tx, DossierRow, values, ["code"])
    return tx.execute(select(DossierRow).where(DossierRow.code == code)).scalar_one()


def has_paper(tx: Session, dossier: DossierRow, paper_id: int) -> bool:
    standing = select(ComponentRow.id).where(
        ComponentRow.dossier_id == dossier.id, ComponentRow.paper_id == paper_id, ~ComponentRow.deleted
    )
    return tx.execute(standing).first() is not None


def add_paper(tx: Session, dossier: DossierRow, paper: PaperRow, role: Role, *, reused: int = 0) -> bool:
    """Puts the paper on the dossier; False where it stands there already. ``reused`` as DuocTaiSuDung (DOMAIN §4.5)."""
    standing = select(ComponentRow).where(
        ComponentRow.dossier_id == dossier.id, ComponentRow.paper_id == paper.id, ComponentRow.role == role.value
    )
    row = tx.execute(standing).scalar_one_or_none()
    if row is not None and not row.deleted:
        return False
    fitting = _component_code(tx, dossier, paper.type_code) if role == Role.THANH_PHAN else None
    if row is None:
        row = ComponentRow(dossier_id=dossier.id, paper_id=paper.id, role=role.value)
    row.type_code, row.component_code = paper.type_code, fitting
    row.reused, row.from_store, row.deleted = reused, reused > 0, False
    row.added_at = dt.datetime.now(dt.UTC)
    tx.add(row)
    tx.flush()
    return True


def _component_code(tx: Session, dossier: DossierRow, type_code: str) -> str | None:
    """The first component of the procedure that accepts this type and has no paper yet, else the first that accepts."""
    if dossier.procedure is None:
        return None
    asked = tx.execute(
        select(ProcedureComponentRow)
        .where(ProcedureComponentRow.procedure == dossier.procedure)
        .order_by(ProcedureComponentRow.position, ProcedureComponentRow.code)
    ).scalars()
    fitting = [row.code for row in asked if type_code in row.accepts]
    taken = set(
        tx.execute(
            select(ComponentRow.component_code).where(ComponentRow.dossier_id == dossier.id, ~ComponentRow.deleted)
        ).scalars()
    )
    return next((code for code in fitting if code not in taken), fitting[0] if fitting else None)
