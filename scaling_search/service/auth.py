"""Who is asking, and whether they may: bearer tokens for programs, a session cookie and a CSRF token for browsers."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from scaling_search.service.context import kept
from scaling_search.service.errors import Refused
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.request_guard import SAFE
from scaling_search.store import Actor
from scaling_search.store.accounts import SESSION_HOURS, digest

LOCAL = Actor("local", "operator")
"""Whoever asks while there is no token: the address is loopback then."""


def address_of(request: Request) -> str:
    """The peer's address."""
    return request.client.host if request.client else "unknown"


def cookie_name(request: Request) -> str:
    """Behind TLS the prefix keeps other sites of the domain from setting it."""
    return "__Host-session" if kept(request).settings.tls else "session"


def set_cookie(request: Request, response: Response, value: str) -> None:
    """Keep a session's cookie in the browser."""
    secure = kept(request).settings.tls
    response.set_cookie(
        cookie_name(request), value, SESSION_HOURS * 3600, path="/", secure=secure, httponly=True, samesite="lax"
    )


def csrf_of(cookie: str) -> str:
    """The CSRF token that belongs to a session: who does not hold the cookie cannot know it."""
    return digest(f"csrf {cookie}")


def session_cookie(request: Request) -> str:
    """The session's cookie, or a new one's value that the answer must set."""
    value = request.cookies.get(cookie_name(request))
    return value if value and len(value) <= 100 else secrets.token_urlsafe(32)


def identify(request: Request) -> Actor | None:
    """Who asks; None when nobody known does.

    Raises:
        Refused: a bearer token is wrong, or too many were.
    """
    access, header = kept(request).access, request.headers.get("authorization")
    if header is not None:
        limiter, address = kept(request).limiter, address_of(request)
        _may_try(limiter, address)
        scheme, _, token = header.partition(" ")
        actor = access.actor(token.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            limiter.failed(address)
            raise Refused(401, "the token is unknown, expired or revoked", "see: scaling-search token list", BEARER)
        return actor
    cookie = request.cookies.get(cookie_name(request))
    actor = access.session(cookie) if cookie else None
    if actor is None and not access.any_tokens():
        return LOCAL
    return actor


BEARER = {"www-authenticate": "Bearer"}


def _may_try(limiter: LoginRateLimit, address: str) -> None:
    wait = limiter.wait(address)
    if wait:
        raise Refused(429, "too many wrong tokens", f"try again in {wait} s", {"retry-after": str(wait)})


def log_in(request: Request, token: str) -> str:
    """The cookie of a new session.

    Raises:
        Refused: the token is wrong, or too many were.
    """
    limiter, address = kept(request).limiter, address_of(request)
    _may_try(limiter, address)
    actor = kept(request).access.actor(token)
    if actor is None:
        limiter.failed(address)
        kept(request).access.record(Actor("unknown", "viewer"), address, "login refused")
        raise Refused(401, "the token is unknown, expired or revoked", "ask who runs this server for one")
    kept(request).access.record(actor, address, "login")
    return kept(request).access.log_in(actor)


async def check_csrf(request: Request) -> None:
    """See that an unsafe request of a browser comes from one of our pages.

    Raises:
        Refused: it has no CSRF token, or another session's.
    """
    if request.method in SAFE or "authorization" in request.headers:
        return
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None and "origin" not in request.headers and "sec-fetch-site" not in request.headers:
        return  # no browser
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


Viewer = Annotated[Actor, Depends(_viewer)]
Operator = Annotated[Actor, Depends(_operator)]
