"""Pages that are not of one study: the list of studies, launch, compare, workers, login, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from scaling_search.errors import NotFound, ScalingSearchError
from scaling_search.records import StudyState
from scaling_search.service.auth import PageViewer, check_csrf, cookie_name, identify, log_in, set_cookie
from scaling_search.service.comparison import compare_studies
from scaling_search.service.context import Context
from scaling_search.service.errors import Refused
from scaling_search.service.launch_form import form_sections
from scaling_search.service.spec_intake import shipped_texts
from scaling_search.service.templating import fragment, page, plotly
from scaling_search.spec.study import StudySpec
from scaling_search.store.study_queries import Sort

pages = APIRouter()
STATES: tuple[StudyState, ...] = ("running", "queued", "paused", "complete", "stopped", "failed")
Cursor = Annotated[str | None, Query(max_length=1000)]
MAX_COMPARED = 6


@pages.get("/")
def studies(
    context: Context,
    request: Request,
    actor: PageViewer,
    state: Annotated[list[StudyState] | None, Query()] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    archived: bool = False,
    sort: Sort = "created",
    descending: bool = True,
    after: Cursor = None,
    part: bool = False,
) -> Response:
    """The list of studies; with ``part``, only its rows."""
    found, next_cursor = context.studies.studies(state or (), q.strip() or None, archived, sort, descending, after)
    if part:
        rows = fragment("studies.html", "rows", found=found, can_operate=actor.role == "operator")
        return Response(rows, media_type="text/html")
    query = {"state": state or [], "q": q, "archived": archived, "sort": sort, "descending": descending}
    values: dict[str, Any] = {
        "found": found,
        "query": query,
        "next": next_cursor,
        "every_state": STATES,
        "first": after is None,
    }
    return page(request, "studies.html", actor, **values)


@pages.get("/launch")
def launch(
    context: Context,
    request: Request,
    actor: PageViewer,
    file: Annotated[str | None, Query(max_length=100)] = None,
    study: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The launch form, filled with a shipped study file or the spec of a past study."""
    if actor.role != "operator":
        raise Refused(403, "viewers may only look", "ask for an operator's token")
    files = shipped_texts()
    if study is not None:
        stored = context.store.study(study)
        text = StudySpec.model_validate(stored.spec).to_yaml()
    else:
        file = file or "quickstart"
        if file not in files:
            raise NotFound(f"there is no study file {file!r}", f"choose one of: {', '.join(files)}")
        text = files[file]
    past = [s.study.name for s in context.studies.studies(limit=50)[0]]
    values: dict[str, Any] = {
        "text": text,
        "files": sorted(files),
        "past": past,
        "start": {"file": file, "study": study},
    }
    return page(request, "launch.html", actor, **values, sections=form_sections())


@pages.get("/compare")
def compare(
    context: Context, request: Request, actor: PageViewer, study: Annotated[list[str] | None, Query()] = None
) -> Response:
    """Two to six studies side by side."""
    names = list(dict.fromkeys(study or []))[:MAX_COMPARED]
    known = [s.study.name for s in context.studies.studies(limit=200)[0]]
    comparison = compare_studies(context, names) if len(names) >= 2 else None
    return page(request, "compare.html", actor, names=names, known=known, compared=comparison)


@pages.get("/workers")
def workers(context: Context, request: Request, actor: PageViewer) -> Response:
    """The worker processes and the studies they run."""
    return page(request, "workers.html", actor, found=context.workers.all())


# --- logging in and out


def _local_path(to: str) -> str:
    """The path to open after login. Anything but a path of this server becomes ``/``."""
    is_local = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if is_local else "/"


@pages.get("/login")
def login_page(request: Request, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """The login form."""
    actor = identify(request)
    if actor is not None:
        return RedirectResponse(_local_path(to), 303)
    return page(request, "login.html", None, to=_local_path(to), error=None)


@pages.post("/login")
def login(
    request: Request,
    _: Annotated[None, Depends(check_csrf)],
    token: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Log in with a token. A new session starts, even if the request had one."""
    try:
        cookie = log_in(request, token.strip())
    except Refused as e:
        error = f"{e.message}; {e.hint}" if e.hint else e.message
        response = page(request, "login.html", None, e.status, to=_local_path(to), error=error)
        response.headers.update(e.headers)
        return response
    response = RedirectResponse(_local_path(to), 303)
    set_cookie(request, response, cookie)
    return response


@pages.post("/logout")
def logout(context: Context, request: Request, _: Annotated[None, Depends(check_csrf)]) -> Response:
    """End the session."""
    name = cookie_name(request)
    context.accounts.log_out(request.cookies.get(name, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(name, path="/", secure=context.settings.tls, httponly=True, samesite="lax")
    return response


# --- other


@pages.get("/plotly.js")
def plotly_js() -> Response:
    """Plotly's JavaScript."""
    headers = {"cache-control": "public, max-age=31536000, immutable", "content-encoding": "gzip"}
    return Response(plotly().content, media_type="text/javascript", headers=headers)


def error_page(
    request: Request, status: int, message: str, hint: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The page of an error."""
    try:
        actor = identify(request)
    except (ScalingSearchError, Refused):
        actor = None
    response = page(request, "error.html", actor, status, code=status, message=message, hint=hint)
    response.headers.update(headers or {})
    return response
