"""schemathesis over the OpenAPI document: whatever is sent, no answer is a 5xx or breaks the document.

One check is left out: that whatever fits the schema is accepted. A spec's text fits it and may still be refused with 422.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

STREAMS = ("/events",)
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "3"))
"""Cases for each operation; `make fuzz` takes more."""


def operations(app: Any) -> Any:
    """Every operation but the endless streams."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers={"host": "testserver"})
    return schema.exclude(path_regex="/events$")


def _fuzz(app: Any, cases: int, before: Callable[[], None] = lambda: None) -> int:
    """How many cases were sent; raises where an answer breaks the document or is a 5xx."""
    sent = 0
    quiet = settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    for found in operations(app).get_all_operations():
        operation = found.ok()

        def check(case: Case[Any]) -> None:
            nonlocal sent
            sent += 1
            answer = case.call(headers={"host": "testserver"}, timeout=300)
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])

        before()
        quiet(given(case=operation.as_strategy())(check))()
    return sent


def test_whatever_is_sent_the_answer_is_as_documented(client: TestClient) -> None:
    assert _fuzz(client.app, CASES) >= 20 * CASES


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_two_thousand_cases(client: TestClient) -> None:
    assert _fuzz(client.app, 100) >= 2000
