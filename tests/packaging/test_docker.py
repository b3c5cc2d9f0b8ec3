"""docker/ without an engine: hadolint and the Compose specification have nothing to say, compose.yaml names stages, commands,
secrets and volumes that exist, and the entrypoint runs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from compose_spec import PyCompose

from scaling_search.cli import app
from scaling_search.service.api_events import health

DOCKER = Path(__file__).parents[2] / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
DOCKERFILE = (DOCKER / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_a_service_runs_a_command_with_options_that_exist(name: str) -> None:
    service = COMPOSE["services"][name]
    assert f"AS {service['build']['target']}\n" in DOCKERFILE
    word, *arguments = service["command"]
    known = {o for p in typer.main.get_command(app).commands[word].params for o in (*p.opts, *p.secondary_opts)}  # type: ignore[attr-defined]
    assert {a for a in arguments if a.startswith("--")} <= known


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_file_is_a_compose_file() -> None:
    PyCompose.from_yaml(merged(COMPOSE))
    with pytest.raises(ValueError, match="comand"):
        PyCompose.from_yaml(merged({**COMPOSE, "services": {"serve": {"image": "x", "comand": ["serve"]}}}))


def merged(compose: dict[str, Any]) -> str:
    """The file with its anchors written out."""
    return yaml.safe_dump(json.loads(json.dumps(compose)))


def test_torch_is_the_one_that_the_package_asks_for() -> None:
    wanted = tomllib.loads((DOCKER.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    asked = re.findall(r'"(torch(?:vision)?>=[^"]*)"', DOCKERFILE)
    assert len(asked) == 4
    assert set(asked) == {w for w in wanted if w.startswith("torch")}


def test_secrets_and_volumes_are_declared() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert {v.split(":")[0] for v in service.get("volumes", ())} <= set(COMPOSE["volumes"])
    assert "PASSWORD:" not in (DOCKER / "compose.yaml").read_text()


def test_the_health_check_asks_a_route_that_exists() -> None:
    (check,) = re.findall(r"^HEALTHCHECK [^\n]*\n  CMD (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)
    program, *arguments = json.loads(check)
    (path,) = re.findall(r"127\.0\.0\.1:8080(/[\w/]+)", arguments[-1])
    assert path in {getattr(route, "path", None) for route in health.routes}
    asked = [sys.executable, *(a.replace(":8080", ":9") for a in arguments)]  # where nobody answers
    assert program == "python"
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 1
    serving = {name for name, service in COMPOSE["services"].items() if service.get("command", [""])[0] == "serve"}
    ours = {name for name, service in COMPOSE["services"].items() if "build" in service}
    assert {name for name in ours if COMPOSE["services"][name].get("healthcheck") != {"disable": True}} == serving


def test_every_final_image_runs_as_an_ordinary_user() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    finals = [s for s in stages if re.match(r"base AS (cpu|cuda)\n", s)]
    assert len(finals) == 2
    assert all(s.rstrip().endswith("USER 10001") for s in finals)


def test_the_entrypoint_reads_the_password_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pässword\n")
    program = tmp_path / "scaling-search"
    program.write_text('#!/bin/sh\necho "$PGPASSWORD $*"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DB_PASSWORD_FILE": str(tmp_path / "secret")}
    entrypoint = ["/bin/sh", str(DOCKER / "entrypoint.sh"), "work", "--slots", "2"]
    done = subprocess.run(entrypoint, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "pässword work --slots 2\n"
