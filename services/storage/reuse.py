"""The look-up that saves a scan: what the kho has of this owner, what of it may be used, and taking it.

Every look is one index range (owner, type) and stays flat as the kho grows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage import audit, dossiers, holdings
from services.storage import owners as owner_rows
from services.storage.access import Act, named, need, need_unit
from services.storage.engine import insert_once
from services.storage.errors import NotFound, NotReusable, OtherOwner
from services.storage.identity import Keyring
from services.storage.model import Actor, Attached, Checklist, ChecklistItem, Judged, NewOwner, ReuseAnswer, Role
from services.storage.predicate import best_first, judge
from services.storage.records import (
    ComponentRow,
    DossierRow,
    OwnerRow,
    PaperOwnerRow,
    ProcedureComponentRow,
    ReuseRow,
)
from services.storage.rules import Rules
from services.storage.views import today, view


def look_up(
    tx: Session,
    keys: Keyring,
    rules: Rules,
    actor: Actor,
    *,
    owner: str | NewOwner,
    types: Sequence[str],
    procedure: str | None,
    purpose: str | None,
    on: dt.date | None = None,
) -> ReuseAnswer:
    """The owner's papers of these types, judged. Raises PurposeNeeded, OtherUnit, OtherOwner, RoleNotAllowed."""
    need(actor, Act.LOOK)
    dossier, people, certain = owner_rows.find_for(tx, keys, owner, named(purpose))
    if dossier is not None:
        need_unit(tx, actor, dossier.unit)
    if dossier is not None and people:
        _need_right_owner(tx, dossier, people)
        procedure = procedure or dossier.procedure
    judge_each = partial(judge, rules=rules, on=on or today(), procedure=procedure, owner_certain=certain)
    judged = [judge_each(held) for held in holdings.of_people(tx, [row.id for row in people], types)]
    answer = ReuseAnswer(
        usable=tuple(best_first([one for one in judged if one.usable])),
        not_usable=tuple(best_first([one for one in judged if not one.usable])),
    )
    who = ",".join(str(row.id) for row in people[:5]) or "unknown"
    shown = f"{len(answer.usable)}/{len(judged)}"
    audit.note(tx, actor, "reuse-look", f"owner:{who} {','.join(types)}", purpose=purpose, result=shown)
    return answer


def checklist(tx: Session, rules: Rules, actor: Actor, code: str, *, on: dt.date | None = None) -> Checklist:
    """Each paper the dossier's procedure asks for: there, in the kho, in the kho but not usable, or missing."""
    need(actor, Act.LOOK)
    dossier, me = owner_rows.dossier_with_owner(tx, code)
    dossier = _theirs(tx, actor, code, dossier)
    asked, day = _asked(tx, dossier), on or today()
    types = set(chain.from_iterable(row.accepts for row in asked))
    # What stands in the dossier is no longer judged.
    standing = [
        (component, Judged(view(held.row, held.owners, day), usable=True, why=()))
        for component, held in holdings.in_dossier(tx, dossier.id)
    ]
    certain = bool(me) and owner_rows.certain(me[0])
    judge_each = partial(judge, rules=rules, on=day, procedure=dossier.procedure, owner_certain=certain)
    mine = [judge_each(held) for held in holdings.of_people(tx, [row.id for row in me], types)]
    kin: list[Judged] = []
    if any(row.of_relation for row in asked):
        them = _co_owners(tx, me)
        kin = [judge_each(held, related=True) for held in holdings.of_people(tx, [row.id for row in them], types)]
    items = tuple(_item(row, standing, kin if row.of_relation else mine) for row in asked)
    audit.note(tx, actor, "checklist", f"dossier:{dossier.id}", purpose=code)
    return Checklist(code, dossier.procedure, items)


def attach(tx: Session, rules: Rules, actor: Actor, code: str, paper_id: int, *, on: dt.date | None = None) -> Attached:
    """Takes a kho paper into the dossier: once, counted, logged. Raises NotFound, NotReusable, OtherOwner."""
    need(actor, Act.ATTACH)
    dossier = _theirs(tx, actor, code, dossiers.find(tx, code))
    held = holdings.paper(tx, paper_id)
    if held is None:
        raise NotFound(f"paper {paper_id}")
    taken = select(ReuseRow).where(ReuseRow.paper_id == paper_id, ReuseRow.dossier_id == dossier.id)
    if (before := tx.execute(taken).scalar_one_or_none()) is not None:
        return Attached(before.id, paper_id, code, already=True)
    if dossiers.has_paper(tx, dossier, paper_id):
        raise NotReusable("in-dossier")  # scanned for this very dossier: taking it again would count as a reuse
    owners = _paper_owners(tx, paper_id)
    if dossier.owner_id is not None:
        _need_right_owner(tx, dossier, owners)
    judged = judge(
        held,
        rules=rules,
        on=on or today(),
        procedure=dossier.procedure,
        owner_certain=any(owner_rows.certain(owner) for owner in owners),
    )
    if not judged.usable:
        raise NotReusable(", ".join(reason.code for reason in judged.why))
    values = {
        "paper_id": paper_id,
        "dossier_id": dossier.id,
        "actor": actor.name[:80],
        "at": dt.datetime.now(dt.UTC),
        "source": "KHO_TINH",
    }
    new = insert_once(tx, ReuseRow, values, ["paper_id", "dossier_id"])
    row = tx.execute(taken).scalar_one()
    if new:
        dossiers.add_paper(tx, dossier, held.row, Role.THANH_PHAN, reused=1)
        audit.note(tx, actor, "reuse", f"paper:{paper_id}", purpose=code)
    return Attached(row.id, paper_id, code, already=not new)


