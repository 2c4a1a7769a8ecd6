"""Who is asking: an API key in a header for systems, the same key in a cookie for people in a browser.

A key is bound to one unit and one role (``services.storage.people.access``), so what it may do is decided by the kho
and not here. The cookie cannot be read by scripts, goes to this site only, and stops working when the key is disabled.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.problems import NotSignedIn
from services.storage import Kho
from services.storage.errors import BadKey
from services.storage.model import Actor

COOKIE = "sohoa_key"
COOKIE_S = 10 * 3600  # one working day

_bearer = HTTPBearer(auto_error=False, description="Khóa truy cập của đơn vị / your unit's API key")
_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def get_kho(request: Request) -> Kho:
    """The one kho of this process, opened by ``create_app``."""
    kho: Kho = request.app.state.kho
    return kho


KhoDep = Annotated[Kho, Depends(get_kho)]


def current_actor(
    request: Request,
    kho: KhoDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Actor:
    """The caller. Raises NotSignedIn, BadKey."""
    key = bearer.credentials if bearer else header
    if key is None and _from_our_pages(request):
        key = request.cookies.get(COOKIE)
    if not key:
        raise NotSignedIn
    return kho.actor_of(key, ip=request.client.host if request.client else None)


def page_actor(request: Request, kho: KhoDep) -> Actor | None:
    """The person whose browser asks for a page; None sends them to sign in."""
    key = request.cookies.get(COOKIE)
    if not key:
        return None
    try:
        return kho.actor_of(key, ip=request.client.host if request.client else None)
    except BadKey:
        return None


def _from_our_pages(request: Request) -> bool:
    """A cookie counts for a change only when the page that asks is ours (a second wall behind SameSite=Strict)."""
    if request.method in ("GET", "HEAD"):
        return True
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


Caller = Annotated[Actor, Depends(current_actor)]
"""The signed-in caller, as the kho knows them."""
