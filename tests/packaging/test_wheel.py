"""The wheel: it carries all that it needs, and works from where it was installed, outside this tree."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ran(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """What ``python …`` prints."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SCALING_SEARCH_DB", "PYTHONPATH")}
    env = kept | ({"PYTHONPATH": str(path)} if path else {})
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    ran("-m", "build", "--wheel", *isolation, "--outdir", folder, ROOT, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the wheel; its dependencies come from this environment."""
    target = tmp_path_factory.mktemp("installed")
    ran("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    return target


def test_it_carries_every_file_that_is_needed(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    tracked = {f"scaling_search/{p.relative_to(ROOT / 'scaling_search')}" for p in ROOT.glob("scaling_search/**/*.py")}
    assert tracked <= carried
    assert "scaling_search/py.typed" in carried
    assert any(name.startswith("scaling_search/store/migrations/versions/0001") for name in carried)
    assert {f"scaling_search/studies/{p.name}" for p in (ROOT / "studies").iterdir()} <= carried
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in carried)
    assert not any(name.startswith("tests/") for name in carried)


def test_it_plans_a_shipped_study_from_where_it_was_installed(installed: Path, tmp_path: Path) -> None:
    where = ran("-c", "import scaling_search; print(scaling_search.__file__)", cwd=tmp_path, path=installed)
    assert Path(where.strip()) == installed / "scaling_search" / "__init__.py"
    plan = json.loads(ran("-m", "scaling_search.cli", "plan", "quickstart", "--json", cwd=tmp_path, path=installed))
    assert plan["study"] == "quickstart"
    assert plan["iso_cost_networks"] >= 10


def test_it_migrates_a_database(installed: Path, tmp_path: Path) -> None:
    said = ran("-m", "scaling_search.cli", "db", "upgrade", "--db", "s.db", cwd=tmp_path, path=installed)
    assert "was empty" in said
    assert (
        json.loads(ran("-m", "scaling_search.cli", "list", "--db", "s.db", "--json", cwd=tmp_path, path=installed))
        == []
    )
