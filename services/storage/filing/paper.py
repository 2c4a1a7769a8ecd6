"""Filing one paper: whose it is, whether the kho has it already, what it replaces, how long it is good.

The whole of it is one transaction of the caller's, idempotent by intake and pages. The owners' rows are locked first;
so two scans that race to replace the same old paper come one after the other, and the newer issue wins whichever
comes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.storage import intake as intakes
from services.storage.filing import dossiers
from services.storage.filing.rules import Rules
from services.storage.filing.same import find_same
from services.storage.filing.sketch import signed64, sketch
from services.storage.model import Actor, Filed, Intake, NewPaper, Role
from services.storage.people import owners as owner_rows
from services.storage.people.identity import Keyring, mask_numbers
from services.storage.records import audit
from services.storage.records.tables import OwnerRow, PaperOwnerRow, PaperRow
from services.storage.search import index as search_index
from services.storage.search.index import folded_number
from services.vietnamese import fold, storable

STANDING = ("CON", "KHONG_RO")  # neither replaced nor revoked
ORIGINALS = ("CHINH", "DIEN_TU")  # DOMAIN §3.2: any other copy serves its dossier and is not reused


def file_paper(tx: Session, keys: Keyring, rules: Rules, intake: Intake, paper: NewPaper, *, actor: Actor) -> Filed:
    """Files the paper and puts it on its dossier. Raises LeaseLost where the work is no longer this worker's."""
    intakes.hold(tx, intake)
    paper = storable_paper(paper)
    if (row := _filed_before(tx, intake, paper)) is not None:
        return Filed(row.id, row.code, row.dossier_code or None, row.same_as, ())
    owners = owner_rows.ensure(tx, keys, paper.owners)
    row = _row(keys, rules, intake, paper, actor)
    earlier, sure = find_same(tx, row, [owner.id for owner in owners])
    row.same_as = earlier if sure else None
    row.ordinal = _ordinal(tx, owners, paper.type_code)
    row.code = f"~{intake.id}:{paper.first_page}-{paper.last_page}"  # its own number is not known yet
    tx.add(row)
    tx.flush()
    row.ordinal = row.ordinal or row.id
    row.code = rules.code.kept.format(**code_parts(row, owners))
    tx.add_all(PaperOwnerRow(owner_id=owner.id, type_code=row.type_code, paper_id=row.id) for owner in owners)
    tx.flush()
    search_index.index(tx, row, owners, paper.text)
    superseded = _supersede(tx, row, [owner.id for owner in owners])
    dossier_code = _onto_dossier(tx, rules, intake, paper, row)
    audit.note(tx, actor, "file", f"paper:{row.id}", purpose=dossier_code, result="same-as" if earlier else "ok")
    for old in superseded:
        audit.note(tx, actor, "supersede", f"paper:{old}", purpose=dossier_code, result=f"by:{row.id}")
    tx.flush()
    return Filed(row.id, row.code, dossier_code, earlier, superseded)


def storable_paper(paper: NewPaper) -> NewPaper:
    """The paper with its words as every record store takes them: what was read, or typed, may be anything."""
    words: dict[str, Any] = {
        name: storable(value)
        for name in ("so_ky_hieu", "co_quan_cap", "trich_yeu", "nguoi_ky", "scope", "ma_ho_so", "text")
        if (value := getattr(paper, name)) is not None
    }
    return replace(paper, **words, owners=tuple(replace(owner, name=storable(owner.name)) for owner in paper.owners))


def code_parts(row: PaperRow, owners: Sequence[OwnerRow]) -> dict[str, object]:
    """What a code template may name (DOMAIN §3.6); the owner part stays empty where the owner is unknown."""
    return {
        "owner_key": owners[0].id if owners else "",
        "type": row.type_code,
        "nn": row.ordinal,
        "unit": row.unit,
        "year": row.filed_at.year,
    }


def _filed_before(tx: Session, intake: Intake, paper: NewPaper) -> PaperRow | None:
    found = select(PaperRow).where(
        PaperRow.intake_id == intake.id,
        PaperRow.first_page == paper.first_page,
        PaperRow.last_page == paper.last_page,
    )
    return tx.execute(found).scalar_one_or_none()


