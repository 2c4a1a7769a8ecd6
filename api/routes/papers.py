"""The kho: reuse, search, one paper. Each look names its purpose, the dossier code: ``/v1/papers``, ``/v1/reuse``."""

from __future__ import annotations

import datetime as dt
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.problems import NoSuchPage
from api.routes.intakes import limits_of
from api.schemas import HitOut, HitPage, Id, JudgedOut, PaperOut, ReuseOut, RevokeIn
from api.security import Caller, KhoDep
from services.coverage import recheck_paper
from services.ocr import render_page
from services.storage import Kho
from services.storage.model import NewOwner

router = APIRouter(prefix="/v1", tags=["kho"])

Purpose = Annotated[str, Query(description="mã hồ sơ: the dossier this look is for; it goes into the log")]


@router.get("/reuse")
def reuse(
    kho: KhoDep,
    caller: Caller,
    type: Annotated[str, Query(description="paper type code, such as KS")],
    purpose: Purpose,
    owner: Annotated[str | None, Query(description="identity number or tax code")] = None,
    name: Annotated[str | None, Query(description="the owner's name, with birth_date, when there is no number")] = None,
    birth_date: dt.date | None = None,
    procedure: str | None = None,
) -> ReuseOut:
    """Does the kho already have this? Papers to take, and papers to leave, each with why (DOMAIN §3.8)."""
    asked: str | NewOwner = owner or NewOwner("CA_NHAN", name or "", None, birth_date)
    answer = kho.reuse(caller, owner=asked, type=type, procedure=procedure, purpose=purpose)
    return ReuseOut(
        usable=[JudgedOut.of(judged) for judged in answer.usable],
        not_usable=[JudgedOut.of(judged) for judged in answer.not_usable],
    )


@router.get("/search")
def search(
    kho: KhoDep,
    caller: Caller,
    purpose: Purpose,
    q: Annotated[str, Query(description="words, with or without accents", max_length=400)] = "",
    owner: str | None = None,
    number: Annotated[str | None, Query(description="số, ký hiệu")] = None,
    type: str | None = None,
    unit: str | None = None,
    issued_from: dt.date | None = None,
    issued_to: dt.date | None = None,
    valid_on: dt.date | None = None,
    after: Annotated[str | None, Query(description="the cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> HitPage:
    """Full text and fields, best first."""
    hits = kho.find(
        caller,
        q,
        purpose=purpose,
        owner=owner,
        number=number,
        type=type,
        unit=unit,
        issued_from=issued_from,
        issued_to=issued_to,
        valid_on=valid_on,
        after=after,
        limit=limit,
    )
    return HitPage(
        items=[HitOut(paper=PaperOut.of(hit.paper), excerpt=hit.excerpt, marks=list(hit.marks)) for hit in hits.hits],
        next=hits.after,
    )


@router.get("/papers/{paper_id}")
def show_paper(kho: KhoDep, caller: Caller, paper_id: Id, purpose: Purpose) -> PaperOut:
    """One paper with all its values."""
    return PaperOut.of(kho.paper(caller, paper_id, purpose=purpose))


@router.get("/papers/{paper_id}/file", response_class=FileResponse)
def original(kho: KhoDep, caller: Caller, paper_id: Id, purpose: Purpose) -> Response:
    """The original bytes it was scanned into, untouched. Another unit's file is given where it holds nothing else."""
    paper, name = kho.paper_with_file(caller, paper_id, purpose=purpose)
    return _download(kho, paper.sha256, name)


@router.get("/papers/{paper_id}/archive", response_class=FileResponse)
def archive(kho: KhoDep, caller: Caller, paper_id: Id, purpose: Purpose) -> Response:
    """The searchable PDF/A copy of that file."""
    paper, name = kho.paper_with_file(caller, paper_id, purpose=purpose)
    if paper.archive_sha256 is None:
        raise NoSuchPage("no archive copy")
    return _download(kho, paper.archive_sha256, f"{PurePath(name).stem}.pdfa.pdf")


@router.get("/papers/{paper_id}/pages/{number}.png", response_class=Response)
def page_picture(
    request: Request, kho: KhoDep, caller: Caller, paper_id: Id, number: int, purpose: Purpose
) -> Response:
    """The upright picture of one of its pages."""
    paper = kho.paper(caller, paper_id, purpose=purpose)
    if not paper.first_page <= number <= paper.last_page:
        raise NoSuchPage("page")
    with kho.fetch(paper.sha256) as file:
        picture = render_page(file, number, limits=limits_of(request))
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


@router.post("/papers/{paper_id}/revoke", status_code=204)
def revoke(kho: KhoDep, caller: Caller, paper_id: Id, why: RevokeIn) -> None:
    """Marks a paper as revoked: it stays in the kho and is never offered again."""
    with kho.looking(caller, "revoke", f"paper:{paper_id}", why.purpose) as tx:
        for revoked in kho.revoke(tx, caller, paper_id, reason=why.reason, purpose=why.purpose):
            recheck_paper(tx, revoked)


def _download(kho: Kho, sha256: str, name: str) -> FileResponse:
    """Streams an object. A stored file is never shown inside our pages: always an attachment, never sniffed."""
    fetched = kho.fetch(sha256)
    path = fetched.__enter__()
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "ETag": f'"{sha256}"',
        },
        background=BackgroundTask(fetched.__exit__, None, None, None),
    )
