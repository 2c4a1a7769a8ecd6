"""The front desk: scan, watch, reuse."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.shell import PersonDep, page, to_sign_in
from api.security import KhoDep

router = APIRouter(include_in_schema=False)


@router.get("/")
def desk(request: Request, kho: KhoDep, person: PersonDep, dossier: str = "") -> Response:
    if person is None:
        return to_sign_in(request)
    return page(
        request,
        "desk.html",
        person,
        dossier=dossier,
        recent=kho.intakes(person, limit=15),
        max_mb=request.app.state.settings.max_bytes // (1024 * 1024),
    )
