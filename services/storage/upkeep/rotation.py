"""Bringing every sealed row and blind index to the newest identity key.

Safe beside a running service whose processes all hold both keys: put the new key behind the old one everywhere, then
in front everywhere, then rotate; when it is done the old key may go. Each batch is a transaction of its own; broken
off, it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import InstrumentedAttribute

from services.storage.people.identity import Keyring
from services.storage.records.engine import begin
from services.storage.records.tables import OwnerRow, PaperRow, ReviewRow

_BATCH = 500
_KEY_NAME = 4  # bytes in front of what is sealed
_Sealed = OwnerRow | ReviewRow | PaperRow


def rotate(engine: Engine, keys: Keyring) -> int:
    """Reseals what is under older keys; how many rows."""
    return (
        _reseal(engine, keys, OwnerRow, OwnerRow.id, OwnerRow.identifier_sealed)
        + _reseal(engine, keys, ReviewRow, ReviewRow.id, ReviewRow.proposal_sealed)
        + _reseal(engine, keys, PaperRow, PaperRow.id, PaperRow.details_sealed)
    )


def _reseal(
    engine: Engine,
    keys: Keyring,
    table: type[_Sealed],
    key: InstrumentedAttribute[int],
    sealed: InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None],
) -> int:
    done, last = 0, 0
    while True:
        with begin(engine) as tx:
            older = func.substr(sealed, 1, _KEY_NAME) != keys.newest
            found = select(table).where(key > last, sealed.is_not(None), older).order_by(key).limit(_BATCH)
            rows = cast("Sequence[_Sealed]", tx.execute(found.with_for_update()).scalars().all())
            for row in rows:
                plain = keys.open(getattr(row, sealed.key))
                setattr(row, sealed.key, keys.seal(plain))
                if isinstance(row, OwnerRow):
                    row.identifier_index = keys.index(plain)
            last = max((row.id for row in rows), default=last)
        done += len(rows)
        if len(rows) < _BATCH:
            return done
