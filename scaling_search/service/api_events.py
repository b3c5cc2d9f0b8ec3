"""/api/v1: events, audit, workers, health and metrics."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import Response, StreamingResponse

from scaling_search.service.api_common import Name, router
from scaling_search.service.auth import Operator, Viewer
from scaling_search.service.context import AppContext, Context
from scaling_search.service.metrics import exposition
from scaling_search.service.schemas import AuditOut, Health, WorkerOut
from scaling_search.store.database import HEAD

events = router("events")
health = router("health")

LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20, description="Resume after this event.")]
After = Annotated[
    int | None,
    Query(ge=0, lt=2**63, description="The same for clients that cannot send the header, which takes precedence."),
]
STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "content": {"text/event-stream": {}},
        "description": "Events as they happen: state, runs, choice, control, reset.",
    }
}


def _stream(context: AppContext, study: str | None, last: str | None, after: int | None = None) -> StreamingResponse:
    if last is not None and last.isascii() and last.isdigit():
        after = int(last)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    events = context.broadcaster.listen(study, after)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@events.get("/studies/{name}/events", response_class=StreamingResponse, responses=STREAM)
def study_events(
    context: Context, actor: Viewer, name: Name, last_event_id: LastEvent = None, after: After = None
) -> StreamingResponse:
    """A study's events as a stream.

    With Last-Event-ID or `after`, missed events come first, or `reset` if they were pruned.
    """
    context.store.study(name)
    return _stream(context, name, last_event_id, after)


@events.get("/events", response_class=StreamingResponse, responses=STREAM)
def all_events(context: Context, actor: Viewer, last_event_id: LastEvent = None) -> StreamingResponse:
    """Every study's events as a stream."""
    return _stream(context, None, last_event_id)


@events.get("/audit")
def audit(
    context: Context,
    actor: Operator,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AuditOut]:
    """Users' actions (launching, steering, deleting, exporting), newest first."""
    return [AuditOut(**asdict(row)) for row in context.accounts.trail(before, limit)]


@health.get("/workers")
def workers(context: Context, actor: Viewer) -> list[WorkerOut]:
    """The worker processes: the study that each runs, and its last heartbeat."""
    return [WorkerOut(**asdict(row)) for row in context.workers.all()]


@health.get("/health")
def alive() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


@health.get("/ready")
def ready(context: Context) -> Health:
    """Whether the database answers too."""
    context.accounts.any_tokens()
    return Health(status="ok", schema_version=HEAD)


@health.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(context: Context, actor: Viewer) -> Response:
    """Requests, studies and trials by state, and listeners, in Prometheus's text format."""
    content, media_type = exposition(context)
    return Response(content, media_type=media_type)
