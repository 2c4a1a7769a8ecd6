"""Taking files in and watching them: ``/v1/intakes``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from api import sentences
from api.schemas import AcceptedOut, FaultOut, IntakeOut, IntakePage, LookOut, PageLook, Problem
from api.security import Caller, KhoDep
from services.limits import Limits
from services.ocr import look_file, render_page
from services.storage.model import IntakeState, Priority, Role

router = APIRouter(prefix="/v1/intakes", tags=["tiếp nhận tệp"])


def limits_of(request: Request) -> Limits:
    """What one untrusted file may cost, from the settings."""
    limits: Limits = request.app.state.limits
    return limits


@router.post("", status_code=202, responses={413: {"model": Problem}, 422: {"model": Problem}})
def take_in(
    request: Request,
    response: Response,
    kho: KhoDep,
    caller: Caller,
    file: Annotated[UploadFile, File(description="PDF, TIFF, JPEG, PNG, WebP, HEIC")],
    dossier: Annotated[str | None, Form(description="mã hồ sơ", max_length=60)] = None,
    role: Annotated[Role | None, Form(description="what the paper is to its dossier, where known")] = None,
    backlog: Annotated[bool, Form(description="no person waits for it")] = False,
) -> AcceptedOut:
    """Takes one file in. When this answers 202 the bytes are durable and the work is recorded."""
    accepted = kho.accept(
        file.file,
        file_name=file.filename or "khong-ten",
        actor=caller,
        dossier=dossier or None,
        role=role,
        priority=Priority.BACKLOG if backlog else Priority.DESK,
    )
    request.app.state.wake(accepted.intake_id)
    response.headers["Location"] = f"/v1/intakes/{accepted.intake_id}"
    return AcceptedOut.of(accepted)


@router.get("")
def list_intakes(
    kho: KhoDep,
    caller: Caller,
    state: IntakeState | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IntakePage:
    """The unit's files, newest first."""
    found = kho.intakes(caller, state=state, after=after, limit=limit)
    return IntakePage(
        items=[IntakeOut.of(intake) for intake in found], next=found[-1].id if len(found) == limit else None
    )


@router.get("/{intake_id}")
def show_intake(kho: KhoDep, caller: Caller, intake_id: str) -> IntakeOut:
    """One file: where it stands, the papers found in it, and those that wait for a person."""
    intake = kho.intake(intake_id, caller)
    if intake.state not in (IntakeState.FILED, IntakeState.REVIEW):
        return IntakeOut.of(intake)
    return IntakeOut.of(intake, kho.papers_of(caller, intake_id), kho.reviews(caller, intake_id=intake_id))


@router.get("/{intake_id}/look")
def look(request: Request, kho: KhoDep, caller: Caller, intake_id: str) -> LookOut:
    """A first look at each page, before it is read: blurred, cut, too small, blank?"""
    intake = kho.intake(intake_id, caller)
    with kho.fetch(intake.sha256) as original:
        qualities = look_file(original, limits=limits_of(request))
    return LookOut(
        pages=[
            PageLook(
                number=number,
                blank=quality.blank,
                effective_dpi=round(quality.effective_dpi),
                faults=[FaultOut(code=code, title=sentences.fault(code)) for code in quality.faults],
            )
            for number, quality in enumerate(qualities, start=1)
        ]
    )


@router.get("/{intake_id}/pages/{number}.png", response_class=Response)
def page_picture(request: Request, kho: KhoDep, caller: Caller, intake_id: str, number: int) -> Response:
    """The upright picture of one page."""
    intake = kho.scan(caller, intake_id)
    with kho.fetch(intake.sha256) as original:
        picture = render_page(original, number, limits=limits_of(request))
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})
