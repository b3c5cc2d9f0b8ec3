"""schemathesis on the OpenAPI document: no request leads to a 5xx or to an answer that the document excludes.

One check is excluded: that data which fits the schema is accepted. For the schema a spec is any string.
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
    """Every operation except the endless streams."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers={"host": "testserver"})
    return schema.exclude(path_regex="/events$")


def _fuzz(app: Any, cases: int, before: Callable[[], None] = lambda: None) -> int:
    """The number of cases sent. Raises if an answer is a 5xx or not as documented."""
    sent = 0
    quiet = settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    for result in operations(app).get_all_operations():
        operation = result.ok()

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
