"""Prometheus metrics: requests as they are answered, the rest read from the database when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from scaling_search.service.context import Kept

KIND = "text/plain; version=1.0.0; charset=utf-8"


class Timing:
    """ASGI middleware: counts requests and times them, by route and status."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        labels = ("method", "route", "status")
        self.count = Counter("scaling_search_requests", "Requests answered", labels, registry=registry)
        self.seconds = Histogram("scaling_search_request_seconds", "Time to answer", ("route",), registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in ("GET", "POST", "PATCH", "DELETE", "HEAD") else "other"
            self.count.labels(method, route, str(status)).inc()
            if not route.endswith("/events"):
                self.seconds.labels(route).observe(time.perf_counter() - began)


class _Now(Collector):
    """What the database says at this moment."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def collect(self) -> Iterator[Metric]:
        """Studies and trials by state, and listeners."""
        studies, trials = self.kept.board.totals()
        for name, words, values in (("studies", "Studies by state", studies), ("trials", "Trials by state", trials)):
            family = GaugeMetricFamily(f"scaling_search_{name}", words, labels=["state"])
            for state, n in values.items():
                family.add_metric([state], n)
            yield family
        yield GaugeMetricFamily("scaling_search_listeners", "Open event streams", value=self.kept.hub.listeners)


def exposition(kept: Kept) -> tuple[bytes, str]:
    """(text, media type) of all metrics."""
    now = CollectorRegistry()
    now.register(_Now(kept))
    return generate_latest(kept.registry) + generate_latest(now), KIND
