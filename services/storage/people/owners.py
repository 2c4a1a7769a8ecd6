"""Owners of papers and dossiers: one row a person or body.

Who has an identity number is found by it. Who has none is told apart by kind, name and day of birth; a person known by
name alone gets a row too, but nothing of theirs is reused without a person's judgement (``certain``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, literal, select
from sqlalchemy.orm import Session, aliased, load_only

from services.storage.model import NewOwner, OwnerView
from services.storage.people.identity import Keyring, mask, normal
from services.storage.records.engine import insert_once, one_at_a_time
from services.storage.records.tables import DossierRow, OwnerRow
from services.vietnamese import fold, fold_tone_placement, nfc


def ensure(tx: Session, keys: Keyring, owners: Iterable[NewOwner]) -> list[OwnerRow]:
    """The owners' rows in the order given, made where new, and locked till the end of the transaction: filing for one
    owner happens one after the other, so that two scans cannot both be the newest.
    """
    wanted = [_values(keys, owner) for owner in owners]
    # One order for all transactions, else two with the same two owners could wait for each other.
    for values, indexes in sorted(wanted, key=lambda pair: min(pair[1], default=str(pair[0]["descriptive_key"]))):
        if len(indexes) > 1:
            # While keys are changed, another process may index the same number under another key: one at a time.
            one_at_a_time(tx, min(indexes))
        if _find(tx, values, indexes) is None:
            key = "identifier_index" if indexes else "descriptive_key"
            insert_once(tx, OwnerRow, values, [key])
    rows = [_find(tx, values, indexes) for values, indexes in wanted]
    ids = sorted({row.id for row in rows if row is not None})
    if ids:
        lock = select(OwnerRow.id).where(OwnerRow.id.in_(ids)).order_by(OwnerRow.id).with_for_update()
        tx.execute(lock).all()
    return list({row.id: row for row in rows if row is not None}.values())


def find(tx: Session, keys: Keyring, owner: str | NewOwner) -> tuple[list[OwnerRow], bool]:
    """Rows that are this owner, and whether they can only be one person or body.

    By number; then also who has the same name and birth and no number (read from a paper that showed none), unless
    another number has them too. Without a
    number by name and birth: one person, unless two with different numbers share both. A person's name alone is never
    certain.
    """
    number = owner if isinstance(owner, str) else owner.identifier
    if number:
        return _together(tx.execute(_BY_NUMBER, {"indexes": keys.indexes(number)}).all()), True
    assert isinstance(owner, NewOwner)
    named = select(OwnerRow).where(OwnerRow.name_folded == _folded(owner.name), OwnerRow.kind == owner.kind)
    if owner.birth_date is not None:
        named = named.where(OwnerRow.birth_date == owner.birth_date)
    rows = list(tx.execute(named.order_by(OwnerRow.id).limit(50)).scalars())
    told_apart = owner.birth_date is not None or owner.kind != "CA_NHAN"
    return rows, told_apart and sum(row.identifier_index is not None for row in rows) <= 1


def find_for(
    tx: Session, keys: Keyring, owner: str | NewOwner, code: str
) -> tuple[DossierRow | None, list[OwnerRow], bool]:
    """What ``find`` finds, and the dossier they are looked for, where the register has it: by number one statement."""
    number = owner if isinstance(owner, str) else owner.identifier
    if number:
        rows = tx.execute(_BY_NUMBER_FOR, {"code": code, "indexes": keys.indexes(number)}).all()
        return rows[0][2], _together(rows), True
    return tx.execute(select(DossierRow).where(DossierRow.code == code)).scalar_one_or_none(), *find(tx, keys, owner)


def dossier_with_owner(tx: Session, code: str) -> tuple[DossierRow | None, list[OwnerRow]]:
    """The dossier, its owner, and who has the same name and birth and no number."""
    rows = tx.execute(_BY_DOSSIER, {"code": code}).all()
    return (rows[0][2] if rows else None), _together(rows)


def _together(rows: Iterable[Sequence[Any]]) -> list[OwnerRow]:
    """Owners and their unnumbered twins, each once, owners first."""
    pairs = [(row[0], row[1]) for row in rows]
    owners = {one.id: one for one, _ in pairs if one is not None}
    return list((owners | {twin.id: twin for _, twin in pairs if twin is not None}).values())


def of_dossier(tx: Session, keys: Keyring, dossier: str) -> NewOwner | None:
    """The dossier's owner, number included; for our own workers, never for a screen."""
    row = tx.execute(
        select(OwnerRow).join(DossierRow, DossierRow.owner_id == OwnerRow.id).where(DossierRow.code == dossier)
    ).scalar_one_or_none()
    if row is None:
        return None
    number = keys.open(row.identifier_sealed) if row.identifier_sealed else None
    return NewOwner(row.kind, row.name, number, row.birth_date)


