"""Objects shared by all requests of one application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends
from prometheus_client import CollectorRegistry
from starlette.requests import HTTPConnection

from scaling_search.service.event_stream import EventBroadcaster
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.sandbox import Sandbox
from scaling_search.service.settings import Settings
from scaling_search.store import Accounts, Control, Events, GradcamMaps, Store, StudyQueries, Workers
from scaling_search.store.plot_queries import PlotQueries


@dataclass(frozen=True)
class AppContext:
    """The store with its views, and the helpers that live as long as the application."""

    store: Store
    settings: Settings
    login_limit: LoginRateLimit
    sandbox: Sandbox
    broadcaster: EventBroadcaster
    registry: CollectorRegistry
    choice_views: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    """(study, choice id) → view computed here, for choices that were stored without one."""

    @property
    def accounts(self) -> Accounts:
        """Tokens, sessions and the audit trail."""
        return Accounts(self.store)

    @property
    def studies(self) -> StudyQueries:
        """Queries of studies and trials."""
        return StudyQueries(self.store)

    @property
    def gradcam_maps(self) -> GradcamMaps:
        """Grad-CAM maps of validations."""
        return GradcamMaps(self.store)

    @property
    def control(self) -> Control:
        """Queueing and steering of studies."""
        return Control(self.store)

    @property
    def events(self) -> Events:
        """Stored events."""
        return Events(self.store)

    @property
    def workers(self) -> Workers:
        """Worker processes."""
        return Workers(self.store)

    @property
    def plots(self) -> PlotQueries:
        """Data of plots."""
        return PlotQueries(self.store)


def context_of(request: HTTPConnection) -> AppContext:
    """The context of the application that serves a request."""
    context: AppContext = request.app.state.context
    return context


async def get_context(request: HTTPConnection) -> AppContext:
    """The same as a dependency; async, so that FastAPI calls it without a thread."""
    return context_of(request)


Context = Annotated[AppContext, Depends(get_context)]
