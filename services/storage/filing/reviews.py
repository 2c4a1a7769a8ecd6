"""Papers that wait for a person, and what the person decided: filed and learned from, or dropped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage import intake as intakes
from services.storage.errors import AlreadyDecided, Dropped, GaveUp, NotFound, OtherUnit
from services.storage.filing.paper import file_paper, storable_paper
from services.storage.filing.rules import Rules
from services.storage.model import Actor, Filed, Intake, IntakeState, Label, NewOwner, NewPaper, Review
from services.storage.people.access import Act, need, need_unit, units_seen
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.records.tables import IntakeRow, LabelRow, PaperRow, ReviewRow


def ask(tx: Session, keys: Keyring, intake: Intake, paper: NewPaper, reason: str) -> int:
    """Puts the paper in the queue, once for these pages; the review's id. Raises LeaseLost."""
    intakes.hold(tx, intake)
    return _ask(tx, keys, intake, paper, reason)


def give_up(tx: Session, keys: Keyring, row: IntakeRow) -> None:
    """A file that no worker could finish: a person looks at it, nothing is lost."""
    paper = NewPaper(1, 1, "KHAC", "Không xác định", "CHINH", confidence=0.0, decided_by="rules")
    intake = intakes.value(row)
    _ask(tx, keys, intake, paper, "gave-up")
    row.state = IntakeState.REVIEW.value
    row.error_code = GaveUp.code
    row.lease_owner = row.lease_until = None
    row.finished_at = dt.datetime.now(dt.UTC)
    audit.note(tx, Actor("sweeper", row.unit, "system"), "finish", f"intake:{row.id}", result="gave-up")
    tx.flush()


def many(
    tx: Session,
    keys: Keyring,
    actor: Actor,
    *,
    state: str,
    unit: str | None,
    intake_id: str | None,
    after: int | None,
    limit: int,
) -> list[Review]:
    """Oldest first: who waits longest comes first. ``after`` is the id of the last review of the page before."""
    need(actor, Act.REVIEW)
    found = (
        select(ReviewRow, IntakeRow)
        .join(IntakeRow, IntakeRow.id == ReviewRow.intake_id)
        .where(ReviewRow.state == state)
        .order_by(ReviewRow.id)
        .limit(limit)
    )
    seen = units_seen(tx, actor)
    if unit is not None:
        need_unit(tx, actor, unit)
        found = found.where(ReviewRow.unit == unit)
    elif seen is not None:
        found = found.where(ReviewRow.unit.in_(seen))
    if intake_id is not None:
        found = found.where(ReviewRow.intake_id == intake_id)
    if after is not None:
        found = found.where(ReviewRow.id > after)
    return [_value(keys, review, intake) for review, intake in tx.execute(found)]


def one(tx: Session, keys: Keyring, actor: Actor, review_id: int) -> Review:
    """Raises NotFound, also for another unit's. The proposal shows a person's paper, so the look is logged."""
    need(actor, Act.REVIEW)
    review = tx.get(ReviewRow, review_id)
    seen = units_seen(tx, actor)
    if review is None or (seen is not None and review.unit not in seen):
        raise NotFound(f"review {review_id}")
    intake = tx.get_one(IntakeRow, review.intake_id)
    audit.note(tx, actor, "look", f"review:{review_id}", purpose=intake.dossier_code or intake.id)
    return _value(keys, review, intake)


def decide(
    tx: Session, keys: Keyring, rules: Rules, review_id: int, paper: NewPaper | None, *, actor: Actor
) -> Filed | None:
    """Files what the clerk confirmed and keeps it as a labelled example; None drops the pages.

    Raises NotFound, AlreadyDecided, RoleNotAllowed. When nothing of the file waits any more, its intake is filed, or
    refused with ``dropped`` where a person dropped all of it.
    """
    need(actor, Act.REVIEW)
    review = tx.execute(select(ReviewRow).where(ReviewRow.id == review_id).with_for_update()).scalar_one_or_none()
    if review is None:
        raise NotFound(f"review {review_id}")
    try:
        need_unit(tx, actor, review.unit)
    except OtherUnit as error:
        raise NotFound(f"review {review_id}") from error
    if review.state != "open":
        raise AlreadyDecided(f"review {review_id}")
    row = tx.execute(select(IntakeRow).where(IntakeRow.id == review.intake_id).with_for_update()).scalar_one()
    filed = None
    if paper is not None:
        filed = file_paper(tx, keys, rules, _unleased(row), paper, actor=actor)
        guessed = keys.open_json(review.proposal_sealed)["type_code"]
        tx.add(
            LabelRow(
                intake_id=row.id,
                first_page=paper.first_page,
                last_page=paper.last_page,
                guessed=guessed,
                confirmed=paper.type_code,
                unit=row.unit,
                actor=actor.name[:80],
                at=dt.datetime.now(dt.UTC),
            )
        )
    review.state = "dropped" if paper is None else "done"
    review.decided_at = dt.datetime.now(dt.UTC)
    review.decided_by = actor.name[:80]
    review.paper_id = filed.paper_id if filed else None
    audit.note(tx, actor, "decide", f"review:{review_id}", purpose=row.dossier_code or None, result=review.state)
    tx.flush()
    _settle(tx, row)
    return filed


