"""Errors as RFC 9457 problem details, with our stable codes, in Vietnamese first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.errors import AccessError, SohoaError, UsageError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class NotSignedIn(AccessError):
    """No key, an unknown key or one that was disabled."""

    code = "not-signed-in"
    http_status = 401
    vi = "Chưa đăng nhập hoặc khóa truy cập không còn hiệu lực; hãy đăng nhập lại bằng khóa do quản trị viên cấp."
    en = "Not signed in, or the key is no longer valid; sign in with the key your administrator gave you."


class BadRequest(UsageError):
    """A parameter or body that does not fit the door's description."""

    code = "bad-request"
    vi = "Yêu cầu chưa đúng; hãy xem các trường được nêu rồi gửi lại."
    en = "The request does not fit; see the fields named and send it again."


class NoSuchPage(SohoaError):
    """An address that names nothing."""

    code = "not-found"
    http_status = 404
    vi = "Không có địa chỉ này."
    en = "There is nothing at this address."


def problem(error: SohoaError, *, instance: str | None = None, **more: Any) -> dict[str, Any]:
    """The problem document of an error. ``more`` are extension members (RFC 9457 §3.2)."""
    document: dict[str, Any] = {
        "type": f"urn:sohoa:problem:{error.code}",
        "title": error.vi,
        "status": error.http_status,
        "detail": error.en,
        "code": error.code,
    }
    if instance:
        document["instance"] = instance
    return document | more


def respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer that carries a problem document."""
    return JSONResponse(document, status_code=document["status"], media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI, page: Callable[[Request, SohoaError], Response]) -> None:
    """Makes every error of ``app`` a problem document; where a browser asked for a page, the ``page`` that shows it."""

    @app.exception_handler(SohoaError)
    def ours(request: Request, error: SohoaError) -> Response:
        if error.http_status >= 500:
            _log.error("%s on %s: %s", error.code, request.url.path, error.detail)
        if not request.url.path.startswith("/v1") and "text/html" in request.headers.get("accept", ""):
            return page(request, error)
        headers = {"WWW-Authenticate": "Bearer"} if error.http_status == 401 else None
        return respond(problem(error, instance=request.url.path), headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # The values stay out: they may be identity numbers.
        fields = [{"field": ".".join(str(part) for part in e["loc"]), "reason": e["msg"]} for e in error.errors()]
        return respond(problem(BadRequest(), instance=request.url.path, fields=fields))

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> JSONResponse:
        known: SohoaError = NoSuchPage() if error.status_code == 404 else BadRequest(str(error.detail))
        document = problem(known, instance=request.url.path) | {"status": error.status_code}
        return respond(document, dict(error.headers) if error.headers else None)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        # The traceback is for the log only; its text could quote a paper.
        _log.error("unforeseen error on %s", request.url.path, exc_info=error)
        return respond(problem(SohoaError(), instance=request.url.path))
