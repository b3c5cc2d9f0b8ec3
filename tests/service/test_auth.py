"""Hostile inputs, each refused cleanly: what is refused, with which status, and that nothing came of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from scaling_search.errors import InputError
from scaling_search.records import TrialEnd
from scaling_search.service import Settings, create_app, webhooks
from scaling_search.service.auth import csrf_of
from scaling_search.service.rate_limit import TRIES, LoginRateLimit
from scaling_search.service.request_guard import MOST_BYTES
from scaling_search.service.server import serve
from scaling_search.service.webhooks import check_url
from scaling_search.store import Accounts, Control, Store, Workers
from scaling_search.store.mapping import now
from scaling_search.store.service_tables import Token
from scaling_search.store.webhook_queue import Due, WebhookQueue

V1 = "/api/v1"
STUDY = f"{V1}/studies/tiny"
HTML = {"accept": "text/html"}
UNSAFE = [
    ("POST", f"{V1}/studies"),
    ("PATCH", STUDY),
    ("DELETE", STUDY),
    *(("POST", f"{STUDY}/{verb}") for verb in ("pause", "stop", "cancel", "resume", "extend")),
]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def refused(answer: Any, status: int) -> str:
    """The message of an error in the one shape."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint", "fields"}
    return str(error["message"])


def log_in(client: TestClient, token: str) -> str:
    """The CSRF token of a new session of the client."""
    page = client.get("/login", headers=HTML).text
    answer = client.post("/login", data={"token": token, "csrf": csrf_in(page)}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return csrf_in(client.get("/", headers=HTML).text)


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]{64})"', page)
    assert found
    return found[1]


# --- who may do what


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
def test_pages_send_strangers_to_the_login(guarded: TestClient, page: str) -> None:
    answer = guarded.get(page, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?to=")


def test_wrong_expired_and_revoked_tokens_are_refused(client: TestClient, store: Store, tokens: dict[str, str]) -> None:
    access = Accounts(store)
    expired = access.create_token("late", "operator", days=1)
    with store.engine.begin() as connection:
        connection.execute(update(Token).where(Token.name == "late").values(expires_at=now()))
    revoked = access.create_token("gone", "operator")
    access.revoke_token(access.tokens()[-1].id)
    for token in (expired, revoked, "ss_" + "x" * 43):
        refused(client.get(f"{V1}/studies", headers=bearer(token)), 401)


def test_a_revoked_token_ends_its_sessions(guarded: TestClient, store: Store, tokens: dict[str, str]) -> None:
    log_in(guarded, tokens["operator"])
    assert guarded.get(f"{V1}/studies").status_code == 200
    Accounts(store).revoke_token(2)
    refused(guarded.get(f"{V1}/studies"), 401)


def test_logging_in_is_rate_limited(guarded: TestClient) -> None:
    csrf = csrf_in(guarded.get("/login", headers=HTML).text)
    for _ in range(TRIES):
        answer = guarded.post("/login", data={"token": "wrong", "csrf": csrf}, headers=HTML)
        assert answer.status_code == 401
        assert "unknown, expired or revoked" in answer.text
    answer = guarded.post("/login", data={"token": "wrong", "csrf": csrf}, headers=HTML)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    refused(guarded.get(f"{V1}/studies", headers=bearer("ss_x")), 429)


def test_the_limiter_forgets_and_stays_small() -> None:
    limiter = LoginRateLimit(tries=2, window=0.05, most=10)
    for i in range(100):
        limiter.failed(f"10.0.0.{i}")
    assert len(limiter._failures) == 10
    limiter.failed("10.0.0.99")
    assert limiter.wait("10.0.0.99") == 1
    until = time.monotonic() + 5
    while limiter.wait("10.0.0.99"):
        assert time.monotonic() < until


def test_a_session_s_cookie_is_guarded_and_new_at_login(guarded: TestClient, tokens: dict[str, str]) -> None:
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


# --- forged requests


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "replayed"])
def test_forms_without_this_session_s_csrf_token_are_refused(
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


def test_a_csrf_token_does_not_give_the_cookie_away() -> None:
    assert csrf_of("a") != csrf_of("b")
    assert "secret" not in csrf_of("secret")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1.evil.example"]
)
def test_a_forged_host_is_refused(client: TestClient, host: str) -> None:
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


def test_a_browser_on_this_machine_needs_the_page_s_csrf_token(client: TestClient) -> None:
    origin = {"origin": "http://testserver"}
    refused(client.post(f"{STUDY}/extend", json={"trials": 1}, headers=origin), 403)
    csrf = csrf_in(client.get("/", headers=HTML).text)
    answer = client.post(f"{STUDY}/extend", json={"trials": 1}, headers={**origin, "x-csrf-token": csrf})
    assert answer.status_code == 200


