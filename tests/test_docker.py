"""docker/ without an engine: compose.yaml names stages, commands, secrets and volumes that exist; the entrypoint runs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from scaling_search.cli import app
from scaling_search.service.api_events import health

DOCKER = Path(__file__).parent.parent / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
DOCKERFILE = (DOCKER / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_a_service_runs_a_command_with_options_that_exist(name: str) -> None:
    service = COMPOSE["services"][name]
    assert f"AS {service['build']['target']}\n" in DOCKERFILE
    word, *arguments = service["command"]
    known = {o for p in typer.main.get_command(app).commands[word].params for o in (*p.opts, *p.secondary_opts)}  # type: ignore[attr-defined]
    assert {a for a in arguments if a.startswith("--")} <= known


def test_secrets_and_volumes_are_declared() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert {v.split(":")[0] for v in service.get("volumes", ())} <= set(COMPOSE["volumes"])
    assert "PASSWORD:" not in (DOCKER / "compose.yaml").read_text()


def test_the_health_check_asks_a_route_that_exists() -> None:
    (path,) = re.findall(r"127\.0\.0\.1:8080(/[\w/]+)", str(COMPOSE["services"]["serve"]["healthcheck"]))
    assert path in {getattr(route, "path", None) for route in health.routes}


def test_every_final_image_runs_as_an_ordinary_user() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    finals = [s for s in stages if re.match(r"base AS (cpu|cuda)\n", s)]
    assert len(finals) == 2
    assert all(s.rstrip().endswith("USER search") for s in finals)


def test_the_entrypoint_reads_the_password_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pässword\n")
    program = tmp_path / "scaling-search"
    program.write_text('#!/bin/sh\necho "$PGPASSWORD $*"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DB_PASSWORD_FILE": str(tmp_path / "secret")}
    entrypoint = ["/bin/sh", str(DOCKER / "entrypoint.sh"), "work", "--slots", "2"]
    done = subprocess.run(entrypoint, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "pässword work --slots 2\n"
