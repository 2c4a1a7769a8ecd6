"""What every page shares: the templates, how values are written in Vietnamese, and the bar on top."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from api import sentences
from api.security import page_actor
from services.coverage import load
from services.errors import SohoaError, error_of
from services.storage.model import Actor, Hit

VIETNAM = dt.timezone(dt.timedelta(hours=7))
_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")

PersonDep = Annotated[Actor | None, Depends(page_actor)]
"""The signed-in person, or None."""

_BAR = (("/", "Bàn tiếp nhận"), ("/review", "Chờ xem"), ("/kho", "Kho giấy tờ"), ("/coverage", "Tỷ lệ số hoá"))


def page(request: Request, template: str, actor: Actor | None, status: int = 200, **values: Any) -> HTMLResponse:
    """A page with the bar on top."""
    shown = {
        "actor": actor,
        "unit_name": values.pop("unit_name", actor.unit if actor else ""),
        "pages": [{"href": href, "name": name} for href, name in _BAR],
        "here": "/" + request.url.path.strip("/").split("/")[0],
        **values,
    }
    return _templates.TemplateResponse(request, template, shown, status_code=status)


def refusal(request: Request, error: SohoaError) -> HTMLResponse:
    """The page that shows an error to a person."""
    return page(request, "refusal.html", None, status=error.http_status, error=error)


def to_sign_in(request: Request) -> RedirectResponse:
    """Sends the browser to sign in and back."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(asked)}", status_code=303)


def day(value: dt.date | str | None) -> str:
    """dd/MM/yyyy, or nothing."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: dt.datetime) -> str:
    """Local time of Việt Nam, to the minute."""
    return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def number(value: int) -> str:
    """Thousands by dots, as the law writes them."""
    return f"{value:,}".replace(",", ".")


def percent(rate: float | None, digits: int = 2) -> str:
    """A rate from 0 to 1 as a percentage with a decimal comma; N/A where there is nothing to divide by."""
    return "N/A" if rate is None else f"{rate * 100:.{digits}f}".replace(".", ",") + " %"


_STATES = {
    "waiting": ("Đang chờ đọc", "busy"),
    "working": ("Đang đọc", "busy"),
    "filed": ("Đã lưu kho", "good"),
    "review": ("Chờ người xem", "warn"),
    "refused": ("Không nhận được", "bad"),
}


def _tag(name: str, kind: str) -> Markup:
    return Markup('<span class="tag {}">{}</span>').format(kind, name)


def marked(hit: Hit) -> Markup:
    """The excerpt of a search hit with the found words marked."""
    out, done = Markup(), 0
    for start, end in hit.marks:
        out += escape(hit.excerpt[done:start]) + Markup("<mark>{}</mark>").format(hit.excerpt[start:end])
        done = end
    return out + escape(hit.excerpt[done:])


_templates.env.filters |= {
    "day": day,
    "moment": moment,
    "number": number,
    "percent": percent,
    "marked": marked,
    "state_tag": lambda state: _tag(*_STATES[state]),
    "validity_tag": lambda code: _tag(*sentences.VALIDITY.get(code, (code, ""))),
    "cause_name": lambda code: load().checks.checks[code].title,
    "error_sentence": lambda code: error_of(code).vi,
}
