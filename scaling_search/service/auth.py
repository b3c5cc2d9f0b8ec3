"""Authentication and authorisation: bearer tokens for programs, session cookies and CSRF tokens for browsers."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from scaling_search.service.context import context_of
from scaling_search.service.errors import Refused
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.request_guard import SAFE_METHODS
from scaling_search.store import Actor
from scaling_search.store.accounts import SESSION_HOURS, digest

LOCAL = Actor("local", "operator")
"""The user while no token exists; the server then listens on loopback only."""
BEARER = {"www-authenticate": "Bearer"}
INVALID_TOKEN = "the token is unknown, expired or revoked"


class LoginNeeded(Exception):
    """A page was requested without a valid session."""


def address_of(request: Request) -> str:
    """The client's address."""
    return request.client.host if request.client else "unknown"


def cookie_name(request: Request) -> str:
    """The session cookie's name. Behind TLS its prefix keeps sites of the same domain from setting it."""
    return "__Host-session" if context_of(request).settings.tls else "session"


def set_cookie(request: Request, response: Response, value: str) -> None:
    """Set the session cookie."""
    secure = context_of(request).settings.tls
    response.set_cookie(
        cookie_name(request), value, SESSION_HOURS * 3600, path="/", secure=secure, httponly=True, samesite="lax"
    )


def csrf_of(cookie: str) -> str:
    """The CSRF token of a session. It cannot be computed without the cookie."""
    return digest(f"csrf {cookie}")


def session_cookie(request: Request) -> str:
    """The request's session cookie, or a new value that the response must set."""
    value = request.cookies.get(cookie_name(request))
    return value if value and len(value) <= 100 else secrets.token_urlsafe(32)


def identify(request: Request) -> Actor | None:
    """The user of a request; None without a valid token or session.

    Raises:
        Refused: invalid bearer token, or too many of them.
    """
    context, header = context_of(request), request.headers.get("authorization")
    if header is not None:
        address = address_of(request)
        _check_rate(context.login_limit, address)
        scheme, _, token = header.partition(" ")
        actor = context.accounts.actor(token.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            context.login_limit.failed(address)
            raise Refused(401, INVALID_TOKEN, "see: scaling-search token list", BEARER)
        return actor
    cookie = request.cookies.get(cookie_name(request))
    actor = context.accounts.session(cookie) if cookie else None
    if actor is None and not context.accounts.any_tokens():
        return LOCAL
    return actor


def _check_rate(limit: LoginRateLimit, address: str) -> None:
    wait_s = limit.wait(address)
    if wait_s:
        raise Refused(429, "too many wrong tokens", f"try again in {wait_s} s", {"retry-after": str(wait_s)})


def log_in(request: Request, token: str) -> str:
    """Start a session; returns the cookie's value.

    Raises:
        Refused: invalid token, or too many of them.
    """
    context, address = context_of(request), address_of(request)
    _check_rate(context.login_limit, address)
    actor = context.accounts.actor(token)
    if actor is None:
        context.login_limit.failed(address)
        context.accounts.record(Actor("unknown", "viewer"), address, "login refused")
        raise Refused(401, INVALID_TOKEN, "ask the operator of this server for a token")
    context.accounts.record(actor, address, "login")
    return context.accounts.log_in(actor)


async def check_csrf(request: Request) -> None:
    """Dependency: an unsafe request of a browser must come from a page of this server.

    Raises:
        Refused: no CSRF token, or another session's.
    """
    if request.method in SAFE_METHODS or "authorization" in request.headers:
        return
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None and "origin" not in request.headers and "sec-fetch-site" not in request.headers:
        return  # not a browser
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        field = (await request.form()).get("csrf")
        given = field if isinstance(field, str) else None
    if cookie is None or given is None or not hmac.compare_digest(given.encode(), csrf_of(cookie).encode()):
        raise Refused(403, "the page is out of date", "reload it and try again")


def _viewer(request: Request) -> Actor:
    actor = identify(request)
    if actor is None:
        raise Refused(401, "a token is needed", "send it as: Authorization: Bearer …", BEARER)
    return actor


def _operator(actor: Annotated[Actor, Depends(_viewer)], _: Annotated[None, Depends(check_csrf)]) -> Actor:
    if actor.role != "operator":
        raise Refused(403, "viewers may only look", "ask for an operator's token")
    return actor


def _page_viewer(request: Request) -> Actor:
    actor = identify(request)
    if actor is None:
        raise LoginNeeded
    return actor


Viewer = Annotated[Actor, Depends(_viewer)]
Operator = Annotated[Actor, Depends(_operator)]
PageViewer = Annotated[Actor, Depends(_page_viewer)]
"""The user of a page. Without a session the browser is sent to the login page."""


def to_login(request: Request) -> Response:
    """Redirect to the login page, which leads back to the requested one."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?to={quote(path)}", 303)
