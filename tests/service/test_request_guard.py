"""Forged hosts, requests of other sites and large bodies are refused; every response has security headers."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from scaling_search.service.request_guard import MAX_BODY_BYTES
from tests.support.service import HTML, STUDY, V1, refused


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1.evil.example"]
)
def test_an_unknown_host_is_refused(client: TestClient, host: str) -> None:
    refused(client.get(f"{V1}/studies", headers={"host": host}), 421)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "testserver"])
def test_the_server_s_own_names_are_known(client: TestClient, host: str) -> None:
    assert client.get(f"{V1}/studies", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://testserver.evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_requests_from_other_sites_are_refused_even_without_tokens(client: TestClient, headers: dict[str, str]) -> None:
    refused(client.post(f"{STUDY}/extend", json={"trials": 1}, headers=headers), 403)
    assert client.get(STUDY).json()["state"] == "complete"


def test_every_page_has_a_strict_policy(client: TestClient) -> None:
    for path in ("/", "/studies/tiny", "/static/app.js", f"{V1}/health", "/nowhere"):
        headers = client.get(path, headers=HTML).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] in ("no-store", "no-cache")


def test_oversized_bodies_are_refused_declared_or_not(client: TestClient) -> None:
    refused(client.post(f"{V1}/specs/check", content=b"x" * (MAX_BODY_BYTES + 1)), 413)
    refused(client.post(f"{V1}/specs/check", content=(b"x" * 50_000 for _ in range(10))), 413)
    refused(client.post("/login", data={"token": "x" * MAX_BODY_BYTES}), 413)
