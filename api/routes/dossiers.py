"""Dossiers at the desk: what is needed, what the kho already has, and taking it from there: ``/v1/dossiers``."""

from __future__ import annotations

from fastapi import APIRouter

from api.schemas import AttachedOut, AttachIn, ChecklistItemOut, ChecklistOut, CheckOut, DossierIn, DossierOut
from api.security import Caller, KhoDep
from services.coverage import Checks, explain, open_dossier, recheck
from services.coverage.periods import vietnam_today
from services.storage.access import Act, need, need_unit
from services.storage.model import NewOwner
from services.storage.owners import ensure

router = APIRouter(prefix="/v1/dossiers", tags=["hồ sơ"])


@router.post("", status_code=201)
def open_at_desk(kho: KhoDep, caller: Caller, new: DossierIn) -> DossierOut:
    """Opens a dossier received at the desk today; its checks say what it still lacks."""
    need(caller, Act.SCAN)
    unit = new.unit or caller.unit
    with kho.begin() as tx:
        need_unit(tx, caller, unit)
        owner = new.owner and NewOwner(
            kind=new.owner.kind,
            name=new.owner.name,
            identifier=new.owner.identifier,
            birth_date=new.owner.birth_date,
        )
        rows = ensure(tx, kho.keys, [owner]) if owner else []
        checks = open_dossier(
            tx,
            new.code,
            unit=unit,
            procedure=new.procedure,
            owner_id=rows[0].id if rows else None,
            owner_kind=owner.kind if owner else None,
            channel=new.channel,
            received_on=new.received_on or vietnam_today(),
            due_on=new.due_on,
        )
    return _shown(checks)


@router.get("/{code}")
def show_dossier(kho: KhoDep, caller: Caller, code: str) -> DossierOut:
    """The checks that decide whether the dossier counts as digitized, and what to do about each that fails."""
    with kho.begin() as tx:
        checks = explain(tx, code)
        need_unit(tx, caller, checks.unit)
    return _shown(checks)


@router.get("/{code}/checklist")
def checklist(kho: KhoDep, caller: Caller, code: str) -> ChecklistOut:
    """Each paper the procedure asks for: in this dossier, in the kho and reusable, there but not usable, or missing."""
    found = kho.checklist(caller, code)
    return ChecklistOut(
        dossier=found.dossier_code,
        procedure=found.procedure,
        complete=found.complete,
        components=[ChecklistItemOut.of(item) for item in found.items],
    )


@router.post("/{code}/reuse")
def attach(kho: KhoDep, caller: Caller, code: str, wanted: AttachIn) -> AttachedOut:
    """Takes a kho paper into the dossier instead of scanning it again; the same call again changes nothing."""
    with kho.begin() as tx:
        attached = kho.attach(tx, caller, code, wanted.paper_id)
        recheck(tx, code)
    return AttachedOut(
        reuse_id=attached.reuse_id,
        paper_id=attached.paper_id,
        dossier=attached.dossier_code,
        already=attached.already,
    )


def _shown(checks: Checks) -> DossierOut:
    return DossierOut(
        code=checks.dossier_code,
        unit=checks.unit,
        received_on=checks.received_on,
        digitized=checks.digitized,
        checks=[CheckOut.model_validate(check, from_attributes=True) for check in checks.checks],
    )
