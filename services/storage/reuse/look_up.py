"""What the kho has of a person: which papers may be used and which not, each with why.

A look is one index range (owner, type) and stays flat as the kho grows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

from sqlalchemy.orm import Session

from services.storage.filing.rules import Rules
from services.storage.look.views import today
from services.storage.model import Actor, NewOwner, ReuseAnswer
from services.storage.people import owners as owner_rows
from services.storage.people.access import Act, named, need, need_unit
from services.storage.people.identity import Keyring
from services.storage.records import audit
from services.storage.reuse import holdings
from services.storage.reuse.predicate import best_first, judge
from services.storage.reuse.whose import need_right_owner


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
        need_right_owner(tx, dossier, people)
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