def _theirs(tx: Session, actor: Actor, code: str, dossier: DossierRow | None) -> DossierRow:
    if dossier is None:
        raise NotFound(f"dossier {code}")
    need_unit(tx, actor, dossier.unit)
    return dossier


def _asked(tx: Session, dossier: DossierRow) -> Sequence[ProcedureComponentRow]:
    if dossier.procedure is None:
        return ()
    asked = select(ProcedureComponentRow).where(ProcedureComponentRow.procedure == dossier.procedure)
    return tx.execute(asked.order_by(ProcedureComponentRow.position, ProcedureComponentRow.code)).scalars().all()


def _item(
    row: ProcedureComponentRow, standing: list[tuple[ComponentRow, Judged]], candidates: Sequence[Judged]
) -> ChecklistItem:
    # A paper filed before the procedure was known carries no component code: its type tells.
    here = [
        judged
        for component, judged in standing
        if component.component_code == row.code
        or (component.component_code is None and component.type_code in row.accepts)
    ]
    fitting = [one for one in candidates if one.paper.type_code in row.accepts]
    usable = best_first([one for one in fitting if one.usable])
    if here:
        state, vi, papers = "in-dossier", "Đã có trong hồ sơ.", here
    elif usable:
        state, vi, papers = "in-kho", "Có trong kho, dùng lại được, không cần quét.", usable
    elif fitting:
        papers = best_first(fitting)
        state, vi = "not-usable", f"Có trong kho nhưng chưa dùng lại được: {papers[0].why[0].vi}"
    else:
        state, vi, papers = "missing", "Chưa có, cần nộp và quét.", []
    return ChecklistItem(
        component_code=row.code,
        name=row.name,
        accepts=tuple(row.accepts),
        required=row.required,
        of_relation=row.of_relation,
        state=state,
        vi=vi,
        papers=tuple(papers),
    )


def _paper_owners(tx: Session, paper_id: int) -> list[OwnerRow]:
    found = select(OwnerRow).join(PaperOwnerRow, PaperOwnerRow.owner_id == OwnerRow.id)
    return list(tx.execute(found.where(PaperOwnerRow.paper_id == paper_id)).scalars())


def _co_owners(tx: Session, people: Sequence[OwnerRow]) -> list[OwnerRow]:
    """Who owns a paper together with these people: spouses by their marriage certificate, heirs by a land title."""
    ids = [row.id for row in people]
    shared = select(PaperOwnerRow.paper_id).where(PaperOwnerRow.owner_id.in_(ids)).limit(holdings.MOST)
    found = (
        select(OwnerRow)
        .join(PaperOwnerRow, PaperOwnerRow.owner_id == OwnerRow.id)
        .where(PaperOwnerRow.paper_id.in_(shared), OwnerRow.id.not_in(ids))
    )
    return list({row.id: row for row in tx.execute(found).scalars()}.values())


def _need_right_owner(tx: Session, dossier: DossierRow, people: Sequence[OwnerRow]) -> None:
    """Raises OtherOwner unless one of these is the dossier's owner, or their co-owner where the procedure names a
    relation. A dossier whose owner the register did not bring asks nothing.
    """
    owner = tx.get(OwnerRow, dossier.owner_id) if dossier.owner_id is not None else None
    if owner is None or any(_one_person(owner, row) for row in people):
        return
    if any(row.of_relation for row in _asked(tx, dossier)) and any(
        row.id in {kin.id for kin in _co_owners(tx, owner_rows.dossier_with_owner(tx, dossier.code)[1])}
        for row in people
    ):
        return
    raise OtherOwner(f"dossier {dossier.id}")


def _one_person(one: OwnerRow, other: OwnerRow) -> bool:
    """The same row, or one name and day of birth where not both have a number."""
    if one.id == other.id:
        return True
    if one.identifier_index is not None and other.identifier_index is not None:
        return False
    return one.name_folded == other.name_folded and (
        one.birth_date == other.birth_date or one.birth_date is None or other.birth_date is None
    )
