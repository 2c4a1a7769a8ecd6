"""Signing in with the unit's key, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.pages.shell import page
from api.security import COOKIE, COOKIE_S, KhoDep
from services.storage.errors import BadKey

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, next: str = "/") -> Response:
    return page(request, "login.html", None, next=next)


@router.post("/login")
def sign_in(
    request: Request, kho: KhoDep, key: Annotated[str, Form(max_length=200)], next: Annotated[str, Form()] = "/"
) -> Response:
    try:
        kho.actor_of(key.strip(), ip=request.client.host if request.client else None)
    except BadKey as error:
        return page(request, "login.html", None, status=401, next=next, error=error.vi)
    # Only an address of this site: "//elsewhere" and "/\elsewhere" are other people's.
    target = next if next.startswith("/") and next[1:2] not in ("/", "\\") else "/"
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(
        COOKIE,
        key.strip(),
        max_age=COOKIE_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
def sign_out() -> Response:
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response
