"""/api/v1: specs, studies, and steering them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from scaling_search.records import Request as Asked
from scaling_search.records import StudyState
from scaling_search.search.studies import extended_spec, submit_study
from scaling_search.service import sandbox_jobs as heavy
from scaling_search.service.api_common import Name, record, router
from scaling_search.service.auth import Operator, Viewer
from scaling_search.service.context import kept
from scaling_search.service.schemas import (
    Changes,
    Checked,
    CheckIn,
    Extension,
    Launch,
    PlanOut,
    SpecIn,
    StudyDetail,
    StudyList,
    StudyOut,
)
from scaling_search.service.spec_intake import allowed, changed, checked, read_spec, shipped
from scaling_search.service.webhooks import check_url
from scaling_search.spec.study import StudySpec
from scaling_search.spec.yaml_text import to_text
from scaling_search.store import Actor
from scaling_search.store.study_queries import Sort

specs = router("specs")
studies = router("studies")


@specs.get("/specs")
def list_specs(request: Request, actor: Viewer) -> dict[str, str]:
    """The study files that come with the program: name → YAML."""
    return shipped()


@specs.get("/specs/schema")
def spec_schema(request: Request, actor: Viewer) -> dict[str, Any]:
    """The JSON Schema of study files: every field with its unit and default."""
    return StudySpec.model_json_schema()


@specs.post("/specs/check")
def check_spec(request: Request, actor: Viewer, given: CheckIn) -> Checked:
    """Say whether a spec is valid, and what is wrong with which field; nothing is launched."""
    values, text = given.spec, given.spec if isinstance(given.spec, str) else ""
    if given.changes or not isinstance(values, str):
        values = changed(read_spec(given.spec), given.changes)
        text = to_text(values)
    spec, faults, _ = checked(values, kept(request).settings)
    return Checked(
        valid=spec is not None, faults=faults, text=text, values=spec.model_dump(mode="json") if spec else None
    )


@specs.post("/specs/plan")
def plan_spec(request: Request, actor: Viewer, given: SpecIn) -> PlanOut:
    """Say what a study would run and cost; nothing is launched."""
    spec = allowed(given.spec, kept(request).settings)
    return PlanOut(**kept(request).kitchen.call(heavy.make_plan, spec.model_dump(mode="json"), given.slots))


@studies.get("/studies")
def list_studies(
    request: Request,
    actor: Viewer,
    state: Annotated[list[StudyState] | None, Query(description="Only these states.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in name or description.")] = None,
    archived: bool = False,
    sort: Sort = "created",
    descending: bool = True,
    after: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> StudyList:
    """A page of studies."""
    found, following = kept(request).board.studies(state or (), q, archived, sort, descending, after, limit)
    return StudyList(studies=[StudyOut.of(s) for s in found], next=following)


@studies.post("/studies", status_code=201)
def launch(request: Request, actor: Operator, given: Launch, response: Response) -> StudyDetail:
    """Queue a study for a worker. It is planned first, so what cannot be run is refused here."""
    name = launch_study(request, actor, given)
    response.headers["location"] = f"/api/v1/studies/{name}"
    return StudyDetail.of(kept(request).board.summary(name))


def launch_study(request: Request, actor: Actor, given: Launch) -> str:
    """Queue a study; its name.

    Raises:
        SpecError: it is wrong, or names what is not allowed.
        StudyExists: the name is taken.
    """
    own = kept(request)
    spec = allowed(given.spec, own.settings)
    if given.webhook is not None:
        check_url(given.webhook, own.settings)
    own.kitchen.call(heavy.make_plan, spec.model_dump(mode="json"), given.slots)
    submit_study(own.store, spec, actor.name, given.priority, given.slots, given.webhook)
    record(request, actor, "launch", spec.name)
    return spec.name


@studies.get("/studies/{name}")
def read_study(request: Request, actor: Viewer, name: Name) -> StudyDetail:
    """One study."""
    return StudyDetail.of(kept(request).board.summary(name))


@studies.patch("/studies/{name}")
def change_study(request: Request, actor: Operator, name: Name, given: Changes) -> StudyDetail:
    """Change slots (while it runs too), priority, or whether it is archived."""
    values = given.model_dump(exclude_unset=True)
    kept(request).board.summary(name)
    if values:
        kept(request).control.change(name, **values)
        record(request, actor, "change", name, ", ".join(f"{k}={v}" for k, v in values.items()))
    return StudyDetail.of(kept(request).board.summary(name))


@studies.delete("/studies/{name}", status_code=204)
def delete_study(request: Request, actor: Operator, name: Name) -> None:
    """Delete a study with all its rows. A running one must be cancelled first."""
    kept(request).control.delete(name)
    record(request, actor, "delete", name)


def _ask(request: Request, actor: Actor, name: str, asked: Asked) -> StudyDetail:
    kept(request).control.ask(name, asked)
    record(request, actor, asked, name)
    return StudyDetail.of(kept(request).board.summary(name))


@studies.post("/studies/{name}/pause")
def pause(request: Request, actor: Operator, name: Name) -> StudyDetail:
    """End its runs at their last checkpoint and wait; `resume` goes on from there."""
    return _ask(request, actor, name, "pause")


@studies.post("/studies/{name}/stop")
def stop(request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Start nothing more; what runs ends well, then the study is stopped and its choice made."""
    return _ask(request, actor, name, "stop")


@studies.post("/studies/{name}/cancel")
def cancel(request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Kill its runs and stop the study now."""
    return _ask(request, actor, name, "cancel")


@studies.post("/studies/{name}/resume")
def resume(request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Queue a paused, stopped or failed study again; of a running one, withdraw what was asked."""
    kept(request).control.resume(name, actor.name)
    record(request, actor, "resume", name)
    return StudyDetail.of(kept(request).board.summary(name))


@studies.post("/studies/{name}/extend")
def extend(request: Request, actor: Operator, name: Name, given: Extension) -> StudyDetail:
    """Add trials to a study that is not running, and queue it."""
    spec = extended_spec(StudySpec.model_validate(kept(request).store.study(name).spec), given.trials)
    kept(request).control.extend(name, spec.model_dump(mode="json"), spec.hash(), actor.name)
    record(request, actor, "extend", name, f"{given.trials} trials")
    return StudyDetail.of(kept(request).board.summary(name))
