"""The log of every look and every act: append-only, each line's hash covering the line before it.

A transaction notes its lines as it goes (``note``); they are chained when it ends (``chain``), under one lock that is
held from there to the commit and no longer, in the same transaction as the act itself: no act without its line, no line
without its act. The database refuses to change or delete a line (triggers of the first migration); ``verify`` finds
what someone changed behind its back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from services.storage.model import Actor, AuditEntry
from services.storage.records.tables import AuditRow, Base

GENESIS = "0" * 64
_NOTES = "audit-notes"
_THING = 200  # characters of what a line says was touched

_INSERT = insert(Base.metadata.tables[AuditRow.__tablename__])
# The lock's turn, the line before, its hash and the new line in one statement: what is not asked for while the lock is
# held keeps nobody waiting. The function takes the lock (migration 0001); OFFSET keeps it from being called twice.
_APPEND = text(
    "INSERT INTO audit (at, actor, unit, action, object, purpose, result, ip, prev_hash, hash) "
    "SELECT :at, :actor, :unit, :action, :object, :purpose, :result, :ip, "
    """prev, encode(sha256(convert_to('["' || prev || '",' || :said, 'UTF8')), 'hex') """
    "FROM (SELECT coalesce(audit_last_hash(), :genesis) AS prev OFFSET 0) AS last"
)


@dataclass(frozen=True, slots=True)
class ChainState:
    """What checking the chain found. ``broken_at`` is the first line that does not fit, None where all do. Keep
    ``last_hash`` elsewhere: ``kept`` says later whether the chain still runs through it, or its end was cut off.
    """

    lines: int
    last_hash: str
    broken_at: int | None = None
    kept: bool | None = None

    @property
    def whole(self) -> bool:
        return self.broken_at is None and self.kept is not False


def note(tx: Session, actor: Actor, action: str, thing: str, *, purpose: str | None = None, result: str = "ok") -> None:
    """Remembers one line for the end of this transaction. ``thing`` names what was touched, never who it is about."""
    line = AuditEntry(
        id=0,
        at=dt.datetime.now(dt.UTC),
        actor=actor.name[:80],
        unit=actor.unit[:40],
        action=action,
        object=thing[:_THING],
        purpose=purpose[:60] if purpose else None,
        result=result[:40],
        ip=actor.ip,
    )
    tx.info.setdefault(_NOTES, []).append(line)


def listed(kind: str, ids: Sequence[int], *, room: int = 0) -> list[str]:
    """What ``note`` takes as ``thing`` for many: "papers:1,2,3", as many of them as hold all ids whole. ``room``
    characters are left free in each.
    """
    things: list[str] = []
    for one in map(str, ids):
        if things and len(things[-1]) + 1 + len(one) + room <= _THING:
            things[-1] += f",{one}"
        else:
            things.append(kind + one)
    return things


def chain(tx: Session) -> None:
    """Appends what was noted. Call it last in the transaction."""
    notes: list[AuditEntry] = tx.info.pop(_NOTES, [])
    if not notes:
        return
    tx.flush()
    if tx.get_bind().dialect.name == "postgresql":
        for entry in notes:
            tx.execute(_APPEND, {**_columns(entry), "genesis": GENESIS, "said": _said(entry)})
        return
    last = last_hash(tx)
    for entry in notes:  # one by one: the order of ids is the order of the chain
        prev, last = last, _hash(last, entry)
        tx.execute(_INSERT, {**_columns(entry), "prev_hash": prev, "hash": last})


def last_hash(tx: Session) -> str:
    """The hash of the newest line."""
    newest = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    return tx.execute(newest).scalar_one_or_none() or GENESIS


def verify(tx: Session, kept: str | None = None) -> ChainState:
    """Walks the whole log, memory flat, and says where it stops to fit, and whether the hash ``kept`` is in it."""
    last, lines = GENESIS, 0
    met = None if kept is None else kept == GENESIS
    with tx.execute(select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=2000)) as rows:
        for row in rows.scalars():
            if row.prev_hash != last or row.hash != _hash(last, _entry(row)):
                return ChainState(lines, last, broken_at=row.id, kept=met)
            last, lines = row.hash, lines + 1
            met = met or last == kept if kept is not None else None
            tx.expunge(row)
    return ChainState(lines, last, kept=met)


def entries(
    tx: Session,
    *,
    thing: str | None = None,
    purpose: str | None = None,
    actor: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[AuditEntry]:
    """Lines in order, of one object, purpose or actor where given, from after line ``after``."""
    found = select(AuditRow).where(AuditRow.id > after).order_by(AuditRow.id).limit(limit)
    if thing is not None:
        found = found.where(AuditRow.object == thing)
    if purpose is not None:
        found = found.where(AuditRow.purpose == purpose)
    if actor is not None:
        found = found.where(AuditRow.actor == actor)
    return [_entry(row) for row in _rows(tx, found)]


def _rows(tx: Session, found: object) -> Iterator[AuditRow]:
    yield from tx.execute(found).scalars()  # type: ignore[call-overload]


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        unit=row.unit,
        action=row.action,
        object=row.object,
        purpose=row.purpose,
        result=row.result,
        ip=row.ip,
    )


def _columns(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "unit": entry.unit,
        "action": entry.action,
        "object": entry.object,
        "purpose": entry.purpose,
        "result": entry.result,
        "ip": entry.ip,
    }


def _hash(prev: str, entry: AuditEntry) -> str:
    return hashlib.sha256(f'["{prev}",{_said(entry)}'.encode()).hexdigest()


def _said(entry: AuditEntry) -> str:
    """What the line says, as the hash has it after the line before: the rest of a JSON list, which keeps fields apart
    whatever they hold. Microseconds are what both databases keep of a moment.
    """
    at = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    line = [at, entry.actor, entry.unit, entry.action, entry.object, entry.purpose, entry.result, entry.ip]
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))[1:]
