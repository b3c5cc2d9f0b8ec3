"""Error responses: every error has the JSON shape {"error": {"code", "message", "hint", "fields"}}, or is a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from scaling_search.errors import (
    IllegalTransition,
    InputError,
    LeaseLost,
    NotFound,
    ScalingSearchError,
    StoreError,
    StudyExists,
)

STATUS: tuple[tuple[type[ScalingSearchError], int], ...] = (
    (NotFound, 404),
    (StudyExists, 409),
    (IllegalTransition, 409),
    (LeaseLost, 409),
    (InputError, 422),
    (StoreError, 503),
)


class Fault(BaseModel):
    """An invalid field."""

    field: str
    message: str


class ErrorBody(BaseModel):
    """The error and a hint."""

    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["there is no study 'x'"])
    hint: str = ""
    fields: list[Fault] = []


class ErrorShape(BaseModel):
    """The body of every error response."""

    error: ErrorBody


class Refused(Exception):
    """A refused request; ``headers`` are added to the response."""

    def __init__(self, status: int, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.hint, self.headers = status, message, hint, dict(headers or {})


def body(status: int, message: str, hint: str = "", fields: Sequence[Fault] = ()) -> dict[str, Any]:
    """The JSON body of an error."""
    code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    return ErrorShape(error=ErrorBody(code=code, message=message, hint=hint, fields=list(fields))).model_dump()


def wants_page(request: Request) -> bool:
    """Whether the client is a browser that opens a page."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


ErrorPage = Callable[[Request, int, str, str, Mapping[str, str] | None], Response]
"""(request, status, message, hint, headers) → a page."""


def add_handlers(app: FastAPI, error_page: ErrorPage) -> None:
    """Register handlers of every kind of error."""

    def respond(request: Request, status: int, message: str, hint: str = "", **more: Any) -> Response:
        fields, headers = more.get("fields", ()), more.get("headers")
        if wants_page(request):
            return error_page(request, status, message, hint, headers)
        return JSONResponse(body(status, message, hint, fields), status, headers)

    @app.exception_handler(ScalingSearchError)
    def _known(request: Request, error: ScalingSearchError) -> Response:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), 422)
        return respond(request, status, error.message, error.hint)

    @app.exception_handler(Refused)
    def _refused(request: Request, error: Refused) -> Response:
        return respond(request, error.status, error.message, error.hint, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        fields = [Fault(field=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()]
        faults = "; ".join(f"{f.field}: {f.message}" for f in fields)
        return respond(request, 422, f"the request is not valid: {faults}"[:2000], "", fields=fields)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        hint = "see /api/v1/openapi.json" if request.url.path.startswith("/api/") else ""
        return respond(request, error.status_code, str(error.detail), hint, headers=error.headers)
