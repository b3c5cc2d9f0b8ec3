"""What the application keeps for its requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.requests import HTTPConnection

from scaling_search.service.event_stream import EventBroadcaster
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.sandbox import Sandbox
from scaling_search.service.settings import Settings
from scaling_search.store import Accounts, Control, Events, GradcamMaps, Store, StudyQueries, Workers
from scaling_search.store.plot_queries import PlotQueries


@dataclass(frozen=True)
class Kept:
    """The store in its several views, and the helpers that live as long as the application."""

    store: Store
    settings: Settings
    limiter: LoginRateLimit
    kitchen: Sandbox
    hub: EventBroadcaster
    registry: CollectorRegistry
    portraits: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    @property
    def access(self) -> Accounts:
        """Tokens, sessions, audit."""
        return Accounts(self.store)

    @property
    def board(self) -> StudyQueries:
        """What lists and pages read."""
        return StudyQueries(self.store)

    @property
    def maps(self) -> GradcamMaps:
        """Activation maps."""
        return GradcamMaps(self.store)

    @property
    def control(self) -> Control:
        """Queueing and steering."""
        return Control(self.store)

    @property
    def events(self) -> Events:
        """What changed."""
        return Events(self.store)

    @property
    def workers(self) -> Workers:
        """Who works."""
        return Workers(self.store)

    @property
    def plots(self) -> PlotQueries:
        """What plots read."""
        return PlotQueries(self.store)


def kept(request: HTTPConnection) -> Kept:
    """The application's own."""
    found: Kept = request.app.state.kept
    return found
