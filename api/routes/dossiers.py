"""Dossiers at the desk: what is needed, what the kho already has, and taking it from there: ``/v1/dossiers``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.schemas import BodyIn, Id, JudgedOut
from api.security import Caller, KhoDep
from services.coverage import Checks, explain, open_dossier, recheck
from services.coverage.periods import vietnam_today
from services.storage.model import ChecklistItem, NewOwner
from services.storage.people.access import Act, need, need_unit
from services.storage.people.owners import ensure

router = APIRouter(prefix="/v1/dossiers", tags=["hồ sơ"])


class ChecklistItemOut(BaseModel):
    """One paper the procedure asks for."""

    component_code: str
    name: str
    accepts: list[str]
    required: bool
    of_relation: str | None
    state: str = Field(description="in-dossier, in-kho, not-usable, missing")
    vi: str
    papers: list[JudgedOut]

    @classmethod
    def of(cls, item: ChecklistItem) -> Self:
        return cls(
            component_code=item.component_code,
            name=item.name,
            accepts=list(item.accepts),
            required=item.required,
            of_relation=item.of_relation,
            state=item.state,
            vi=item.vi,
            papers=[JudgedOut.of(judged) for judged in item.papers],
        )


class ChecklistOut(BaseModel):
    dossier: str
    procedure: str | None
    complete: bool
    components: list[ChecklistItemOut]


class AttachIn(BaseModel):
    paper_id: Id


class AttachedOut(BaseModel):
    """The kho's paper stands on the dossier; ``already`` says it did before."""

    reuse_id: int
    paper_id: int
    dossier: str
    already: bool


class OwnerIn(BodyIn):
    """Whose dossier it is. ``kind``: CA_NHAN, TO_CHUC or HKD."""

    kind: Literal["CA_NHAN", "TO_CHUC", "HKD"] = "CA_NHAN"
    name: str = Field(min_length=1, max_length=300)
    identifier: str | None = Field(None, max_length=20)
    birth_date: dt.date | None = None


class DossierIn(BodyIn):
    """A dossier opened at the desk. ``channel``: 1 direct, 2 online, 3 post."""

    code: str = Field(max_length=60)
    unit: str | None = None
    procedure: str | None = None
    owner: OwnerIn | None = None
    channel: Literal[1, 2, 3] = 1
    received_on: dt.date | None = None
    due_on: dt.date | None = None


class CheckOut(BaseModel):
    """One check (C1 to C7) of a dossier: ``vi``/``en`` say what to do, ``loses`` which indicators it costs."""

    code: str
    title: str
    passed: bool
    vi: str
    en: str
    loses: list[str]
    points: Decimal | None


class DossierOut(BaseModel):
    code: str
    unit: str
    received_on: dt.date | None
    digitized: bool
    checks: list[CheckOut]


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
    with kho.looking(caller, "reuse", f"paper:{wanted.paper_id}", code) as tx:
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
