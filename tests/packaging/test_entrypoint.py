"""What the images start, outside of them: `serve` and `work` by the entrypoint, on PostgreSQL with a password from a file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaling_search import Client
from tests.support.postgresql import Server, needed_binaries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DOCKER = Path(__file__).parents[2] / "docker"
PASSWORD = "pässwört-1"


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A database of a user who needs a password."""
    server = Server(needed_binaries())
    rules = server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"local search search scram-sha-256\n{rules.read_text()}")
    made = [f"CREATE ROLE search LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE search OWNER search"]
    server.execute([*made, "SELECT pg_reload_conf()"])
    yield f"postgresql://search@/search?host={server.folder}"
    server.close()


class Container:
    """The image's entrypoint with what compose.yaml gives it, but for the image."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        program = folder / "scaling-search"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m scaling_search.cli "$@"\n')
        program.chmod(0o755)
        known = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        path, secret = f"{folder}:{os.environ['PATH']}", str(folder / "secret")
        self.environment = {**known, "PATH": path, "SCALING_SEARCH_DB": database, "DB_PASSWORD_FILE": secret}
        self.started: list[subprocess.Popen[str]] = []

    def password(self, text: str) -> None:
        (self.folder / "secret").write_text(f"{text}\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = ["/bin/sh", str(DOCKER / "entrypoint.sh"), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        made = subprocess.Popen(command, cwd=self.folder, env=self.environment, text=True, **pipes)  # type: ignore[call-overload]
        self.started.append(made)
        return made  # type: ignore[no-any-return]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=120)


@pytest.fixture
def container(tmp_path: Path, guarded: str) -> Iterator[Container]:
    made = Container(tmp_path, guarded)
    yield made
    made.end()


def health_check(url: str) -> int:
    """What the image's health check says of a server."""
    (check,) = re.findall(r"^HEALTHCHECK .*\n  CMD (\[.*\])$", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    _, flag, code = json.loads(check)
    asked = [sys.executable, flag, code.replace("http://127.0.0.1:8080", url)]
    return subprocess.run(asked, capture_output=True, check=False).returncode


def test_a_study_goes_through_server_and_worker(container: Container, tiny: Callable[..., str]) -> None:
    container.password("wrong")
    code, _, err = container.run("token", "list")
    assert code == 1
    assert "password authentication failed" in err
    assert "check host, port, name, user and password" in err

    container.password(PASSWORD)
    code, token, err = container.run("token", "create", "me", "--role", "operator")
    assert code == 0, err
    root = re.findall(r"root: ([^,]+),", tiny())[0]
    server = container.start("serve", "--host", "0.0.0.0", "--port", "0", "--no-worker", "--data-root", root)
    assert server.stdout is not None
    url = server.stdout.readline().strip().replace("0.0.0.0", "127.0.0.1")
    assert health_check(url) == 0
    worker = container.start("work", "--slots", "2")
    with Client(url, token.strip()) as client:
        client.launch(tiny("inside"))
        assert client.wait("inside")["state"] == "complete"
        assert client.choice("inside")["shares"]
        assert [(w["pid"], w["state"]) for w in client.workers()] == [(worker.pid, "idle")]
    worker.terminate()
    _, said = worker.communicate(timeout=120)
    assert "leaving" in said
    server.terminate()
    server.communicate(timeout=120)
    assert health_check(url) == 1
