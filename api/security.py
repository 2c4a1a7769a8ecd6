"""Who is asking: an API key in a header for systems, a signed cookie for people in a browser.

A key is bound to one unit and one role. A cookie holds the key's id and an end, signed with a secret of the kho, so
any web process can check it and a disabled key ends its sessions at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.problems import NotSignedIn, RoleMissing
from services.storage import Kho
from services.storage.model import Actor

COOKIE = "sohoa_session"
SESSION_S = 10 * 3600  # one working day

_bearer = HTTPBearer(auto_error=False, description="API key of your unit")
_header = APIKeyHeader(name="X-API-Key", auto_error=False)

# What each role may do. "admin" may do all of it, within its unit; the unit of level TINH sees every unit.
MAY: dict[str, frozenset[str]] = {
    "clerk": frozenset({"scan", "look", "reuse", "report"}),
    "reviewer": frozenset({"scan", "look", "reuse", "review", "report"}),
    "lookup": frozenset({"look", "reuse"}),
    "reporter": frozenset({"report"}),
    "admin": frozenset({"scan", "look", "reuse", "review", "report", "register", "revoke", "audit"}),
}


def get_kho(request: Request) -> Kho:
    """The one kho of this process, opened by ``create_app``."""
    kho: Kho = request.app.state.kho
    return kho


KhoDep = Annotated[Kho, Depends(get_kho)]


def make_session(kho: Kho, key_id: int, *, now: float | None = None) -> str:
    """A cookie value for the holder of key ``key_id``, good for ``SESSION_S`` seconds."""
    payload = f"{key_id}.{int((now or time.time()) + SESSION_S)}"
    return f"{payload}.{_sign(kho, payload)}"


def _sign(kho: Kho, payload: str) -> str:
    digest = hmac.new(kho.secret("web-session"), payload.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _from_session(kho: Kho, cookie: str) -> Actor | None:
    payload, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(signature, _sign(kho, payload)):
        return None
    key_id, _, until = payload.partition(".")
    if int(until) < time.time():
        return None
    return kho.actor_of_key_id(int(key_id))


def current_actor(
    request: Request,
    kho: KhoDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Actor:
    """The caller. Raises NotSignedIn."""
    key = bearer.credentials if bearer else header
    if key:
        actor = kho.actor_of_key(key)
    else:
        cookie = request.cookies.get(COOKIE)
        actor = _from_session(kho, cookie) if cookie and _same_site(request) else None
    if actor is None:
        raise NotSignedIn
    ip = request.client.host if request.client else None
    return Actor(name=actor.name, unit=actor.unit, role=actor.role, ip=ip)


def _same_site(request: Request) -> bool:
    """A cookie counts for a change only when the page that asks is ours (beside SameSite=Strict)."""
    if request.method in ("GET", "HEAD"):
        return True
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def allowed(what: str) -> Callable[[Actor], Actor]:
    """A dependency that lets through those whose role may do ``what``. Raises RoleMissing."""

    def check(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        if what not in MAY.get(actor.role, frozenset()):
            raise RoleMissing
        return actor

    return check


Anyone = Annotated[Actor, Depends(current_actor)]
Scanner = Annotated[Actor, Depends(allowed("scan"))]
Looker = Annotated[Actor, Depends(allowed("look"))]
Reuser = Annotated[Actor, Depends(allowed("reuse"))]
Reviewer = Annotated[Actor, Depends(allowed("review"))]
Reporter = Annotated[Actor, Depends(allowed("report"))]
Registrar = Annotated[Actor, Depends(allowed("register"))]
Revoker = Annotated[Actor, Depends(allowed("revoke"))]
Auditor = Annotated[Actor, Depends(allowed("audit"))]
