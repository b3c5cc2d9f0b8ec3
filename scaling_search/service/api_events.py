"""/api/v1: events, audit, workers, health and metrics."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from scaling_search.service.api_common import Name, router
from scaling_search.service.auth import Operator, Viewer
from scaling_search.service.context import kept
from scaling_search.service.metrics import exposition
from scaling_search.service.schemas import AuditOut, Health, WorkerOut
from scaling_search.store.database import HEAD

events = router("events")
health = router("health")

LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20, description="Go on after this event.")]
After = Annotated[
    int | None, Query(ge=0, lt=2**63, description="The same, for who cannot send that header; it goes before this.")
]
STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "content": {"text/event-stream": {}},
        "description": "Events as they happen: state, runs, choice, control, reset.",
    }
}


def _stream(request: Request, study: str | None, last: str | None, after: int | None = None) -> StreamingResponse:
    if last is not None and last.isascii() and last.isdigit():
        after = int(last)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(kept(request).hub.listen(study, after), media_type="text/event-stream", headers=headers)


@events.get("/studies/{name}/events", response_class=StreamingResponse, responses=STREAM)
def study_events(
    request: Request, actor: Viewer, name: Name, last_event_id: LastEvent = None, after: After = None
) -> StreamingResponse:
    """A study's events as a stream; with Last-Event-ID or `after`, those missed come first, or `reset` where they are gone."""
    kept(request).store.study(name)
    return _stream(request, name, last_event_id, after)


@events.get("/events", response_class=StreamingResponse, responses=STREAM)
def all_events(request: Request, actor: Viewer, last_event_id: LastEvent = None) -> StreamingResponse:
    """Every study's events as a stream."""
    return _stream(request, None, last_event_id)


@events.get("/audit")
def audit(
    request: Request,
    actor: Operator,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AuditOut]:
    """Who launched, steered, deleted and exported what, newest first."""
    return [AuditOut(**asdict(row)) for row in kept(request).access.trail(before, limit)]


@health.get("/workers")
def workers(request: Request, actor: Viewer) -> list[WorkerOut]:
    """The worker processes: what each runs, and when it was last heard of."""
    return [WorkerOut(**asdict(row)) for row in kept(request).workers.all()]


@health.get("/health")
def alive() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


@health.get("/ready")
def ready(request: Request) -> Health:
    """Whether the database answers too."""
    kept(request).access.any_tokens()
    return Health(status="ok", schema_version=HEAD)


@health.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request, actor: Viewer) -> Response:
    """Requests, studies and trials by state, listeners: in Prometheus's text format."""
    content, kind = exposition(kept(request))
    return Response(content, media_type=kind)
