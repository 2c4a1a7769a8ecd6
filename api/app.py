"""The HTTP door: ``create_app`` opens the kho, hangs the routes on it, and nothing else.

``/v1`` is for systems and for our own pages' scripts; the pages are for people; ``/docs`` describes ``/v1``.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api import problems
from api.body_limit import BodyLimit
from api.pages import desk, figures, kho, review, sign_in
from api.pages.shell import refusal
from api.routes import coverage, dossiers, health, intakes, papers, reviews
from services.settings import Settings
from services.storage import Kho

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_DESCRIPTION = "Số hoá hồ sơ thủ tục hành chính: tiếp nhận tệp quét, kho giấy tờ tái sử dụng, tỷ lệ số hoá từng đơn vị."


def create_app(settings: Settings | None = None, *, wake: Callable[[str], None] | None = None) -> FastAPI:
    """The web service. ``wake`` is called with each accepted intake's id; workers also look by themselves."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.kho = Kho.open(settings)
        app.state.limits = settings.limits
        app.state.wake = wake or _waker(settings.broker_url)
        yield
        app.state.kho.close()

    app = FastAPI(
        title="Số hoá",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    app.add_middleware(BodyLimit, max_bytes=settings.max_bytes)
    app.middleware("http")(_guard_browser)
    problems.install(app, refusal)
    for room in (intakes, reviews, papers, dossiers, coverage, health, sign_in, desk, review, kho, figures):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Số hoá – /v1",
            swagger_js_url="/static/vendor/swagger-ui/swagger-ui-bundle.js",
            swagger_css_url="/static/vendor/swagger-ui/swagger-ui.css",
            swagger_favicon_url="/static/icon.svg",
        )

    return app


async def _guard_browser(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Headers that keep a browser from running anything that is not ours; no address with a NUL goes further."""
    if "\0" in request.url.path or b"%00" in request.scope["query_string"]:
        return problems.respond(problems.problem(problems.BadRequest()))
    response = await call_next(request)
    # Swagger's page starts itself with an inline script; no page of ours does.
    scripts = "'self' 'unsafe-inline'" if request.url.path == "/docs" else "'self'"
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _without_query(record: logging.LogRecord) -> bool:
    """The server's log keeps the address without what was asked: ``owner=`` is an identity number."""
    if isinstance(record.args, tuple):
        record.args = tuple(said.partition("?")[0] if isinstance(said, str) else said for said in record.args)
    return True


def _waker(broker_url: str | None) -> Callable[[str], None]:
    """Tells Celery's workers that there is work. The intake row is the truth: a lost message costs only a moment."""
    if broker_url is None:
        return lambda intake_id: None

    from celery import Celery
    from kombu.exceptions import OperationalError

    queue = Celery("sohoa", broker=broker_url)
    queue.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2}

    def wake(intake_id: str) -> None:
        try:
            queue.send_task("sohoa.process", args=[intake_id], queue="sohoa", retry=False)
        except (OSError, OperationalError) as error:
            _log.warning("the broker does not answer (%s); the sweeper will find intake %s", error, intake_id)

    return wake
