"""Fixtures of the service's tests."""

from tests.support.service import (  # noqa: F401
    client,
    db,
    finished_db,
    guarded,
    sandbox,
    serve,
    settings,
    store,
    tokens,
)
