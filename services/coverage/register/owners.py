"""Links a register's owners to the kho's, in bulk, so that C5 can ask what the kho held of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import counting
from services.storage.people.identity import Keyring, mask, normal
from services.storage.records.tables import OwnerRow
from services.vietnamese import fold, fold_tone_placement, nfc

_PERSON = re.compile(r"\d{12}|\d{9}")
_BODY = re.compile(r"\d{10}(?:\d{3})?")
_UNNAMED = "(chưa rõ tên)"
_BATCH = 2_000


def link(tx: Session, keys: Keyring, owners: Mapping[int, tuple[str | None, str, str]]) -> dict[int, int]:
    """Place → owner id, for (kind, name, identity number) by place; owners not known yet are added, their numbers
    sealed. What is no identity number is passed over.
    """
    numbers = {place: number for place, (_, _, raw) in owners.items() if (number := read_number(raw)) is not None}
    known = _known(tx, keys, sorted(set(numbers.values())))
    new = []
    for place, number in numbers.items():
        if number in known:
            continue
        known[number] = 0  # one row a number, however many dossiers
        kind, name, _ = owners[place]
        name = nfc(name)[:300] or _UNNAMED
        new.append(
            {
                "kind": kind or ("CA_NHAN" if _PERSON.fullmatch(number) else "TO_CHUC"),
                "identifier_index": keys.index(number),
                "identifier_sealed": keys.seal(number),
                "identifier_masked": mask(number),
                "name": name,
                "name_folded": fold(fold_tone_placement(name))[:300],
            }
        )
    if new:
        insert: Any = counting.insert_for(counting.dialect_of(tx), OwnerRow.__table__)
        tx.execute(insert.on_conflict_do_nothing(), new)
        known |= _known(tx, keys, [number for number, id_ in known.items() if id_ == 0])
    return {place: known[number] for place, number in numbers.items()}


def read_number(raw: str) -> str | None:
    """A personal number (12 or 9 digits) or tax code (10 or 13), as one run of digits; ``None`` for anything else. A
    spreadsheet that kept the number as a number has lost its leading zero: eleven digits get it back.
    """
    number = normal(raw)
    if re.fullmatch(r"[1-9]\d{10}", number):
        number = f"0{number}"
    return number if _PERSON.fullmatch(number) or _BODY.fullmatch(number) else None


def _known(tx: Session, keys: Keyring, numbers: Sequence[str]) -> dict[str, int]:
    by_index = {index: number for number in numbers for index in keys.indexes(number)}
    indexes, found = list(by_index), {}
    for start in range(0, len(indexes), _BATCH):
        query = select(OwnerRow.id, OwnerRow.identifier_index)
        for id_, index in tx.execute(query.where(OwnerRow.identifier_index.in_(indexes[start : start + _BATCH]))):
            found[by_index[str(index)]] = id_
    return found