def test_every_page_has_a_strict_policy(client: TestClient) -> None:
    for path in ("/", "/studies/tiny", "/static/app.js", f"{V1}/health", "/nowhere"):
        headers = client.get(path, headers=HTML).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] in ("no-store", "no-cache")


# --- bodies and specs


def test_oversized_bodies_are_refused_declared_or_not(client: TestClient) -> None:
    refused(client.post(f"{V1}/specs/check", content=b"x" * (MOST_BYTES + 1)), 413)
    refused(client.post(f"{V1}/specs/check", content=(b"x" * 50_000 for _ in range(10))), 413)
    refused(client.post("/login", data={"token": "x" * MOST_BYTES}), 413)


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


@pytest.mark.parametrize(
    "text",
    [BOMB, "[" * 20_000, "{a: " * 20_000, "- " * 50_000, "a: !!python/object/apply:os.system ['true']", "name: x\nname: y", "\x00", "a: " + "9" * 5000, "%", "? [a]\n: b"],
    ids=["bomb", "deep list", "deep mapping", "deep dashes", "python object", "twice", "nul", "huge number", "directive", "odd key"],
)  # fmt: skip
def test_hostile_yaml_is_refused_quickly(client: TestClient, text: str) -> None:
    found = client.post(f"{V1}/specs/check", json={"spec": text})
    assert found.status_code in (200, 422)
    if found.status_code == 200:
        assert not found.json()["valid"]
    refused(client.post(f"{V1}/studies", json={"spec": text}), 422)


def test_deeply_nested_json_is_refused(client: TestClient) -> None:
    body = '{"spec": ' + "[" * 60_000 + "]" * 60_000 + "}"
    answer = client.post(f"{V1}/specs/check", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    nested: Any = 1
    for _ in range(900):
        nested = {"a": nested}
    refused(client.post(f"{V1}/studies", json={"spec": {"name": "x", "base": nested}}), 422)


@pytest.mark.parametrize(
    "root", ["/etc", "../../etc", "~/x", "s3://bucket/x", "C:\\data", "{root}/../..", "/proc/self/root"]
)
def test_a_spec_names_no_folder_that_is_not_allowed(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, root: str
) -> None:
    text = tiny("fresh", root=repr(root.replace("{root}", str(digits_root))))
    for path in ("studies", "specs/plan"):
        assert "does not allow" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    found = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in found["faults"]] == ["proxy.root"]


@pytest.mark.parametrize("dataset", ["torchvision:os.system", "torchvision:../x", "os:system", "my_module:Data"])
def test_a_spec_names_no_python_object(client: TestClient, tiny: Callable[..., str], dataset: str) -> None:
    refused(client.post(f"{V1}/studies", json={"spec": tiny("fresh", dataset=repr(dataset))}), 422)


@pytest.mark.parametrize("where", ["mnist", "/etc", "saved", "../saved"])
def test_a_spec_names_no_dataset_of_hugging_face_even_beside_an_allowed_folder(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(digits_root)
    text = tiny("fresh", dataset=repr(f"huggingface:{where}"))
    assert "does not allow" in refused(client.post(f"{V1}/studies", json={"spec": text}), 422)


def test_a_spec_that_would_measure_for_minutes_is_refused(client: TestClient, tiny: Callable[..., str]) -> None:
    text = tiny("fresh").replace("divisor: 2", "divisor: 2, cost: latency")
    for path in ("studies", "specs/plan"):
        assert "measured on the machine" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    found = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in found["faults"]] == ["budget.cost"]


def test_a_spec_runs_no_code_of_its_own_even_from_an_allowed_folder(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (digits_root / "planted.py").write_text(f"open({str(digits_root / 'was_run')!r}, 'w').close()\n")
    monkeypatch.chdir(digits_root)
    text = re.sub(r"base: \{.*\}", "base: {factory: 'planted:make', resolution: 8}", tiny("fresh"))
    for path in ("studies", "specs/plan"):
        assert "not run" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    found = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in found["faults"]] == ["base.factory"]
    assert not (digits_root / "was_run").exists()


