"""Dossiers at the desk: what is needed, what the kho already has, and taking it from there: ``/v1/dossiers``."""

from __future__ import annotations

from fastapi import APIRouter

from api.schemas import AttachedOut, AttachIn, ChecklistItemOut, ChecklistOut
from api.security import Caller, KhoDep
from services.coverage import recheck

router = APIRouter(prefix="/v1/dossiers", tags=["hồ sơ"])


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
