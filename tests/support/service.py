"""The application on a real database, in this process or as a separate server process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scaling_search.cli import app as cli
from scaling_search.engine.local import LocalEngine
from scaling_search.search.run import run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.service import Settings, create_app
from scaling_search.service.sandbox import Sandbox
from scaling_search.spec.study_file import parse
from scaling_search.store import Accounts, Store, open_database

JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
V1 = "/api/v1"
STUDY = f"{V1}/studies/tiny"


@pytest.fixture(scope="session")
def finished_db(tiny: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one completed study."""
    folder = tmp_path_factory.mktemp("finished")
    store = Store(open_database(str(folder / "s.db"), create=True))
    spec = parse(tiny(epochs="2", train_size="64", validation_size="64", batch_size="32"))
    get_or_create_study(store, spec)
    assert run_study(spec, store, LocalEngine(2), folder / "runs").state == "complete"
    store.close()
    return folder / "s.db"


@pytest.fixture
def db(finished_db: Path, tmp_path: Path) -> Path:
    """A copy of ``finished_db``."""
    for file in finished_db.parent.glob("s.db*"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / "s.db"


@pytest.fixture
def store(db: Path) -> Iterator[Store]:
    opened = Store(open_database(str(db)))
    yield opened
    opened.close()


@pytest.fixture
def settings(db: Path, digits_root: Path) -> Settings:
    return Settings(db=str(db), hosts=("testserver",), data_roots=(digits_root,))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests, with a long time limit for busy machines."""
    shared = Sandbox(seconds=240)
    yield shared
    shared.close()


@pytest.fixture
def client(store: Store, settings: Settings, sandbox: Sandbox) -> Iterator[TestClient]:
    """A client on this machine. No token exists, so none is needed."""
    with TestClient(create_app(store, settings, sandbox), headers=JSON) as client:
        yield client


@pytest.fixture
def tokens(store: Store) -> dict[str, str]:
    """A token of each role."""
    accounts = Accounts(store)
    return {role: accounts.create_token(f"{role} one", role) for role in ("viewer", "operator")}


@pytest.fixture
def guarded(client: TestClient, tokens: dict[str, str]) -> TestClient:
    """The client once tokens exist."""
    return client


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def refused(answer: Any, status: int) -> str:
    """The message of an error response, whose shape is checked."""
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
    match = re.search(r'name="csrf" content="([0-9a-f]{64})"', page)
    assert match
    return match[1]


def ok(answer: Any, status: int = 200) -> Any:
    """The JSON of a response with the given status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def printed(*arguments: str) -> bytes:
    """The standard output of a command."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


class Server:
    """`scaling-search serve` as a process."""

    def __init__(self, db: Path, *options: str) -> None:
        self.db = db
        command = [sys.executable, "-m", "scaling_search.cli", "serve", "--db", str(db), "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http"), "it did not start"
        self.client = httpx.Client(base_url=self.url, headers=JSON, timeout=60, trust_env=False)

    def until(self, path: str, done: Callable[[httpx.Response], bool], seconds: float = 600) -> httpx.Response:
        deadline = time.monotonic() + seconds
        while not done(answer := self.client.get(path)):
            assert time.monotonic() < deadline, answer.text[:2000]
            time.sleep(0.2)
        return answer

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.close()

    def close(self) -> None:
        self.client.close()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(db: Path, *options: str) -> Server:
        servers.append(Server(db, *options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()
