"""What the kho holds of some people, and what stands in a dossier: each one statement, owners and damage included.

Statements are made once: putting one together costs as much as sending it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from services.storage.model import OwnerView
from services.storage.records.tables import ComponentRow, ObjectFaultRow, OwnerRow, PaperOwnerRow, PaperRow

MOST = 200  # papers of one owner looked at; nobody has more of the types a procedure asks for


class Held(NamedTuple):
    """A paper with its owners, and whether verification found its file gone or rotten."""

    row: PaperRow
    owners: tuple[OwnerView, ...]
    damaged: bool


def of_people(tx: Session, people: Collection[int], types: Collection[str]) -> list[Held]:
    """Papers of these owners and types, newest first."""
    if not people or not types:
        return []
    return _gathered(tx.execute(_OF_PEOPLE, {"people": list(people), "types": list(types), "most": MOST}))


def paper(tx: Session, paper_id: int) -> Held | None:
    return next(iter(_gathered(tx.execute(_PAPER, {"paper": paper_id}))), None)


def in_dossier(tx: Session, dossier_id: int) -> list[tuple[ComponentRow, Held]]:
    """Components of the dossier that people handed in, each with its paper, in the order they came."""
    rows = tx.execute(_IN_DOSSIER, {"dossier": dossier_id}).all()
    held = {each.row.id: each for each in _gathered(rows)}
    components = {row[-1].id: row[-1] for row in rows}
    return [(component, held[component.paper_id]) for component in components.values()]


def _with_owners(*more: Any) -> Select[*tuple[Any, ...]]:
    """Papers, a row for each owner, in the order of owners; ``more`` columns at the end."""
    damaged = (
        select(ObjectFaultRow.id)
        .where(ObjectFaultRow.sha256 == PaperRow.object_sha256, ObjectFaultRow.healed_at.is_(None))
        .exists()
    )
    shown = (OwnerRow.id, OwnerRow.kind, OwnerRow.name, OwnerRow.identifier_masked, OwnerRow.birth_date)
    return (
        select(PaperRow, damaged, *shown, *more)
        .outerjoin(_owned, _owned.paper_id == PaperRow.id)
        .outerjoin(OwnerRow, OwnerRow.id == _owned.owner_id)
    )


def _gathered(rows: Iterable[Sequence[Any]]) -> list[Held]:
    papers: dict[int, tuple[PaperRow, bool]] = {}
    owners: dict[int, dict[int, OwnerView]] = {}
    for each in rows:
        row, damaged, owner_id = each[:3]
        papers[row.id] = (row, damaged)
        theirs = owners.setdefault(row.id, {})
        if owner_id is not None:
            theirs[owner_id] = OwnerView(*each[2:7])
    return [Held(row, tuple(owners[row.id].values()), damaged) for row, damaged in papers.values()]


_owned = aliased(PaperOwnerRow)
_theirs = (
    select(PaperOwnerRow.paper_id)
    .where(
        PaperOwnerRow.owner_id.in_(bindparam("people", expanding=True)),
        PaperOwnerRow.type_code.in_(bindparam("types", expanding=True)),
    )
    .distinct()
    .order_by(PaperOwnerRow.paper_id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_OF_PEOPLE = _with_owners().join(_theirs, _theirs.c.paper_id == PaperRow.id).order_by(PaperRow.id.desc(), OwnerRow.id)
_PAPER = _with_owners().where(PaperRow.id == bindparam("paper")).order_by(OwnerRow.id)
_IN_DOSSIER = (
    _with_owners(ComponentRow)
    .join(ComponentRow, ComponentRow.paper_id == PaperRow.id)
    .where(ComponentRow.dossier_id == bindparam("dossier"), ~ComponentRow.deleted, ComponentRow.role == "THANH_PHAN")
    .order_by(ComponentRow.id, OwnerRow.id)
)
