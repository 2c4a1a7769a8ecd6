"""What a dossier's procedure asks for: there already, in the kho, not usable, or missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from itertools import chain

from sqlalchemy.orm import Session

from services.storage.filing.rules import Rules
from services.storage.look.views import today, view
from services.storage.model import Actor, Checklist, ChecklistItem, Judged
from services.storage.people import owners as owner_rows
from services.storage.people.access import Act, need
from services.storage.records import audit
from services.storage.records.tables import ComponentRow, ProcedureComponentRow
from services.storage.reuse import holdings
from services.storage.reuse.predicate import best_first, judge
from services.storage.reuse.whose import co_owners, components_of, need_theirs


def checklist(tx: Session, rules: Rules, actor: Actor, code: str, *, on: dt.date | None = None) -> Checklist:
    """Each paper the dossier's procedure asks for: there, in the kho, in the kho but not usable, or missing."""
    need(actor, Act.LOOK)
    dossier, me = owner_rows.dossier_with_owner(tx, code)
    dossier = need_theirs(tx, actor, code, dossier)
    asked, day = components_of(tx, dossier), on or today()
    types = set(chain.from_iterable(row.accepts for row in asked))
    # What stands in the dossier is no longer judged.
    standing = [
        (component, Judged(view(held.row, held.owners, day), usable=True, why=()))
        for component, held in holdings.in_dossier(tx, dossier.id)
    ]
    certain = bool(me) and owner_rows.certain(me[0])
    judge_each = partial(judge, rules=rules, on=day, procedure=dossier.procedure, owner_certain=certain)
    found = holdings.of_people(tx, [row.id for row in me], types)
    mine = [judge_each(held, among=found if certain else ()) for held in found]
    kin: list[Judged] = []
    if any(row.of_relation for row in asked):
        them = {row.id: owner_rows.certain(row) for row in co_owners(tx, me)}
        kin = [
            judge_each(held, related=True, owner_certain=any(them.get(owner.id) for owner in held.owners))
            for held in holdings.of_people(tx, list(them), types)
        ]
    items = tuple(_item(row, standing, kin if row.of_relation else mine) for row in asked)
    audit.note(tx, actor, "checklist", f"dossier:{dossier.id}", purpose=code)
    return Checklist(code, dossier.procedure, items)


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
