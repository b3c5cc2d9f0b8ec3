"""A server process: events, webhooks, shutdown, recovery after kill -9; and the Python client."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from scaling_search import Client
from scaling_search.client import Conflict, Unauthorised
from scaling_search.errors import InputError, NotFound
from scaling_search.search.studies import submit_study
from scaling_search.service.webhooks import SIGNATURE, signature
from scaling_search.spec.study_file import parse
from scaling_search.store import Accounts, Store, open_database
from scaling_search.store.tables import Study

pytestmark = [pytest.mark.timeout(1200), pytest.mark.slow]
STUDY = "/api/v1/studies/fresh"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Refuses the first call, takes the second."""

    calls: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.calls.append((self.headers[SIGNATURE], body))
        self.send_response(500 if len(self.calls) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """No log."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    calls: list[tuple[str, bytes]] = []
    handler = type("Handler", (Receiver,), {"calls": calls})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", calls
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_client_launches_watches_and_exports_and_a_webhook_tells_of_the_end(
    serve: Callable[..., Any],
    tiny: Callable[..., str],
    tmp_path: Path,
    digits_root: Path,
    receiver: tuple[str, list[tuple[str, bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCALING_SEARCH_WEBHOOK_SECRET", "shared")
    url, calls = receiver
    db = tmp_path / "s.db"
    store = Store(open_database(str(db), create=True))
    token = Accounts(store).create_token("ann", "operator")
    server = serve(db, "--data-root", str(digits_root), "--private-webhooks", "--slots", "2")
    with Client(server.url) as stranger, pytest.raises(Unauthorised):
        stranger.study("fresh")
    with Client(server.url, token) as client:
        watch_a_study(client, tiny("fresh", trials="2", replicates="0", base_runs="0"), url)
    server.until("/api/v1/health", lambda _: bool(calls))
    signed, body = calls[0]
    at = int(signed.split(",")[0].removeprefix("t="))
    assert signed == signature("shared", at, body)
    assert json.loads(body)["state"] == "complete"
    assert server.stop() == 0
    store.close()


def watch_a_study(client: Client, text: str, url: str) -> None:
    """Plan, launch and follow a study to its end, and read its results."""
    assert client.plan(text)["runs"] == 2
    launched = client.launch(text, webhook=url)
    assert (launched["state"], launched["launched_by"]) == ("queued", "ann")
    with pytest.raises(Conflict):
        client.launch(text)
    with pytest.raises(NotFound):
        client.study("nothing")
    with pytest.raises(InputError):
        client.launch("name: 1 2")
    assert client.wait("fresh")["state"] == "complete"
    kinds = []
    for event in client.events("fresh", after=0):
        kinds.append(event["kind"])
        if event.get("state") == "complete":
            break
    assert kinds[0] == "state"
    assert {"state", "runs", "choice"} <= set(kinds)
    assert len(list(client.trials("fresh", limit=1))) == 2
    assert json.loads(client.export("fresh"))["choice"]["key"] == client.choice("fresh")["key"]
    assert [s["name"] for s in client.studies()] == ["fresh"]
    assert [w["slots"] for w in client.workers()] == [2]


@pytest.mark.parametrize("victims", ["serve", "worker", "both"])
def test_kill_9_loses_nothing_and_runs_nothing_twice(
    serve: Callable[..., Any], tiny: Callable[..., str], tmp_path: Path, digits_root: Path, victims: str
) -> None:
    import psutil

    db = tmp_path / "s.db"
    options = ("--data-root", str(digits_root), "--slots", "2")
    server = serve(db, *options)
    text = tiny("fresh", trials="6", replicates="1", epochs="4")
    server.client.post("/api/v1/studies", json={"spec": text}).raise_for_status()
    server.until(STUDY, lambda r: r.json()["done"] >= 2)
    (worker,) = [p for p in psutil.Process(server.process.pid).children() if "work" in p.cmdline()]
    if victims in ("worker", "both"):
        worker.kill()
    if victims in ("serve", "both"):
        server.kill()
        psutil.wait_procs([worker], timeout=60)
        server = serve(db, *options)
    shown = server.until(STUDY, lambda r: r.json()["state"] == "complete").json()
    assert shown["counts"]["complete"] == 7
    store = Store(open_database(str(db)))
    rows, epochs = store.trials("fresh"), store.epochs("fresh")
    assert all(r.attempts == 1 for r in rows)
    assert sorted((n, e.epoch) for n, _, e in epochs) == [(n, e) for n in range(7) for e in range(4)]
    store.close()
    assert server.stop() == 0


def test_events_resume_after_the_last_one_seen(db: Path, store: Store, serve: Callable[..., Any]) -> None:
    server = serve(db, "--no-worker")
    server.client.post("/api/v1/studies/tiny/extend", json={"trials": 1}).raise_for_status()
    path = "/api/v1/studies/tiny/events"
    ids = _events(server.client, path, 3, "0")
    again = _events(server.client, path, 2, str(ids[0]))
    assert again == ids[1:3]
    assert _events(server.client, f"{path}?after={ids[0]}", 2) == ids[1:3]
    assert _events(server.client, f"{path}?after=0", 2, str(ids[0])) == ids[1:3]
    with server.client.stream("GET", path, headers={"Last-Event-ID": "999999"}) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("event"))
        assert next(lines) == "event: reset"
    assert server.client.get("/api/v1/studies/nothing/events").status_code == 404
    server.stop()


def _events(client: httpx.Client, path: str, n: int, last: str | None = None) -> list[int]:
    """Ids of the next ``n`` events."""
    headers = {} if last is None else {"Last-Event-ID": last}
    ids: list[int] = []
    event_id = 0
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("id: "):
                event_id = int(line[4:])
            elif line.startswith("event: "):
                ids.append(event_id)
                if len(ids) == n:
                    return ids
    return ids


def test_a_listener_gets_new_events(db: Path, serve: Callable[..., Any]) -> None:
    server = serve(db, "--no-worker")
    got: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        with server.client.stream("GET", "/api/v1/events") as answer:
            for line in answer.iter_lines():
                ready.set()
                if line.startswith("event: "):
                    got.append(line)
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    assert ready.wait(60)
    with httpx.Client(base_url=server.url, trust_env=False) as other:
        other.patch("/api/v1/studies/tiny", json={"priority": 1}).raise_for_status()
    thread.join(60)
    assert got == ["event: control"]
    assert server.stop() == 0


def test_a_waiting_client_sees_an_end_without_an_event(
    serve: Callable[..., Any], empty_file: Path, tiny: Callable[..., str], tmp_path: Path
) -> None:
    db = Path(shutil.copy(empty_file, tmp_path / "s.db"))
    store = Store(open_database(str(db)))
    submit_study(store, parse(tiny("fresh")), "ann")
    server = serve(db, "--no-worker")
    looks = 'scaling_search_requests_total{method="GET",route="/api/v1/studies/{name}",status="200"} 3.0'
    with Client(server.url) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.wait, "fresh")
        try:
            server.until(
                "/api/v1/metrics", lambda r: looks in r.text
            )  # the client looked first, once it listened, and at the event
            with store.engine.begin() as connection:
                connection.execute(update(Study).values(state="complete"))
            assert waiting.result(timeout=60)["state"] == "complete"
        finally:
            assert server.stop() == 0  # also ends the waiting
    store.close()


def test_an_open_stream_does_not_keep_the_server_from_stopping(db: Path, serve: Callable[..., Any]) -> None:
    server = serve(db, "--no-worker")
    with httpx.stream("GET", f"{server.url}/api/v1/events", timeout=60) as answer:
        next(answer.iter_lines())
        assert server.stop() == 0
