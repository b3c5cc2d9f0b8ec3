"""/api/v1: specs and studies: check, plan, launch, steer, extend, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from scaling_search.errors import SpecError
from scaling_search.records import Request as StudyRequest
from scaling_search.records import StudyState
from scaling_search.search.studies import extended_spec, submit_study
from scaling_search.service import sandbox_jobs
from scaling_search.service.api_common import Name, record, router
from scaling_search.service.auth import Operator, Viewer
from scaling_search.service.context import AppContext, Context
from scaling_search.service.errors import Fault
from scaling_search.service.launch_form import yaml_texts
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
from scaling_search.service.spec_intake import (
    allowed_spec,
    from_texts,
    shipped_texts,
    spec_fields,
    validate_spec,
    with_changes,
)
from scaling_search.service.webhooks import check_url
from scaling_search.spec.study import StudySpec
from scaling_search.spec.yaml_text import to_text
from scaling_search.store.accounts import Actor
from scaling_search.store.study_queries import Sort

specs = router("specs")
studies = router("studies")


@specs.get("/specs")
def list_specs(actor: Viewer) -> dict[str, str]:
    """The study files that come with the program: name → YAML."""
    return shipped_texts()


@specs.get("/specs/schema")
def spec_schema(actor: Viewer) -> dict[str, Any]:
    """The JSON Schema of study files: every field with its unit and default."""
    return StudySpec.model_json_schema()


@specs.post("/specs/check")
def check_spec(context: Context, actor: Viewer, given: CheckIn) -> Checked:
    """Check a spec: whether it is valid, and the faults of each field. Nothing is launched."""
    values, text = given.spec, given.spec if isinstance(given.spec, str) else ""
    changes, faults = from_texts(given.texts)
    if changes or given.changes or not isinstance(values, str):
        try:
            values = with_changes(spec_fields(given.spec), {**given.changes, **changes})
            text = to_text(values)
        except SpecError as e:
            fault = Fault(field="", message=e.message)
            return Checked(valid=False, applied=False, faults=[fault], text=text, texts={}, values=None)
    spec, found, _ = validate_spec(values, context.settings)
    valid = spec is not None and not faults
    filled = spec.model_dump(mode="json") if spec else None
    texts = yaml_texts(filled) if filled else {}
    return Checked(valid=valid, applied=not faults, faults=[*faults, *found], text=text, texts=texts, values=filled)


@specs.post("/specs/plan")
def plan_spec(context: Context, actor: Viewer, given: SpecIn) -> PlanOut:
    """Plan a study: what it would run and cost. Nothing is launched."""
    spec = allowed_spec(given.spec, context.settings)
    return PlanOut(**context.sandbox.call(sandbox_jobs.make_plan, spec.model_dump(mode="json"), given.slots))


@studies.get("/studies")
def list_studies(
    context: Context,
    actor: Viewer,
    state: Annotated[list[StudyState] | None, Query(description="Only these states.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in name or description.")] = None,
    archived: bool = False,
    sort: Sort = "created",
    descending: bool = True,
    after: Annotated[str | None, Query(max_length=1000, description="`next` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> StudyList:
    """A page of studies."""
    summaries, next_cursor = context.studies.studies(state or (), q, archived, sort, descending, after, limit)
    return StudyList(studies=[StudyOut.of(s) for s in summaries], next=next_cursor)


@studies.post("/studies", status_code=201)
def launch(context: Context, request: Request, actor: Operator, given: Launch, response: Response) -> StudyDetail:
    """Queue a study for a worker. It is planned first, so that a study that cannot run is refused here."""
    spec = allowed_spec(given.spec, context.settings)
    if given.webhook is not None:
        check_url(given.webhook, context.settings)
    context.sandbox.call(sandbox_jobs.make_plan, spec.model_dump(mode="json"), given.slots)
    submit_study(context.store, spec, actor.name, given.priority, given.slots, given.webhook)
    record(request, actor, "launch", spec.name)
    response.headers["location"] = f"/api/v1/studies/{spec.name}"
    return StudyDetail.of(context.studies.summary(spec.name))


@studies.get("/studies/{name}")
def read_study(context: Context, actor: Viewer, name: Name) -> StudyDetail:
    """One study."""
    return StudyDetail.of(context.studies.summary(name))


@studies.patch("/studies/{name}")
def change_study(context: Context, request: Request, actor: Operator, name: Name, given: Changes) -> StudyDetail:
    """Change the slots (also of a running study), the priority, or whether the study is archived."""
    values = given.model_dump(exclude_unset=True)
    context.studies.summary(name)
    if values:
        context.control.change(name, **values)
        record(request, actor, "change", name, ", ".join(f"{k}={v}" for k, v in values.items()))
    return StudyDetail.of(context.studies.summary(name))


@studies.delete("/studies/{name}", status_code=204)
def delete_study(context: Context, request: Request, actor: Operator, name: Name) -> None:
    """Delete a study with all its rows. A running one must be cancelled first."""
    context.control.delete(name)
    record(request, actor, "delete", name)


def _ask(context: AppContext, http: Request, actor: Actor, name: str, request: StudyRequest) -> StudyDetail:
    context.control.ask(name, request)
    record(http, actor, request, name)
    return StudyDetail.of(context.studies.summary(name))


@studies.post("/studies/{name}/pause")
def pause(context: Context, request: Request, actor: Operator, name: Name) -> StudyDetail:
    """End the study's runs at their last checkpoint and pause it; `resume` continues from there."""
    return _ask(context, request, actor, name, "pause")


@studies.post("/studies/{name}/stop")
def stop(context: Context, request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Start no more runs. Running ones finish, then the study is stopped and its choice made."""
    return _ask(context, request, actor, name, "stop")


@studies.post("/studies/{name}/cancel")
def cancel(context: Context, request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Kill the study's runs and stop it now."""
    return _ask(context, request, actor, name, "cancel")


@studies.post("/studies/{name}/resume")
def resume(context: Context, request: Request, actor: Operator, name: Name) -> StudyDetail:
    """Queue a paused, stopped or failed study again, or withdraw the request to a running one."""
    context.control.resume(name, actor.name)
    record(request, actor, "resume", name)
    return StudyDetail.of(context.studies.summary(name))


@studies.post("/studies/{name}/extend")
def extend(context: Context, request: Request, actor: Operator, name: Name, given: Extension) -> StudyDetail:
    """Add trials to a study that is not running, and queue it."""
    spec = extended_spec(StudySpec.model_validate(context.store.study(name).spec), given.trials)
    context.control.extend(name, spec.model_dump(mode="json"), spec.hash(), actor.name)
    record(request, actor, "extend", name, f"{given.trials} trials")
    return StudyDetail.of(context.studies.summary(name))
