"""Prometheus metrics: requests are counted as they are answered; the rest is read from the database at each scrape."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from scaling_search.service.context import AppContext

MEDIA_TYPE = "text/plain; version=1.0.0; charset=utf-8"
METHODS = ("GET", "POST", "PATCH", "DELETE", "HEAD")


class RequestMetrics:
    """ASGI middleware: counts and times requests, by route and status."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        labels = ("method", "route", "status")
        self.count = Counter("scaling_search_requests", "Requests answered", labels, registry=registry)
        self.seconds = Histogram("scaling_search_request_seconds", "Time to answer", ("route",), registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, send_and_note_status)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.count.labels(method, route, str(status)).inc()
            if not route.endswith("/events"):  # a stream lasts as long as its client listens
                self.seconds.labels(route).observe(time.perf_counter() - start)


class _DatabaseMetrics(Collector):
    """Metrics read from the database at each scrape."""

    def __init__(self, context: AppContext) -> None:
        self.context = context

    def collect(self) -> Iterator[Metric]:
        """Studies and trials by state, and listeners."""
        studies, trials = self.context.studies.totals()
        for name, about, values in (("studies", "Studies by state", studies), ("trials", "Trials by state", trials)):
            family = GaugeMetricFamily(f"scaling_search_{name}", about, labels=["state"])
            for state, n in values.items():
                family.add_metric([state], n)
            yield family
        listeners = self.context.broadcaster.listener_count
        yield GaugeMetricFamily("scaling_search_listeners", "Open event streams", value=listeners)


def exposition(context: AppContext) -> tuple[bytes, str]:
    """(text, media type) of all metrics."""
    of_database = CollectorRegistry()
    of_database.register(_DatabaseMetrics(context))
    return generate_latest(context.registry) + generate_latest(of_database), MEDIA_TYPE
