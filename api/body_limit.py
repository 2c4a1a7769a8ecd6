"""A request body may be neither too big nor too slow: checked as it arrives, before anything is parsed."""

from __future__ import annotations

import asyncio
import json
from typing import ClassVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE, problem
from services.errors import SohoaError
from services.storage.errors import TooLarge

FORM_OVERHEAD = 64 * 1024  # multipart headers and the small fields around a file


class BodyTooSlow(SohoaError):
    """The sender paused longer than we wait."""

    code = "too-slow"
    http_status = 408
    vi = "Đường truyền bị ngắt giữa chừng; hãy gửi lại tệp."
    en = "The upload stalled; please send the file again."


class BodyLimit:
    """ASGI middleware. ``max_bytes`` bounds one body, ``idle_s`` the pause between two of its parts."""

    idle_s: ClassVar[float] = 30.0

    def __init__(self, app: ASGIApp, *, max_bytes: int, idle_s: float | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes + FORM_OVERHEAD
        self._idle_s = idle_s or self.idle_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await _refuse(send, TooLarge())
            return

        taken = 0
        whole = False
        started = False

        async def counted() -> Message:
            nonlocal taken, whole
            if whole:  # after the body, receive() only waits for the client to go away
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._idle_s)
            except TimeoutError:
                raise _Stop(BodyTooSlow()) from None
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if taken > self._max_bytes:
                    raise _Stop(TooLarge())
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _Stop as stop:
            if not started:
                await _refuse(send, stop.error)


class _Stop(BaseException):
    """Leaves the application from inside ``receive``; a BaseException so that no handler takes it for its own."""

    def __init__(self, error: SohoaError) -> None:
        super().__init__(error.code)
        self.error = error


async def _refuse(send: Send, error: SohoaError) -> None:
    body = json.dumps(problem(error), ensure_ascii=False).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
