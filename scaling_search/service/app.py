"""The FastAPI application of one store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from scaling_search.service import api_events, api_results, api_studies, pages, pages_study
from scaling_search.service import api_validations as validations
from scaling_search.service.context import Kept
from scaling_search.service.errors import add_handlers
from scaling_search.service.event_stream import EventBroadcaster
from scaling_search.service.metrics import Timing
from scaling_search.service.rate_limit import LoginRateLimit
from scaling_search.service.request_guard import Guard
from scaling_search.service.sandbox import Sandbox
from scaling_search.service.settings import Settings
from scaling_search.service.templating import LoginNeeded, to_login
from scaling_search.service.webhooks import Sender
from scaling_search.store import Events, Store
from scaling_search.store.webhook_queue import WebhookQueue

ABOUT = """Launch, watch, steer and export searches for compound-scaling coefficients.

Send a token as `Authorization: Bearer …`. Viewers read; operators launch, steer and delete too. Every answer that is no
success has one shape: `{"error": {"code", "message", "hint", "fields"}}`.
"""


def create_app(store: Store, settings: Settings, kitchen: Sandbox | None = None) -> FastAPI:
    """The application; it starts no worker. A kitchen that is given may serve several, and is not closed."""
    registry = CollectorRegistry()
    own = Kept(store, settings, LoginRateLimit(), kitchen or Sandbox(), EventBroadcaster(Events(store)), registry)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sender = asyncio.create_task(Sender(WebhookQueue(store), settings).run()) if settings.webhook_secret else None
        yield
        if sender:
            sender.cancel()
        own.hub.close()
        if kitchen is None:
            own.kitchen.close()

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
    app.state.kept = own
    results = api_results.results, validations.validations
    for part in (api_studies.specs, api_studies.studies, *results, api_events.events, api_events.health):
        app.include_router(part)
    app.include_router(pages.pages, include_in_schema=False)
    app.include_router(pages_study.pages, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), "static")
    add_handlers(app, pages.error_page)
    app.add_exception_handler(LoginNeeded, lambda request, _: to_login(request))
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Timing, registry=registry)
    return app
