"""Pages that are about no single study: the list, launching, comparing, workers, logging in; and error pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from scaling_search.errors import NotFound, ScalingSearchError
from scaling_search.records import StudyState
from scaling_search.service.auth import (
    check_csrf,
    cookie_name,
    identify,
    log_in,
    set_cookie,
)
from scaling_search.service.comparison import compared
from scaling_search.service.context import kept
from scaling_search.service.errors import Refused
from scaling_search.service.launch_form import sections
from scaling_search.service.spec_intake import shipped
from scaling_search.service.templating import fragment, page, plotly, viewer
from scaling_search.spec.study import StudySpec
from scaling_search.store import Actor
from scaling_search.store.study_queries import Sort

pages = APIRouter()
Looker = Annotated[Actor, Depends(viewer)]
STATES: tuple[StudyState, ...] = ("running", "queued", "paused", "complete", "stopped", "failed")
AFTER = Annotated[str | None, Query(max_length=1000)]


@pages.get("/")
def studies(
    request: Request,
    actor: Looker,
    state: Annotated[list[StudyState] | None, Query()] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    archived: bool = False,
    sort: Sort = "created",
    descending: bool = True,
    after: AFTER = None,
    part: bool = False,
) -> Response:
    """The list of studies; with ``part``, its rows alone."""
    found, following = kept(request).board.studies(state or (), q.strip() or None, archived, sort, descending, after)
    shown: dict[str, Any] = {"found": found, "can_operate": actor.role == "operator"}
    if part:
        return Response(fragment("studies.html", "rows", **shown), media_type="text/html")
    query = {"state": state or [], "q": q, "archived": archived, "sort": sort, "descending": descending}
    del shown["can_operate"]
    return page(
        request, "studies.html", actor, **shown, query=query, next=following, every_state=STATES, first=after is None
    )


@pages.get("/launch")
def launch(
    request: Request,
    actor: Looker,
    file: Annotated[str | None, Query(max_length=100)] = None,
    study: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The launch form, filled with a shipped study file or a past study's spec."""
    if actor.role != "operator":
        raise Refused(403, "viewers may only look", "ask for an operator's token")
    files = shipped()
    if study is not None:
        stored = kept(request).store.study(study)
        text = StudySpec.model_validate(stored.spec).to_yaml()
    else:
        file = file or "quickstart"
        if file not in files:
            raise NotFound(f"there is no study file {file!r}", f"there are: {', '.join(files)}")
        text = files[file]
    past = [s.study.name for s in kept(request).board.studies(limit=50)[0]]
    start = {"file": file, "study": study}
    return page(
        request, "launch.html", actor, text=text, files=sorted(files), past=past, start=start, sections=sections()
    )


@pages.get("/compare")
def compare(request: Request, actor: Looker, study: Annotated[list[str] | None, Query()] = None) -> Response:
    """Two to six studies beside each other."""
    names = list(dict.fromkeys(study or []))[:6]
    known = [s.study.name for s in kept(request).board.studies(limit=200)[0]]
    made = compared(kept(request), names) if len(names) >= 2 else None
    return page(request, "compare.html", actor, names=names, known=known, compared=made)


@pages.get("/workers")
def workers(request: Request, actor: Looker) -> Response:
    """Who works, and on what."""
    return page(request, "workers.html", actor, found=kept(request).workers.all())


# --- logging in and out


def _here(to: str) -> str:
    """A path of this server to go to after login; anything else becomes the list of studies."""
    inside = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if inside else "/"


@pages.get("/login")
def login_page(request: Request, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """The login form."""
    actor = identify(request)
    if actor is not None:
        return RedirectResponse(_here(to), 303)
    return page(request, "login.html", None, to=_here(to), error=None)


@pages.post("/login")
def login(
    request: Request,
    _: Annotated[None, Depends(check_csrf)],
    token: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Log in with a token: a new session, whatever cookie came."""
    try:
        cookie = log_in(request, token.strip())
    except Refused as e:
        words = f"{e.message}; {e.hint}" if e.hint else e.message
        response = page(request, "login.html", None, e.status, to=_here(to), error=words)
        response.headers.update(e.headers)
        return response
    response = RedirectResponse(_here(to), 303)
    set_cookie(request, response, cookie)
    return response


@pages.post("/logout")
def logout(request: Request, _: Annotated[None, Depends(check_csrf)]) -> Response:
    """End the session."""
    name = cookie_name(request)
    kept(request).access.log_out(request.cookies.get(name, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(name, path="/", secure=kept(request).settings.tls, httponly=True, samesite="lax")
    return response


# --- the rest


@pages.get("/plotly.js")
def plotly_js(request: Request) -> Response:
    """Plotly's JavaScript."""
    headers = {"cache-control": "public, max-age=31536000, immutable", "content-encoding": "gzip"}
    return Response(plotly().content, media_type="text/javascript", headers=headers)


def error_page(
    request: Request, status: int, message: str, hint: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An error in words, in the look of the other pages."""
    try:
        actor = identify(request)
    except (ScalingSearchError, Refused):
        actor = None
    response = page(request, "error.html", actor, status, code=status, message=message, hint=hint)
    response.headers.update(headers or {})
    return response
