"""One paper, or one scan: looking at it for a purpose, and taking a paper's validity away."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.storage import intake as intakes
from services.storage.errors import NotFound, SharedFile
from services.storage.filing.rules import Rules
from services.storage.look.views import today, views, whole
from services.storage.model import Actor, Intake, PaperView
from services.storage.people.access import Act, named, need, need_purpose, need_unit, units_seen
from services.storage.people.identity import Keyring, mask_numbers
from services.storage.records import audit
from services.storage.records.tables import ComponentRow, DossierRow, IntakeRow, PaperOwnerRow, PaperRow, ReviewRow


def look(tx: Session, keys: Keyring, rules: Rules, actor: Actor, paper_id: int, *, purpose: str) -> PaperView:
    """The paper with its sealed parts. The actor's unit has it, or it belongs to the owner of the dossier that is the
    purpose, or stands in that dossier. Raises NotFound (also for what is not theirs), PurposeNeeded, OtherUnit.
    """
    need(actor, Act.LOOK)
    dossier = need_purpose(tx, actor, purpose)
    row = tx.get(PaperRow, paper_id)
    if row is None or not _may_see(tx, actor, row, dossier):
        raise NotFound(f"paper {paper_id}")
    audit.note(tx, actor, "look", f"paper:{paper_id}", purpose=purpose)
    return whole(tx, keys, rules, row, today())


def with_file(
    tx: Session, keys: Keyring, rules: Rules, actor: Actor, paper_id: int, *, purpose: str
) -> tuple[PaperView, str]:
    """The paper, whose file may be handed over, and the file's name. Another unit's file goes only where it holds
    nothing but this paper. Raises as ``look``, and SharedFile.
    """
    paper = look(tx, keys, rules, actor, paper_id, purpose=purpose)
    seen = units_seen(tx, actor)
    if seen is not None and paper.unit not in seen:
        others = select(PaperRow.id).where(PaperRow.intake_id == paper.intake_id, PaperRow.id != paper.id)
        asked = select(ReviewRow.id).where(
            ReviewRow.intake_id == paper.intake_id, ReviewRow.first_page != paper.first_page
        )
        if tx.execute(others.union(asked)).first() is not None:
            raise SharedFile(f"paper {paper_id}")
    return paper, tx.get_one(IntakeRow, paper.intake_id).file_name


def scan(tx: Session, actor: Actor, intake_id: str) -> Intake:
    """The intake of a file that is looked at: its dossier is the purpose, or itself. Raises NotFound."""
    intake = intakes.one(tx, actor, intake_id)
    audit.note(tx, actor, "look", f"intake:{intake_id}", purpose=intake.dossier_code or intake_id)
    return intake


def of_intake(tx: Session, actor: Actor, intake_id: str) -> list[PaperView]:
    """The papers filed from one intake, in page order. Raises NotFound."""
    scan(tx, actor, intake_id)
    found = select(PaperRow).where(PaperRow.intake_id == intake_id).order_by(PaperRow.first_page)
    return views(tx, tx.execute(found).scalars().all(), today())


def revoke(tx: Session, actor: Actor, paper_id: int, *, reason: str, purpose: str) -> tuple[int, ...]:
    """Thu hồi: the paper stays, and is never offered again, nor is another scan of it. ``purpose`` is the dossier or
    the revoking decision. Says which papers that made. Raises NotFound, OtherUnit, PurposeNeeded, RoleNotAllowed.
    """
    need(actor, Act.REVOKE)
    named(purpose)
    row = tx.get(PaperRow, paper_id)
    if row is None:
        raise NotFound(f"paper {paper_id}")
    need_unit(tx, actor, row.unit)
    scans = select(PaperRow).where(PaperRow.id.in_(_scans(tx, row))).order_by(PaperRow.id).with_for_update()
    revoked = tx.execute(scans).scalars().all()
    for scan in revoked:
        scan.validity, scan.revoked_reason = "BI_THU_HOI", mask_numbers(reason)
        audit.note(tx, actor, "revoke", f"paper:{scan.id}", purpose=purpose)
    tx.flush()
    return tuple(scan.id for scan in revoked)


def _scans(tx: Session, row: PaperRow) -> set[int]:
    """The paper and all it is another scan of or that are other scans of it: among those of its owners and those of
    its number, where filing found them.
    """
    first = row if row.same_as is None else tx.get_one(PaperRow, row.same_as)
    owners = select(PaperOwnerRow.owner_id).where(PaperOwnerRow.paper_id.in_([row.id, first.id]))
    of_owners = select(PaperOwnerRow.paper_id).where(
        PaperOwnerRow.owner_id.in_(owners), PaperOwnerRow.type_code == row.type_code
    )
    found = [select(PaperRow.id).where(PaperRow.id.in_(of_owners), PaperRow.same_as == first.id)]
    found += [
        select(PaperRow.id).where(
            PaperRow.so_ky_hieu_folded == one.so_ky_hieu_folded,
            PaperRow.ngay_cap == one.ngay_cap,
            PaperRow.same_as == first.id,
        )
        for one in (row, first)
    ]
    return {row.id, first.id}.union(*(tx.execute(each).scalars() for each in found))


def _may_see(tx: Session, actor: Actor, row: PaperRow, dossier: DossierRow | None) -> bool:
    seen = units_seen(tx, actor)
    if seen is None or row.unit in seen:
        return True
    if dossier is None:
        return False
    owned = select(PaperOwnerRow.paper_id).where(
        PaperOwnerRow.paper_id == row.id, PaperOwnerRow.owner_id == dossier.owner_id
    )
    standing = select(ComponentRow.id).where(ComponentRow.dossier_id == dossier.id, ComponentRow.paper_id == row.id)
    return tx.execute(owned).first() is not None or tx.execute(standing).first() is not None
