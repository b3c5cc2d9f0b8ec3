"""The arrows between the rooms, as import-linter reads them from pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_every_contract_holds() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_every_room_is_in_a_layer() -> None:
    (layers,) = [c["layers"] for c in CONTRACTS if c["type"] == "layers"]
    placed = [room.strip().removeprefix("scaling_search.") for line in layers for room in line.split("|")]
    package = ROOT / "scaling_search"
    rooms = {p.stem for p in package.glob("*.py")} - {"__init__"}
    rooms |= {p.parent.name for p in package.glob("*/__init__.py")}
    assert sorted(placed) == sorted(rooms)


def test_torch_sql_and_optuna_are_walled_in() -> None:
    walled = {name for c in CONTRACTS if c["type"] == "forbidden" for name in c["forbidden_modules"]}
    assert {"torch", "torchvision", "fvcore", "sqlalchemy", "alembic", "optuna"} <= walled
    assert all(c["source_modules"] == ["scaling_search"] for c in CONTRACTS if c["type"] == "forbidden")
