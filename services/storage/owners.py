"""Owners of papers and dossiers: one row a person or body.

Who has an identity number is found by it. Who has none is told apart by kind, name and day of birth; a person known by
name alone gets a row too, but nothing of theirs is reused without a person's judgement (``certain``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.storage.identity import Keyring, mask, normal
from services.storage.model import NewOwner, OwnerView
from services.storage.records import OwnerRow
from services.vietnamese import fold, fold_tone_placement, nfc


def ensure(tx: Session, keys: Keyring, owners: Iterable[NewOwner]) -> list[OwnerRow]:
    """The owners' rows in the order given, made where new, and locked till the end of the transaction: filing for one
    owner happens one after the other, so that two scans cannot both be the newest.
    """
    wanted = [_values(keys, owner) for owner in owners]
    # One order for all transactions, else two with the same two owners could wait for each other.
    for values, indexes in sorted(
        wanted, key=lambda pair: str(pair[0]["identifier_index"] or pair[0]["descriptive_key"])
    ):
        if _find(tx, values, indexes) is None:
            _insert(tx, values)
    rows = [_find(tx, values, indexes) for values, indexes in wanted]
    ids = sorted({row.id for row in rows if row is not None})
    if ids:
        lock = select(OwnerRow.id).where(OwnerRow.id.in_(ids)).order_by(OwnerRow.id).with_for_update()
        tx.execute(lock).all()
    return list({row.id: row for row in rows if row is not None}.values())


def find(tx: Session, keys: Keyring, owner: str | NewOwner) -> list[OwnerRow]:
    """Rows that are this owner: by number, or by name and birth; with a number, also who has the same name and birth
    and no number (read from a paper that showed none).
    """
    if isinstance(owner, str):
        rows = list(tx.execute(select(OwnerRow).where(OwnerRow.identifier_index.in_(keys.indexes(owner)))).scalars())
        if len(rows) == 1 and rows[0].birth_date is not None:
            same = select(OwnerRow).where(
                OwnerRow.name_folded == rows[0].name_folded,
                OwnerRow.birth_date == rows[0].birth_date,
                OwnerRow.identifier_index.is_(None),
            )
            rows += tx.execute(same).scalars()
        return rows
    if owner.identifier:
        return find(tx, keys, owner.identifier)
    named = select(OwnerRow).where(OwnerRow.name_folded == _folded(owner.name), OwnerRow.kind == owner.kind)
    if owner.birth_date is not None:
        named = named.where(OwnerRow.birth_date == owner.birth_date)
    return list(tx.execute(named.limit(50)).scalars())


def certain(rows: Sequence[OwnerRow]) -> bool:
    """Whether these rows can only be one person or body."""
    numbered = [row for row in rows if row.identifier_index is not None]
    if len(numbered) == 1:
        return True
    return len(rows) == 1 and not numbered and (rows[0].birth_date is not None or rows[0].kind != "CA_NHAN")


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


def _insert(tx: Session, values: dict[str, object]) -> None:
    key = ["identifier_index"] if values["identifier_index"] else ["descriptive_key"]
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(postgresql.insert(OwnerRow).values(**values).on_conflict_do_nothing(index_elements=key))
    else:
        tx.execute(sqlite.insert(OwnerRow).values(**values).on_conflict_do_nothing(index_elements=key))
