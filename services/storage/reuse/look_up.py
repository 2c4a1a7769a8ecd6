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
from services.storage.people.access import Act, named, need, need_unit, units_seen
from services.storage.people.identity import Keyring, mask_numbers
from services.storage.records import audit
from services.storage.reuse import holdings
from services.storage.reuse.predicate import best_first, judge
from services.storage.reuse.whose import right_owners

_TYPES = 80  # characters of the types asked for, in a line of the log


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
        people, sure = right_owners(tx, dossier, people)
        certain, procedure = certain and sure, procedure or dossier.procedure
    judge_each = partial(judge, rules=rules, on=on or today(), procedure=procedure, owner_certain=certain)
    found = holdings.of_people(tx, [row.id for row in people], types)
    if not certain and (dossier is None or dossier.owner_id is None):
        # Anyone of that name: whose they are is not known, so only what the actor's units have is shown.
        seen = units_seen(tx, actor)
        found = [held for held in found if seen is None or held.row.unit in seen]
    judged = [judge_each(held, among=found if certain else ()) for held in found]
    answer = ReuseAnswer(
        usable=tuple(best_first([one for one in judged if one.usable])),
        not_usable=tuple(best_first([one for one in judged if not one.usable])),
    )
    shown, asked = f"{len(answer.usable)}/{len(judged)}", mask_numbers(",".join(types))[:_TYPES]
    for who in audit.listed("owner:", [row.id for row in people], room=len(asked) + 1) or ["owner:unknown"]:
        audit.note(tx, actor, "reuse-look", f"{who} {asked}", purpose=purpose, result=shown)
    return answer
