"""Who may do what, and whose papers they see (DESIGN "Promises", DOMAIN §12).

A key or clerk belongs to one unit. They see that unit and the units under it; an ``admin`` sees the province. Papers of
other units reach them only through the reuse look-up, for a dossier of theirs that they name as the purpose.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage.errors import OtherUnit, PurposeNeeded, RoleNotAllowed
from services.storage.model import Actor
from services.storage.people.identity import mask_numbers
from services.storage.records.tables import DossierRow, UnitRow


class Act(StrEnum):
    """What someone wants to do."""

    SCAN = "scan"  # hand in files, see where they stand
    REVIEW = "review"  # decide what a paper is
    LOOK = "look"  # see papers and ask what can be reused
    ATTACH = "attach"  # take a kho paper into a dossier
    SEARCH = "search"
    REVOKE = "revoke"
    ADMINISTER = "administer"  # keys, the log, verification


_DESK = {Act.SCAN, Act.REVIEW, Act.LOOK, Act.ATTACH, Act.SEARCH}
_ROLES: dict[str, set[Act]] = {
    "clerk": _DESK,
    "reviewer": _DESK | {Act.REVOKE},
    "lookup": {Act.LOOK, Act.ATTACH},  # another system, for a dossier it names
    "reporter": set(),  # counts only, no person's paper
    "admin": set(Act),
    "system": {Act.SCAN, Act.REVIEW},  # our own workers
}
ROLES = tuple(_ROLES)


def need(actor: Actor, act: Act) -> None:
    """Raises RoleNotAllowed."""
    if act not in _ROLES.get(actor.role, set()):
        raise RoleNotAllowed(f"{actor.role} may not {act}")


def units_seen(tx: Session, actor: Actor) -> frozenset[str] | None:
    """Codes of the units whose papers the actor may see; None means all."""
    if actor.role == "admin":
        return None
    seen = {actor.unit}
    edge = seen
    while edge:
        edge = set(tx.execute(select(UnitRow.code).where(UnitRow.parent.in_(edge))).scalars()) - seen
        seen |= edge
    return frozenset(seen)


def need_unit(tx: Session, actor: Actor, unit: str) -> None:
    """Raises OtherUnit unless the actor sees this unit's papers."""
    if unit == actor.unit:
        return
    seen = units_seen(tx, actor)
    if seen is not None and unit not in seen:
        raise OtherUnit(unit)


def need_purpose(tx: Session, actor: Actor, purpose: str | None) -> DossierRow | None:
    """The dossier a look is for. Raises PurposeNeeded without one, OtherUnit where it is another unit's.

    A dossier opened this minute may not be in our register yet: then None, and the log carries the code as given.
    """
    dossier = tx.execute(select(DossierRow).where(DossierRow.code == named(purpose))).scalar_one_or_none()
    if dossier is not None:
        need_unit(tx, actor, dossier.unit)
    return dossier


def named(purpose: str | None) -> str:
    """The purpose. Raises PurposeNeeded where there is none, or a person's number, which the log would keep."""
    if not purpose or not purpose.strip() or mask_numbers(purpose) != purpose:
        raise PurposeNeeded
    return purpose
