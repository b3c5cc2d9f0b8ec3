"""What every request passes first: known host, same origin, a body of bounded size; and the headers every answer carries."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaling_search.service.errors import body
from scaling_search.service.settings import Settings

MOST_BYTES = 300_000
"""Of a request's body; a study file may have 256 KiB."""
SAFE = ("GET", "HEAD", "OPTIONS")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class TooLarge(Exception):
    """A body grew beyond MOST_BYTES."""


class Guard:
    """The ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, seen = Headers(scope=scope), 0

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise TooLarge
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("cache-control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
                if self.settings.tls:
                    out.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            await refusal(scope, receive, sending)
            return
        await self._answer(scope, receiving, sending, lambda: seen > MOST_BYTES)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exceeded: Callable[[], bool]) -> None:
        """The application's answer, or a refusal where it was sent too much, whatever it made of that."""

        async def sending(message: Message) -> None:
            if not exceeded():
                await send(message)

        with contextlib.suppress(TooLarge):
            await self.app(scope, receive, sending)
        if exceeded():
            await _refused(413, "the request is too large", "a study file is a page of YAML")(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if not self.settings.knows(host):
            return _refused(421, f"this server is not {host[:100]!r}", "start it with --allow-host to call it that")
        if method not in SAFE:
            origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
            if (origin is not None and urlsplit(origin).netloc != host) or site not in ("same-origin", "none"):
                return _refused(403, "the request comes from another site", "use the page of this server")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return _refused(413, "the request is too large", "a study file is a page of YAML")
        return None


def _refused(status: int, message: str, hint: str) -> JSONResponse:
    return JSONResponse(body(status, message, hint), status)
