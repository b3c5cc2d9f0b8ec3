"""Wrong tokens are limited for each address."""

from __future__ import annotations

import time

from starlette.testclient import TestClient

from scaling_search.service.rate_limit import MAX_FAILURES, LoginRateLimit
from tests.support.service import HTML, V1, bearer, csrf_in, refused


def test_logging_in_is_rate_limited(guarded: TestClient) -> None:
    csrf = csrf_in(guarded.get("/login", headers=HTML).text)
    for _ in range(MAX_FAILURES):
        answer = guarded.post("/login", data={"token": "wrong", "csrf": csrf}, headers=HTML)
        assert answer.status_code == 401
        assert "unknown, expired or revoked" in answer.text
    answer = guarded.post("/login", data={"token": "wrong", "csrf": csrf}, headers=HTML)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    refused(guarded.get(f"{V1}/studies", headers=bearer("ss_x")), 429)


def test_failures_expire_and_few_addresses_are_kept() -> None:
    limiter = LoginRateLimit(max_failures=2, window_s=0.05, max_addresses=10)
    for i in range(100):
        limiter.failed(f"10.0.0.{i}")
    assert len(limiter._failures) == 10
    limiter.failed("10.0.0.99")
    assert limiter.wait("10.0.0.99") == 1
    until = time.monotonic() + 5
    while limiter.wait("10.0.0.99"):
        assert time.monotonic() < until
