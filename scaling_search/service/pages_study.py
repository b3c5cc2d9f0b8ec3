"""Pages of one study: overview, trials, one trial, family, validation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from scaling_search.networks.architecture import Rounding
from scaling_search.networks.coefficients import parse_phis
from scaling_search.networks.family import released
from scaling_search.records import Role, TrialState
from scaling_search.report import gradcam_table, triangle_of, validation_table
from scaling_search.report.html import family_table
from scaling_search.service.api_common import Name, Number
from scaling_search.service.api_results import Format, family_for, log_of
from scaling_search.service.api_validations import validations_of
from scaling_search.service.auth import PageViewer
from scaling_search.service.context import AppContext, Context
from scaling_search.service.plot_data import choice_view_for, network_values
from scaling_search.service.schemas import EpochOut
from scaling_search.service.templating import fragment, page
from scaling_search.service.trial_table import COLUMNS, DEFAULT_COLUMNS, stage_table
from scaling_search.store.study_queries import TRIAL_SORTS
from scaling_search.store.summaries import TrialFilter

pages = APIRouter()
STARTED = TrialFilter(state=("running", "complete", "pruned", "failed"))
FORMATS: tuple[Format, ...] = ("json", "csv", "markdown", "python", "yaml", "html", "bundle")


def study_values(context: AppContext, name: str) -> dict[str, Any]:
    """Template values of the study's page that may change while it is open."""
    summary = context.studies.summary(name)
    choice = context.studies.choice(name)
    choice_view = choice_view_for(context, name, choice)
    networks = context.studies.networks(name)
    return {
        "s": summary,
        "choice": choice.result if choice else None,
        "portrait": choice_view,
        "triangle": triangle_of(choice_view, network_values(networks)),
        "networks": len(networks),
        "base": context.studies.base_mean(name),
        "recent": context.studies.trials(name, STARTED, descending=True, limit=8).rows,
        "formats": FORMATS,
    }


@pages.get("/studies/{name}")
def study(context: Context, request: Request, actor: PageViewer, name: Name) -> Response:
    """The study's page."""
    last_event = context.events.newest()  # read first, so that later changes reach the page as events
    values = study_values(context, name)
    return page(request, "study.html", actor, **values, yaml=values["s"].spec.to_yaml(), last_event=last_event)


@pages.get("/studies/{name}/live")
def live(context: Context, actor: PageViewer, name: Name) -> Response:
    """The parts of the study's page that may have changed, as HTML."""
    values = study_values(context, name) | {"can_operate": actor.role == "operator"}
    parts = {block: fragment("study.html", block, **values) for block in ("status", "finding", "picture", "recent")}
    return JSONResponse(parts | {"state": values["s"].study.state})


@pages.get("/studies/{name}/trials")
def trials(
    context: Context,
    request: Request,
    actor: PageViewer,
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
    summary = context.studies.summary(name)
    wanted = TrialFilter(tuple(state or ()), role, key, None, q.strip() or None, None)
    sort = sort if sort in TRIAL_SORTS else "number"
    found = context.studies.trials(name, wanted, sort, descending, after, 100)
    query = {"state": state or [], "role": role, "key": key, "q": q, "sort": sort, "descending": descending}
    values: dict[str, Any] = {
        "s": summary,
        "found": found,
        "columns": {name: c for name, c in COLUMNS.items() if name in (column or DEFAULT_COLUMNS)},
        "every_column": COLUMNS,
        "sortable": TRIAL_SORTS,
        "query": query | {"column": column or []},
        "first": after is None,
    }
    return page(request, "trials.html", actor, **values)


@pages.get("/studies/{name}/trials/{number}")
def trial(context: Context, request: Request, actor: PageViewer, name: Name, number: Number) -> Response:
    """One trial."""
    row = context.studies.trial(name, number)
    curve = [EpochOut.of(a, e) for a, e in context.studies.trial_epochs(name, number)]
    same_network = context.studies.trials(name, TrialFilter(key=row.key), limit=50).rows
    return page(
        request,
        "trial.html",
        actor,
        s=context.studies.summary(name),
        t=row,
        curve=curve,
        log=log_of(row, curve),
        stages=stage_table(row.architecture),
        twins=[r for r in same_network if r.number != number],
        before=number - 1 if number > 0 else None,
    )


@pages.get("/studies/{name}/family")
def family(
    context: Context,
    request: Request,
    actor: PageViewer,
    name: Name,
    phi: Annotated[str, Query(max_length=400)] = "",
    rounding: Rounding | None = None,
    part: bool = False,
) -> Response:
    """The family beside the released EfficientNets; with ``part``, only the table."""
    summary, choice = context.studies.summary(name), context.store.choice(name)
    phis = parse_phis(phi) if phi.strip() else None
    members = family_for(context, name, choice, phis, rounding) if choice else None
    table = family_table(members) if members else None
    values: dict[str, Any] = {"family": members, "table": table, "name": name, "formats": FORMATS[:5]}
    if part:
        return Response(fragment("family.html", "table", **values), media_type="text/html")
    spec = summary.study.spec["family"]
    now = {"phi": phi or ", ".join(f"{p:g}" for p in spec["phi"]), "rounding": rounding or spec["rounding"]}
    return page(request, "family.html", actor, s=summary, choice=choice, now=now, released=released(), **values)


@pages.get("/studies/{name}/validation")
def validation(context: Context, request: Request, actor: PageViewer, name: Name) -> Response:
    """The study's validations with their Grad-CAM maps."""
    values: dict[str, Any] = {
        "columns": validation_table.COLUMNS,
        "rows": validation_table.table_rows,
        "map_columns": gradcam_table.COLUMNS,
        "map_rows": gradcam_table.table_rows,
        "map_finding": gradcam_table.finding,
    }
    return page(request, "validation.html", actor, name=name, found=validations_of(context, name), **values)
