"""Files taken in, and the work on them: the intake row is the truth (DESIGN "How a scan travels").

    waiting ──lease──▶ working ──finish──▶ filed | review | refused
       ▲                  │
       └───────sweep──────┘   the lease ran out; after too many tries a person looks at it
       └──retry── refused     an operator gave the files more time, memory or pages

Writes of a worker are fenced: ``finish`` and filing go through only while that worker holds the lease.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from services.errors import SohoaError
from services.storage.errors import BadCode, BadCursor, LeaseLost, NotFound, UnknownUnit
from services.storage.model import Accepted, Actor, Intake, IntakeState, Priority, Role
from services.storage.objects.contract import Stored
from services.storage.people.access import Act, need, need_unit, units_seen
from services.storage.people.identity import mask_name, mask_numbers
from services.storage.records import audit
from services.storage.records.engine import count, insert_once, now
from services.storage.records.tables import DossierRow, IntakeRow, UnitRow
from services.vietnamese import storable

_OPEN = ("waiting", "working")
_IN_ONE_QUERY = 500
_LONGEST_CODE = 60  # characters of a dossier's code
_UNITS = select(  # the actor's unit, where there is one, and the dossier's, where the register has it
    select(UnitRow.code).where(UnitRow.code == bindparam("unit")).scalar_subquery(),
    select(DossierRow.unit).where(DossierRow.code == bindparam("code")).scalar_subquery(),
)


def record(
    tx: Session,
    stored: Stored,
    *,
    file_name: str,
    actor: Actor,
    dossier: str | None,
    role: Role | None,
    priority: Priority,
) -> Accepted:
    """Writes the intake of a durable object, once for these bytes, unit and dossier. Raises UnknownUnit, OtherUnit,
    BadCode.
    """
    need(actor, Act.SCAN)
    code = (dossier or "").strip()
    if len(code) > _LONGEST_CODE or storable(code) != code or mask_numbers(code) != code:
        raise BadCode
    known, unit = tx.execute(_UNITS, {"unit": actor.unit, "code": code}).one()
    if known is None:
        raise UnknownUnit(actor.unit)
    if unit is not None:
        need_unit(tx, actor, unit)
    values = {
        "id": uuid.uuid4().hex,
        "sha256": stored.sha256,
        "size": stored.size,
        "file_name": mask_name(storable(file_name))[-400:],
        "unit": actor.unit,
        "dossier_code": code,
        "role": role.value if role else None,
        "priority": int(priority),
        "state": IntakeState.WAITING.value,
        "attempts": 0,
        "created_by": actor.name[:80],
        "created_at": dt.datetime.now(dt.UTC),
    }
    already = not insert_once(tx, IntakeRow, values, ["unit", "sha256", "dossier_code"])
    intake_id = str(values["id"])
    if already:
        found = select(IntakeRow.id).where(
            IntakeRow.unit == actor.unit, IntakeRow.sha256 == stored.sha256, IntakeRow.dossier_code == code
        )
        intake_id = tx.execute(found).scalar_one()
    if already and priority == Priority.DESK:
        # The same bytes wait in the backlog, and now a person waits for them.
        tx.execute(update(IntakeRow).where(IntakeRow.id == intake_id, IntakeRow.state == "waiting").values(priority=0))
    audit.note(tx, actor, "accept", f"intake:{intake_id}", purpose=code or None, result="already" if already else "ok")
    return Accepted(intake_id, stored.sha256, stored.size, already)


def lease(
    tx: Session, worker: str, *, lease_s: float, backlog_turn: bool = False, intake_id: str | None = None
) -> Intake | None:
    """Takes the next waiting file, or that very one, for ``lease_s`` seconds; None where there is none to take.

    ``backlog_turn`` asks the backlog first. Either line is taken from when the other is empty.
    """
    moment = now(tx)
    free = select(IntakeRow)
    if intake_id is not None:
        row = tx.execute(free.where(IntakeRow.id == intake_id).with_for_update(skip_locked=True)).scalar_one_or_none()
        expired = row is not None and row.state == "working" and row.lease_until is not None
        if row is None or not (row.state == "waiting" or (expired and cast(dt.datetime, row.lease_until) < moment)):
            return None
    else:
        first = int(Priority.BACKLOG if backlog_turn else Priority.DESK)
        for priority in (first, 1 - first):
            line = free.where(IntakeRow.state == "waiting", IntakeRow.priority == priority)
            line = line.order_by(IntakeRow.created_at).limit(1).with_for_update(skip_locked=True)
            row = tx.execute(line).scalar_one_or_none()
            if row is not None:
                break
        else:
            return None
    row.state = IntakeState.WORKING.value
    row.attempts += 1
    row.lease_owner = worker[:80]
    row.lease_until = moment + dt.timedelta(seconds=lease_s)
    tx.flush()
    return value(row)


def renew(tx: Session, intake: Intake, worker: str, *, lease_s: float) -> None:
    """Holds the work longer. Raises LeaseLost where another worker has it."""
    until = now(tx) + dt.timedelta(seconds=lease_s)
    held = update(IntakeRow).where(
        IntakeRow.id == intake.id, IntakeRow.state == "working", IntakeRow.lease_owner == worker[:80]
    )
    if count(tx.execute(held.values(lease_until=until))) == 0:
        raise LeaseLost(intake.id)


def hold(tx: Session, intake: Intake) -> IntakeRow:
    """The intake's row, locked till the end of the transaction. Raises LeaseLost where the work is no longer ours."""
    row = tx.execute(select(IntakeRow).where(IntakeRow.id == intake.id).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound(intake.id)
    if intake.lease_owner is not None and (row.state != "working" or row.lease_owner != intake.lease_owner):
        raise LeaseLost(intake.id)
    return row


def finish(
    tx: Session, intake: Intake, state: IntakeState, *, reading_sha256: str | None, error: SohoaError | None
) -> None:
    """Ends the work, or with state ``waiting`` gives it back. Raises LeaseLost."""
    row = hold(tx, intake)
    row.state = state.value
    row.lease_owner = row.lease_until = None
    row.error_code = error.code if error else None
    row.error_detail = error.detail[:2000] if error else None
    if reading_sha256 is not None:
        row.reading_sha256 = reading_sha256
    row.finished_at = None if state in (IntakeState.WAITING, IntakeState.WORKING) else dt.datetime.now(dt.UTC)
    worker = Actor(intake.lease_owner or "worker", row.unit, "system")
    audit.note(tx, worker, "finish", f"intake:{row.id}", purpose=row.dossier_code or None, result=state.value)
    tx.flush()


def expired(tx: Session, *, dead: Sequence[str] = (), limit: int = 500) -> Sequence[IntakeRow]:
    """Work whose lease ran out or whose worker is ``dead``, locked; rows another sweeper holds are passed over."""
    given_up = (IntakeRow.lease_until < now(tx)) | IntakeRow.lease_owner.in_(dead)
    late = select(IntakeRow).where(IntakeRow.state == "working", given_up)
    return tx.execute(late.limit(limit).with_for_update(skip_locked=True)).scalars().all()


def put_back(tx: Session, row: IntakeRow) -> None:
    """Back in line: someone else will try."""
    row.state = IntakeState.WAITING.value
    row.lease_owner = row.lease_until = None
    tx.flush()


def retry(tx: Session, actor: Actor, codes: Sequence[str], *, unit: str | None) -> int:
    """Puts files refused with one of ``codes`` back in the backlog's line, with all their tries; how many.

    Raises RoleNotAllowed, OtherUnit.
    """
    need(actor, Act.SCAN)
    refused = select(IntakeRow).where(IntakeRow.state == "refused", IntakeRow.error_code.in_(codes))
    if unit is not None:
        need_unit(tx, actor, unit)
        refused = refused.where(IntakeRow.unit == unit)
    elif (seen := units_seen(tx, actor)) is not None:
        refused = refused.where(IntakeRow.unit.in_(seen))
    rows = tx.execute(refused.with_for_update(skip_locked=True)).scalars().all()
    for row in rows:
        audit.note(
            tx, actor, "retry", f"intake:{row.id}", purpose=row.dossier_code or None, result=row.error_code or ""
        )
        row.state, row.attempts, row.priority = IntakeState.WAITING.value, 0, int(Priority.BACKLOG)
        row.error_code = row.error_detail = row.finished_at = None
    tx.flush()
    return len(rows)


def one(tx: Session, actor: Actor, intake_id: str) -> Intake:
    """Raises NotFound, also for another unit's, whose existence is not told."""
    need(actor, Act.SCAN)
    row = tx.get(IntakeRow, intake_id)
    seen = units_seen(tx, actor)
    if row is None or (seen is not None and row.unit not in seen):
        raise NotFound(intake_id)
    return value(row)


def by_id(tx: Session, intake_ids: Sequence[str]) -> list[Intake]:
    """Those of the intakes that are there."""
    found: list[Intake] = []
    for at in range(0, len(intake_ids), _IN_ONE_QUERY):
        some = select(IntakeRow).where(IntakeRow.id.in_(intake_ids[at : at + _IN_ONE_QUERY]))
        found += [value(row) for row in tx.execute(some).scalars()]
    return found


def many(tx: Session, actor: Actor, *, state: IntakeState | None, after: str | None, limit: int) -> list[Intake]:
    """Newest first. ``after`` is the id of the last intake of the page before."""
    need(actor, Act.SCAN)
    found = select(IntakeRow).order_by(IntakeRow.created_at.desc(), IntakeRow.id.desc()).limit(limit)
    seen = units_seen(tx, actor)
    if seen is not None:
        found = found.where(IntakeRow.unit.in_(seen))
    if state is not None:
        found = found.where(IntakeRow.state == state.value)
    if after is not None:
        last = tx.get(IntakeRow, after)
        if last is None:
            raise BadCursor(after)
        earlier = IntakeRow.created_at < last.created_at
        found = found.where(earlier | ((IntakeRow.created_at == last.created_at) & (IntakeRow.id < last.id)))
    return [value(row) for row in tx.execute(found).scalars()]


def open_counts(tx: Session) -> dict[str, int]:
    """How many files wait and how many are worked on: what a progress bar and a health check show."""
    found = select(IntakeRow.state, func.count()).where(IntakeRow.state.in_(_OPEN)).group_by(IntakeRow.state)
    counts = {state: int(n) for state, n in tx.execute(found)}
    return {state: counts.get(state, 0) for state in _OPEN}


def value(row: IntakeRow) -> Intake:
    return Intake(
        id=row.id,
        sha256=row.sha256,
        size=row.size,
        file_name=row.file_name,
        unit=row.unit,
        dossier_code=row.dossier_code or None,
        role=Role(row.role) if row.role else None,
        priority=Priority(row.priority),
        state=IntakeState(row.state),
        attempts=row.attempts,
        error_code=row.error_code,
        reading_sha256=row.reading_sha256,
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        lease_owner=row.lease_owner,
    )