def _row(keys: Keyring, rules: Rules, intake: Intake, paper: NewPaper, actor: Actor) -> PaperRow:
    # An identity card's number is its owner's: it stands masked, like any identity number outside the sealed parts.
    number = mask_numbers(paper.so_ky_hieu) if paper.so_ky_hieu else None
    valid_to, known = rules.valid_to(paper.type_code, paper.ngay_cap, paper.valid_to)
    return PaperRow(
        type_code=paper.type_code,
        type_name=paper.type_name,
        copy_kind=paper.copy_kind,
        unit=intake.unit,
        dossier_code=intake.dossier_code or "",
        intake_id=intake.id,
        first_page=paper.first_page,
        last_page=paper.last_page,
        object_sha256=intake.sha256,
        archive_sha256=paper.archive_sha256,
        so_ky_hieu=number[:120] if number else None,
        so_ky_hieu_folded=folded_number(number)[:120] if number else None,
        ngay_cap=paper.ngay_cap,
        co_quan_cap=paper.co_quan_cap[:300] if paper.co_quan_cap else None,
        co_quan_cap_folded=fold(paper.co_quan_cap)[:300] if paper.co_quan_cap else None,
        trich_yeu=mask_numbers(paper.trich_yeu) if paper.trich_yeu else None,
        nguoi_ky=paper.nguoi_ky[:200] if paper.nguoi_ky else None,
        scope=mask_numbers(paper.scope) if paper.scope else None,
        details_sealed=keys.seal_json({"more": dict(paper.more), "places": dict(paper.places)}),
        valid_from=paper.ngay_cap,
        valid_to=valid_to,
        validity="CON" if known else "KHONG_RO",
        signature=paper.signature,
        thing=_thing(rules, paper, number),
        phash=signed64(paper.phash),
        sketch=sketch(paper.text),
        confidence=paper.confidence,
        decided_by=paper.decided_by[:80],
        filed_at=dt.datetime.now(dt.UTC),
    )


def _thing(rules: Rules, paper: NewPaper, number: str | None) -> str | None:
    """What the paper is about, None where its rule names nothing or a field of it was not read."""
    fields = rules.of(paper.type_code).thing
    if fields is None:
        return None
    parts = []
    for name in fields:
        value = paper.more.get(name.removeprefix("more.")) if name.startswith("more.") else None
        if isinstance(value, dict):  # a field with its place and confidence
            value = value.get("value")
        if name == "so_ky_hieu_folded" and number:
            value = folded_number(number)
        if not value:
            return None
        parts.append(fold(str(value)))
    return "|".join(parts)[:200]


def _ordinal(tx: Session, owners: Sequence[OwnerRow], type_code: str) -> int:
    """The next nn of the first owner's papers of this type (their row is locked); 0 asks for the paper's own id."""
    if not owners:
        return 0
    mine = (
        select(func.max(PaperRow.ordinal))
        .join(PaperOwnerRow, PaperOwnerRow.paper_id == PaperRow.id)
        .where(PaperOwnerRow.owner_id == owners[0].id, PaperOwnerRow.type_code == type_code)
    )
    return (tx.execute(mine).scalar() or 0) + 1


def _supersede(tx: Session, row: PaperRow, owner_ids: Sequence[int]) -> tuple[int, ...]:
    """Marks older issues of the same thing replaced by this one, or this one by a newer; returns those it replaced."""
    if row.thing is None or row.ngay_cap is None or row.copy_kind not in ORIGINALS or not owner_ids:
        return ()
    rivals = (
        tx.execute(
            select(PaperRow)
            .join(PaperOwnerRow, PaperOwnerRow.paper_id == PaperRow.id)
            .where(
                PaperOwnerRow.owner_id == min(owner_ids),
                PaperOwnerRow.type_code == row.type_code,
                PaperRow.thing == row.thing,
                PaperRow.id != row.id,
                PaperRow.copy_kind.in_(ORIGINALS),
                PaperRow.ngay_cap.is_not(None),
            )
            .order_by(PaperRow.ngay_cap, PaperRow.id)
        )
        .scalars()
        .all()
    )
    rivals = [rival for rival in rivals if _owners_of(tx, rival.id) == set(owner_ids)]
    # A newer issue has replaced this one even if it was itself replaced or revoked since.
    newer = [rival for rival in rivals if rival.ngay_cap and rival.ngay_cap > row.ngay_cap]
    if newer:
        standing = [rival for rival in newer if rival.validity in STANDING]
        row.validity, row.superseded_by = "BI_THAY_THE", (standing or newer)[-1].id
        return ()
    older = [rival.id for rival in rivals if rival.ngay_cap and rival.ngay_cap < row.ngay_cap]
    # Asked again as they are changed: one may have been revoked this moment.
    still = update(PaperRow).where(PaperRow.id.in_(older), PaperRow.validity.in_(STANDING))
    replaced = still.values(validity="BI_THAY_THE", superseded_by=row.id).returning(PaperRow.id)
    return tuple(sorted(tx.execute(replaced).scalars())) if older else ()


def _owners_of(tx: Session, paper_id: int) -> set[int]:
    return set(tx.execute(select(PaperOwnerRow.owner_id).where(PaperOwnerRow.paper_id == paper_id)).scalars())


def _onto_dossier(tx: Session, rules: Rules, intake: Intake, paper: NewPaper, row: PaperRow) -> str | None:
    """Onto the dossier the clerk named, else the one printed on the paper if this unit has it: a code that was read
    may be misread, so it opens nothing.
    """
    if intake.dossier_code:
        dossier = dossiers.find_or_open(tx, intake.dossier_code, intake.unit)
    else:
        known = dossiers.find(tx, paper.ma_ho_so) if paper.ma_ho_so else None
        if known is None or known.unit != intake.unit:
            return None
        dossier = known
    row.dossier_code = dossier.code
    role = intake.role or rules.of(paper.type_code).role or Role.THANH_PHAN
    dossiers.add_paper(tx, dossier, row, role)
    return dossier.code
