"""For supervisors and load balancers: is the process up, and can it do its work?"""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.security import KhoDep
from services.errors import SohoaError

router = APIRouter(tags=["vận hành"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(kho: KhoDep, response: Response) -> dict[str, str | int]:
    """The records answer too; how many files wait and are being worked on."""
    try:
        return {"status": "ok", **kho.queue()}
    except SohoaError as error:
        response.status_code = 503
        return {"status": error.code}