def labels(tx: Session) -> list[Label]:
    """Every confirmed example whose reading was kept; of pages confirmed twice, the last word."""
    said = (
        select(LabelRow, IntakeRow.reading_sha256)
        .join(IntakeRow, IntakeRow.id == LabelRow.intake_id)
        .where(IntakeRow.reading_sha256.is_not(None))
        .order_by(LabelRow.id)
    )
    found = {
        (row.intake_id, row.first_page): Label(sha256, row.first_page, row.last_page, row.confirmed)
        for row, sha256 in tx.execute(said)
        if sha256 is not None
    }
    return list(found.values())


def _unleased(row: IntakeRow) -> Intake:
    row_value = intakes.value(row)
    if row_value.lease_owner is not None:
        # A person may decide the first paper of a file while a worker still files the others.
        row_value = replace(row_value, lease_owner=None)
    return row_value


def _settle(tx: Session, row: IntakeRow) -> None:
    states = tx.execute(select(ReviewRow.state).where(ReviewRow.intake_id == row.id)).scalars().all()
    if row.state != IntakeState.REVIEW.value or "open" in states:
        return
    filed = tx.execute(select(PaperRow.id).where(PaperRow.intake_id == row.id).limit(1)).first() is not None
    row.state = (IntakeState.FILED if filed else IntakeState.REFUSED).value
    row.error_code = None if filed else Dropped.code
    tx.flush()


def _ask(tx: Session, keys: Keyring, intake: Intake, paper: NewPaper, reason: str) -> int:
    standing = tx.execute(
        select(ReviewRow).where(
            ReviewRow.intake_id == intake.id,
            ReviewRow.first_page == paper.first_page,
            ReviewRow.last_page == paper.last_page,
        )
    ).scalar_one_or_none()
    if standing is not None:
        return standing.id
    review = ReviewRow(
        intake_id=intake.id,
        unit=intake.unit,
        first_page=paper.first_page,
        last_page=paper.last_page,
        proposal_sealed=keys.seal_json(_to_json(storable_paper(paper))),
        reason=reason[:60],
        state="open",
        created_at=dt.datetime.now(dt.UTC),
    )
    tx.add(review)
    tx.flush()
    return review.id


def _value(keys: Keyring, review: ReviewRow, intake: IntakeRow) -> Review:
    return Review(
        id=review.id,
        intake_id=review.intake_id,
        unit=review.unit,
        first_page=review.first_page,
        last_page=review.last_page,
        proposal=_from_json(keys.open_json(review.proposal_sealed)),
        reason=review.reason,
        state=review.state,
        created_at=review.created_at,
        file_name=intake.file_name,
        dossier_code=intake.dossier_code or None,
        decided_by=review.decided_by,
        paper_id=review.paper_id,
    )


_DAYS = ("ngay_cap", "valid_to")


def _to_json(paper: NewPaper) -> dict[str, Any]:
    values = {name: getattr(paper, name) for name in NewPaper.__slots__}
    for name in _DAYS:
        values[name] = values[name].isoformat() if values[name] else None
    values["owners"] = [
        [owner.kind, owner.name, owner.identifier, owner.birth_date.isoformat() if owner.birth_date else None]
        for owner in paper.owners
    ]
    values["more"], values["places"] = dict(paper.more), dict(paper.places)
    return values


def _from_json(values: dict[str, Any]) -> NewPaper:
    for name in _DAYS:
        values[name] = _day(values[name])
    values["owners"] = tuple(NewOwner(kind, name, number, _day(born)) for kind, name, number, born in values["owners"])
    return NewPaper(**values)


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None
