"""Path parameters, documented errors and the audit record shared by the API's routers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from scaling_search.service.auth import address_of
from scaling_search.service.context import context_of
from scaling_search.service.errors import ErrorShape
from scaling_search.store import Actor

Name = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of the study.", examples=["quickstart"]),
]
Number = Annotated[int, Path(ge=0, lt=2**31, description="Number of the trial, from 0.")]

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorShape, "description": "The body cannot be read."},
    401: {"model": ErrorShape, "description": "A valid token is needed."},
    403: {"model": ErrorShape, "description": "The token's role, or the page it comes from, does not allow it."},
    404: {"model": ErrorShape, "description": "Not found."},
    409: {"model": ErrorShape, "description": "Not allowed in the current state."},
    413: {"model": ErrorShape, "description": "The request is too large."},
    421: {"model": ErrorShape, "description": "The Host header names another server."},
    422: {"model": ErrorShape, "description": "A field is invalid; `fields` says which."},
    429: {"model": ErrorShape, "description": "Too many wrong tokens."},
    503: {"model": ErrorShape, "description": "The database cannot be used."},
}


def router(*tags: str) -> APIRouter:
    """A router of the API with its documented errors."""
    return APIRouter(prefix="/api/v1", tags=list(tags), responses=ERRORS)


def record(request: Request, actor: Actor, action: str, study: str | None = None, detail: str | None = None) -> None:
    """Add a user's action to the audit trail."""
    context_of(request).accounts.record(actor, address_of(request), action, study, detail)
