"""Roles, tokens, sessions, cookies and CSRF tokens: what is refused, and with which status."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from scaling_search.service import Settings, create_app
from scaling_search.service.auth import csrf_of
from scaling_search.store import Accounts, Store
from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Token
from tests.support.service import HTML, STUDY, V1, bearer, csrf_in, log_in, refused

UNSAFE = [
    ("POST", f"{V1}/studies"),
    ("PATCH", STUDY),
    ("DELETE", STUDY),
    *(("POST", f"{STUDY}/{verb}") for verb in ("pause", "stop", "cancel", "resume", "extend")),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_viewer_changes_nothing(guarded: TestClient, tokens: dict[str, str], method: str, path: str) -> None:
    for given in list[dict[str, Any]]([{"json": {}}, {}]):
        refused(guarded.request(method, path, headers=bearer(tokens["viewer"]), **given), 403)
        refused(guarded.request(method, path, **given), 401)
    assert guarded.get(STUDY, headers=bearer(tokens["viewer"])).json()["state"] == "complete"


def test_without_a_token_nothing_is_read_once_there_is_one(guarded: TestClient) -> None:
    open_paths = {f"{V1}/health", f"{V1}/ready"}
    document = guarded.get(f"{V1}/openapi.json").json()
    for path, operations in document["paths"].items():
        if path in open_paths:
            continue
        for method in operations:
            asked = path.replace("{name}", "tiny").replace("{number}", "1").replace("{form}", "json")
            refused(guarded.request(method, asked), 401)


@pytest.mark.parametrize("page", ["/", "/launch", "/compare", "/workers", "/studies/tiny", "/studies/tiny/trials", "/studies/tiny/trials/1", "/studies/tiny/family"])  # fmt: skip
def test_pages_redirect_to_the_login_without_a_session(guarded: TestClient, page: str) -> None:
    answer = guarded.get(page, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?to=")


def test_wrong_expired_and_revoked_tokens_are_refused(client: TestClient, store: Store, tokens: dict[str, str]) -> None:
    accounts = Accounts(store)
    expired = accounts.create_token("late", "operator", days=1)
    with store.engine.begin() as connection:
        connection.execute(update(Token).where(Token.name == "late").values(expires_at=now()))
    revoked = accounts.create_token("gone", "operator")
    accounts.revoke_token(accounts.tokens()[-1].id)
    for token in (expired, revoked, "ss_" + "x" * 43):
        refused(client.get(f"{V1}/studies", headers=bearer(token)), 401)


def test_a_revoked_token_ends_its_sessions(guarded: TestClient, store: Store, tokens: dict[str, str]) -> None:
    log_in(guarded, tokens["operator"])
    assert guarded.get(f"{V1}/studies").status_code == 200
    Accounts(store).revoke_token(2)
    refused(guarded.get(f"{V1}/studies"), 401)


def test_the_session_cookie_is_protected_and_new_at_login(guarded: TestClient, tokens: dict[str, str]) -> None:
    first = guarded.get("/login", headers=HTML)
    before = guarded.cookies["session"]
    answer = guarded.post(
        "/login", data={"token": tokens["viewer"], "csrf": csrf_in(first.text)}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert guarded.cookies["session"] != before


def test_behind_tls_cookies_are_secure_and_bound_to_the_host(store: Store, settings: Settings) -> None:
    with TestClient(create_app(store, replace(settings, tls=True)), base_url="https://testserver") as client:
        answer = client.get("/", headers=HTML)
    assert "strict-transport-security" in answer.headers
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_login_leads_to_this_server_only(guarded: TestClient, tokens: dict[str, str], to: str) -> None:
    csrf = csrf_in(guarded.get("/login", headers=HTML).text)
    data = {"token": tokens["viewer"], "csrf": csrf, "to": to}
    assert guarded.post("/login", data=data, follow_redirects=False).headers["location"] == "/"


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "replayed"])
def test_requests_without_the_csrf_token_of_the_session_are_refused(
    guarded: TestClient, tokens: dict[str, str], csrf: str | None
) -> None:
    old = log_in(guarded, tokens["operator"])
    guarded.post("/logout", data={"csrf": old}, follow_redirects=False)
    fresh = log_in(guarded, tokens["operator"])
    assert fresh != old
    given = old if csrf == "replayed" else csrf
    headers = {} if given is None else {"x-csrf-token": given}
    refused(guarded.post(f"{STUDY}/extend", json={"trials": 1}, headers=headers), 403)
    refused(guarded.post("/logout", data={"csrf": given or ""}), 403)
    good = guarded.post(f"{STUDY}/extend", json={"trials": 1}, headers={"x-csrf-token": fresh})
    assert good.status_code == 200


def test_a_csrf_token_does_not_reveal_the_cookie() -> None:
    assert csrf_of("a") != csrf_of("b")
    assert "secret" not in csrf_of("secret")


def test_a_browser_on_this_machine_needs_the_page_s_csrf_token(client: TestClient) -> None:
    origin = {"origin": "http://testserver"}
    refused(client.post(f"{STUDY}/extend", json={"trials": 1}, headers=origin), 403)
    csrf = csrf_in(client.get("/", headers=HTML).text)
    answer = client.post(f"{STUDY}/extend", json={"trials": 1}, headers={**origin, "x-csrf-token": csrf})
    assert answer.status_code == 200