def certain(row: OwnerRow) -> bool:
    """Whether this row can only be one person or body."""
    return row.identifier_index is not None or row.birth_date is not None or row.kind != "CA_NHAN"


def shared(tx: Session, row: OwnerRow) -> bool:
    """Whether two with different numbers have this name and day of birth."""
    alike = select(OwnerRow.id).where(
        OwnerRow.name_folded == row.name_folded,
        OwnerRow.birth_date == row.birth_date,
        OwnerRow.identifier_index.is_not(None),
    )
    return len(tx.execute(alike.limit(2)).all()) > 1


def view(row: OwnerRow) -> OwnerView:
    return OwnerView(row.id, row.kind, row.name, row.identifier_masked, row.birth_date)


def _folded(name: str) -> str:
    return fold(fold_tone_placement(name))[:300]


def _values(keys: Keyring, owner: NewOwner) -> tuple[dict[str, object], list[str]]:
    number = normal(owner.identifier) if owner.identifier else None
    indexes = keys.indexes(number) if number else []
    described = f"{owner.kind}|{_folded(owner.name)}|{owner.birth_date or ''}"
    return {
        "kind": owner.kind,
        "identifier_index": indexes[0] if number else None,
        "identifier_sealed": keys.seal(number) if number else None,
        "identifier_masked": mask(number) if number else None,
        "descriptive_key": None if number else hashlib.sha256(described.encode()).hexdigest(),
        "name": nfc(owner.name)[:300],
        "name_folded": _folded(owner.name),
        "birth_date": owner.birth_date,
    }, indexes


def _find(tx: Session, values: dict[str, object], indexes: list[str]) -> OwnerRow | None:
    found = select(OwnerRow)
    if indexes:
        row = tx.execute(found.where(OwnerRow.identifier_index.in_(indexes)).limit(1)).scalar_one_or_none()
        if row is not None and row.birth_date is None and values["birth_date"] is not None:
            row.birth_date = values["birth_date"]  # type: ignore[assignment]
        return row
    return tx.execute(found.where(OwnerRow.descriptive_key == values["descriptive_key"])).scalar_one_or_none()


# Owners, each beside who has the same name and day of birth and no number. Made once: putting a statement together
# costs as much as sending it.
_me, _twin, _double = aliased(OwnerRow), aliased(OwnerRow), aliased(OwnerRow)
_SAME = and_(
    _twin.name_folded == _me.name_folded,
    _twin.birth_date == _me.birth_date,
    _twin.identifier_index.is_(None),
    _twin.id != _me.id,
    # Two with different numbers share both: whose a paper without a number is, nobody knows.
    ~select(_double.id)
    .where(
        _double.name_folded == _me.name_folded,
        _double.birth_date == _me.birth_date,
        _double.identifier_index.is_not(None),
        _double.id != _me.id,
    )
    .exists(),
)
_NUMBERED = _me.identifier_index.in_(bindparam("indexes", expanding=True))
_NAMED = DossierRow.code == bindparam("code")
_ONE = select(literal(1)).subquery()  # so that a dossier that is not there takes nobody along
_WHO = select(_me, _twin, DossierRow).order_by(_me.id, _twin.id)
_WHO = _WHO.options(load_only(DossierRow.code, DossierRow.unit, DossierRow.procedure, DossierRow.owner_id))
_BY_NUMBER = select(_me, _twin).outerjoin(_twin, _SAME).where(_NUMBERED).order_by(_me.id, _twin.id)
_BY_NUMBER_FOR = _WHO.select_from(_ONE).outerjoin(DossierRow, _NAMED).outerjoin(_me, _NUMBERED).outerjoin(_twin, _SAME)
_BY_DOSSIER = (
    _WHO.select_from(DossierRow).outerjoin(_me, _me.id == DossierRow.owner_id).outerjoin(_twin, _SAME).where(_NAMED)
)