def test_a_spec_too_large_to_enumerate_is_refused_and_the_server_goes_on(store: Store, settings: Settings) -> None:
    huge = "name: huge\nbase: {resolution: 1024, width: 4}\nbudget: {target: 256, tolerance: 0.25, divisor: 1}"
    app = create_app(store, settings)
    app.state.kept.kitchen.seconds = 3.0
    with TestClient(app, headers={"accept": "application/json"}) as client:
        assert "to work out here" in refused(client.post(f"{V1}/specs/plan", json={"spec": huge}), 422)
        assert client.get(STUDY).status_code == 200
        app.state.kept.kitchen.seconds = 60.0
        triple = {"alpha": 1.2, "beta": 1.1, "gamma": 1.15, "phi": [1]}
        assert client.post(f"{V1}/family", json=triple).status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"]
)
def test_paths_do_not_leave_the_static_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/launch?file=../../etc/passwd", "/launch?file=/etc/passwd", "/launch?study=../../etc/passwd", f"{STUDY}/export/..%2f..%2fetc%2fpasswd", f"{STUDY}/trials.%2fetc%2fpasswd"]
)  # fmt: skip
def test_paths_do_not_leave_files_of_studies_or_exports(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert "root:" not in answer.text


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%2Fb", "a b", "<script>", "x" * 65])
def test_names_that_are_no_names_reach_nothing(client: TestClient, name: str) -> None:
    assert client.get(f"{V1}/studies/{name}").status_code in (200, 404, 422)
    assert client.get(f"/studies/{name}", headers=HTML).status_code in (200, 404, 422)


def test_scripts_in_words_are_shown_not_run(client: TestClient, tiny: Callable[..., str]) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    text = tiny("evil").replace("name: evil", f'name: evil\ndescription: "{evil}"')
    assert client.post(f"{V1}/studies", json={"spec": text}).status_code == 201
    for page in ("/", "/studies/evil", "/launch?study=evil", "/?q=" + evil, "/studies/tiny/trials?q=" + evil):
        shown = client.get(page, headers=HTML)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
    shown = client.get(f"/studies/{evil}", headers=HTML)
    assert "<script>alert" not in shown.text


def test_scripts_in_errors_and_hosts_are_shown_not_run(client: TestClient, store: Store) -> None:
    evil = "<script>alert(1)</script>"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE trial SET state = 'failed', error = '{evil}' WHERE number = 3")
    Workers(store).arrive(evil, 1, 1)
    for page in ("/studies/tiny/trials", "/studies/tiny/trials/3", "/workers"):
        shown = client.get(page, headers=HTML).text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown


def test_a_csv_holds_no_formula(client: TestClient, store: Store) -> None:
    Control(store).extend("tiny", store.study("tiny").spec, "h", "ann")
    claim = store.claim("tiny", "x:1", 60)
    assert claim is not None
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE trial SET state = 'waiting', finished_at = NULL WHERE number = 3")
    store.write(claim, started=[3])
    store.write(claim, ended=[TrialEnd(3, "failed", '=HYPERLINK("http://evil.example","x")')])
    text = client.get(f"{STUDY}/trials.csv").text
    assert "'=HYPERLINK" in text
    assert not re.search(r'(^|,)"?=', text, re.MULTILINE)


# --- webhooks


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://192.168.1.1:8080/"],
)  # fmt: skip
def test_a_webhook_to_a_private_address_is_refused(
    store: Store, settings: Settings, tiny: Callable[..., str], url: str
) -> None:
    app = create_app(store, replace(settings, webhook_secret="s"))
    with TestClient(app, headers={"accept": "application/json"}) as client:
        message = refused(client.post(f"{V1}/studies", json={"spec": tiny("fresh"), "webhook": url}), 422)
    assert "private address" in message or "no address" in message


def test_a_webhook_whose_name_turns_private_is_refused_when_it_is_called(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([["8.8.8.8"], ["169.254.169.254"]])
    monkeypatch.setattr(webhooks, "addresses", lambda host, port: next(found))
    signing = replace(settings, webhook_secret="s")
    check_url("http://rebound.example/", signing)
    call = Due(1, "http://rebound.example/", {"study": "tiny"}, 0)
    with pytest.raises(InputError, match="private address"):
        asyncio.run(webhooks.Sender(WebhookQueue(store), signing)._post(call))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:pw@8.8.8.8/",
        "http://",
        "x",
        "http://[",
        "http://8.8.8.8:99999/",
    ],
)
def test_a_webhook_is_an_http_url(settings: Settings, url: str) -> None:
    with pytest.raises(InputError, match="webhook"):
        check_url(url, replace(settings, webhook_secret="s"))


def test_without_a_secret_there_are_no_webhooks(client: TestClient, tiny: Callable[..., str]) -> None:
    given = {"spec": tiny("fresh"), "webhook": "https://8.8.8.8/"}
    assert "sends none" in refused(client.post(f"{V1}/studies", json=given), 422)


# --- the address


def test_beyond_loopback_a_token_is_needed(store: Store, settings: Settings) -> None:
    with pytest.raises(InputError, match="no valid token") as error:
        serve(store, replace(settings, host="0.0.0.0", port=0, worker=False))
    assert error.value.exit_code == 2
    Accounts(store).create_token("ann", "operator")
    Accounts(store).revoke_token(1)
    with pytest.raises(InputError, match="no valid token"):
        serve(store, replace(settings, host="192.0.2.1", port=0, worker=False))


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("example.com", False)])  # fmt: skip
def test_loopback_is_recognised(host: str, loopback: bool) -> None:
    assert Settings(db="x", host=host).loopback is loopback
