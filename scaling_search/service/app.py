"""The FastAPI application on one store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from scaling_search.service import api_events, api_results, api_studies, api_validations, pages, pages_study
from scaling_search.service.auth import LoginNeeded, to_login
from scaling_search.service.context import AppContext
from scaling_search.service.errors import add_handlers
from scaling_search.service.event_stream import EventBroadcaster
from scaling_search.service.metrics import RequestMetrics
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.request_guard import RequestGuard
from scaling_search.service.sandbox import Sandbox
from scaling_search.service.settings import Settings
from scaling_search.service.webhooks import WebhookSender
from scaling_search.store import Events, Store
from scaling_search.store.webhook_queue import WebhookQueue

ABOUT = """Launch, watch, steer and export searches for compound-scaling coefficients.

Send a token as `Authorization: Bearer …`. Viewers may read; operators may also launch, steer and delete. Every error
has the shape `{"error": {"code", "message", "hint", "fields"}}`.
"""
ROUTERS = (
    *(api_studies.specs, api_studies.studies, api_results.results, api_validations.validations),
    *(api_events.events, api_events.health),
)


def create_app(store: Store, settings: Settings, sandbox: Sandbox | None = None) -> FastAPI:
    """The application; it starts no worker. A given sandbox may be shared, so the application does not close it."""
    broadcaster = EventBroadcaster(Events(store))
    context = AppContext(store, settings, LoginRateLimit(), sandbox or Sandbox(), broadcaster, CollectorRegistry())

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sender = WebhookSender(WebhookQueue(store), settings)
        sending = asyncio.create_task(sender.run()) if settings.webhook_secret else None
        yield
        if sending:
            sending.cancel()
        context.broadcaster.close()
        if sandbox is None:
            context.sandbox.close()

    app = FastAPI(
        title="scaling_search",
        version="1",
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.context = context
    _add_routes(app)
    add_handlers(app, pages.error_page)
    app.add_exception_handler(LoginNeeded, lambda request, _: to_login(request))
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(RequestGuard, settings=settings)
    app.add_middleware(RequestMetrics, registry=context.registry)
    return app


def _add_routes(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(pages.pages, include_in_schema=False)
    app.include_router(pages_study.pages, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), "static")
