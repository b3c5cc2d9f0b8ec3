"""Pages of one study: the study itself, its trials, one trial, its family."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Rounding
from scaling_search.networks.family import released
from scaling_search.records import Role, TrialState
from scaling_search.report import gradcam_table, triangle_of, validation_table
from scaling_search.report.html import family_table
from scaling_search.service.api_common import Name, Number
from scaling_search.service.api_results import Format, family_for, log_of
from scaling_search.service.api_validations import seen
from scaling_search.service.context import Kept, kept
from scaling_search.service.plot_data import network_values, portrait_for
from scaling_search.service.schemas import EpochOut
from scaling_search.service.templating import fragment, page, viewer
from scaling_search.service.trial_table import COLUMNS, DEFAULT, stage_table
from scaling_search.store import Actor
from scaling_search.store.study_queries import TRIAL_SORTS
from scaling_search.store.summaries import TrialFilter

pages = APIRouter()
Looker = Annotated[Actor, Depends(viewer)]
BEGUN = TrialFilter(state=("running", "complete", "pruned", "failed"))
FORMATS: tuple[Format, ...] = ("json", "csv", "markdown", "python", "yaml", "html", "bundle")


def study_context(own: Kept, name: str) -> dict[str, Any]:
    """What the study's page shows that may change while it is open."""
    summary = own.board.summary(name)
    choice = own.board.choice(name)
    made = portrait_for(own, name, choice)
    networks = own.board.networks(name)
    return {
        "s": summary,
        "choice": choice.result if choice else None,
        "portrait": made,
        "triangle": triangle_of(made, network_values(networks)),
        "networks": len(networks),
        "base": own.board.base_mean(name),
        "recent": own.board.trials(name, BEGUN, descending=True, limit=8).rows,
        "formats": FORMATS,
    }


@pages.get("/studies/{name}")
def study(request: Request, actor: Looker, name: Name) -> Response:
    """The study's page."""
    last = kept(request).events.newest()  # before what the page shows is read: what changes meanwhile comes as an event
    context = study_context(kept(request), name)
    return page(request, "study.html", actor, **context, yaml=context["s"].spec.to_yaml(), last_event=last)


@pages.get("/studies/{name}/live")
def live(request: Request, actor: Looker, name: Name) -> Response:
    """The parts of the study's page that may have changed, as HTML."""
    context = study_context(kept(request), name) | {"can_operate": actor.role == "operator"}
    parts = {block: fragment("study.html", block, **context) for block in ("status", "finding", "picture", "recent")}
    return JSONResponse(parts | {"state": context["s"].study.state})


@pages.get("/studies/{name}/trials")
def trials(
    request: Request,
    actor: Looker,
    name: Name,
    state: Annotated[list[TrialState] | None, Query()] = None,
    role: Role | None = None,
    key: Annotated[str | None, Query(max_length=200)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=40)] = "number",
    descending: bool = False,
    after: Annotated[str | None, Query(max_length=1000)] = None,
    column: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The table of trials."""
    summary = kept(request).board.summary(name)
    wanted = TrialFilter(tuple(state or ()), role, key, None, q.strip() or None, None)
    sort = sort if sort in TRIAL_SORTS else "number"
    found = kept(request).board.trials(name, wanted, sort, descending, after, 100)
    shown = [c for c in COLUMNS if c in column] if column else list(DEFAULT)
    query = {
        "state": state or [],
        "role": role,
        "key": key,
        "q": q,
        "sort": sort,
        "descending": descending,
        "column": column or [],
    }
    return page(
        request,
        "trials.html",
        actor,
        s=summary,
        found=found,
        columns={c: COLUMNS[c] for c in shown},
        every_column=COLUMNS,
        sortable=TRIAL_SORTS,
        query=query,
        first=after is None,
    )


@pages.get("/studies/{name}/trials/{number}")
def trial(request: Request, actor: Looker, name: Name, number: Number) -> Response:
    """One trial."""
    own = kept(request)
    row = own.board.trial(name, number)
    curve = [EpochOut.of(a, e) for a, e in own.board.trial_epochs(name, number)]
    twins = [r for r in own.board.trials(name, TrialFilter(key=row.key), limit=50).rows if r.number != number]
    return page(
        request,
        "trial.html",
        actor,
        s=own.board.summary(name),
        t=row,
        curve=curve,
        log=log_of(row, curve),
        stages=stage_table(row.architecture),
        twins=twins,
        before=number - 1 if number > 0 else None,
    )


@pages.get("/studies/{name}/family")
def family(
    request: Request,
    actor: Looker,
    name: Name,
    phi: Annotated[str, Query(max_length=400)] = "",
    rounding: Rounding | None = None,
    part: bool = False,
) -> Response:
    """The family beside the released EfficientNets; with ``part``, the table alone."""
    own = kept(request)
    summary, choice = own.board.summary(name), own.store.choice(name)
    made = family_for(request, name, choice, _phis(phi), rounding) if choice else None
    table = family_table(made) if made else None
    shown: dict[str, Any] = {"family": made, "table": table, "name": name, "formats": FORMATS[:5]}
    if part:
        return Response(fragment("family.html", "table", **shown), media_type="text/html")
    spec = summary.study.spec["family"]
    now = {"phi": phi or ", ".join(f"{p:g}" for p in spec["phi"]), "rounding": rounding or spec["rounding"]}
    return page(request, "family.html", actor, s=summary, choice=choice, now=now, released=released(), **shown)


@pages.get("/studies/{name}/validation")
def validation(request: Request, actor: Looker, name: Name) -> Response:
    """Networks of equal real cost, trained for longer and tested: the study's validations, with their activation maps."""
    words: dict[str, Any] = {"columns": validation_table.COLUMNS, "rows": validation_table.table_rows}
    words |= {
        "map_columns": gradcam_table.COLUMNS,
        "map_rows": gradcam_table.table_rows,
        "map_finding": gradcam_table.finding,
    }
    return page(request, "validation.html", actor, name=name, found=seen(kept(request), name), **words)


def _phis(text: str) -> list[float] | None:
    """Numbers between commas; None for an empty text.

    Raises:
        InputError: it is no list of numbers.
    """
    if not text.strip():
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"phi: {text[:100]!r} is no list of numbers", "for example: 0.5, 1, 2") from None
