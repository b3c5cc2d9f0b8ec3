"""Checks on every request (known host, same origin, limited body) and security headers on every response."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaling_search.service.errors import body
from scaling_search.service.settings import Settings

MAX_BODY_BYTES = 300_000
"""A study file may have 256 KiB."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class BodyTooLarge(Exception):
    """A request's body exceeds MAX_BODY_BYTES."""


class RequestGuard:
    """ASGI middleware that refuses unsafe requests and adds security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
                if self.settings.tls:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        await self._respond(scope, receive_limited, send_with_headers, lambda: received > MAX_BODY_BYTES)

    async def _respond(self, scope: Scope, receive: Receive, send: Send, is_too_large: Callable[[], bool]) -> None:
        """The application's response; a 413 if the body was too large, even if the application caught the exception."""

        async def send_unless_too_large(message: Message) -> None:
            if not is_too_large():
                await send(message)

        with contextlib.suppress(BodyTooLarge):
            await self.app(scope, receive, send_unless_too_large)
        if is_too_large():
            await _too_large()(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if not self.settings.knows(host):
            return _refused(421, f"this server is not {host[:100]!r}", "start it with --allow-host to allow that name")
        if method not in SAFE_METHODS:
            origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
            if (origin is not None and urlsplit(origin).netloc != host) or site not in ("same-origin", "none"):
                return _refused(403, "the request comes from another site", "use the pages of this server")
        length = headers.get("content-length", "0")
        return None if length.isdigit() and int(length) <= MAX_BODY_BYTES else _too_large()


def _too_large() -> JSONResponse:
    return _refused(413, "the request is too large", f"send at most {MAX_BODY_BYTES} bytes")


def _refused(status: int, message: str, hint: str) -> JSONResponse:
    return JSONResponse(body(status, message, hint), status)
