"""Another package's entry points add to what a study can name; a broken one is named and nothing else suffers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin_package import install

ROOT = Path(__file__).parents[2]
CODE = '''
"""Adds to scaling_search."""
from dataclasses import replace
from scaling_search.networks.bases import BaseFacts, RESNET18

THIN = BaseFacts(replace(RESNET18, base="thin_resnet"), "a test", "none", "everything but depth and width")
WRONG = 42
'''
ENTRIES = {
    "scaling_search.bases": {"thin_resnet": "THIN", "wrong": "WRONG", "gone": "GONE", "resnet50": "THIN"},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed."""
    return install(CODE, ENTRIES, tmp_path_factory.mktemp("addon"))


def command(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, in a process that sees the package."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])}
    started = [sys.executable, "-m", "scaling_search.cli", *arguments]
    return subprocess.run(started, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def values(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_base_of_another_package_is_shown_and_planned(site: Path, tmp_path: Path) -> None:
    own = values(command(site, tmp_path, "base", "show", "resnet18", "--json"))
    added = values(command(site, tmp_path, "base", "show", "thin_resnet", "--json"))
    assert added["macs"] == own["macs"]
    assert added["source"] == "a test"
    (tmp_path / "s.yaml").write_text(
        "name: s\nbase: {network: thin_resnet, width: 0.125, resolution: 8}\nbudget: {divisor: 1}\n"
    )
    assert values(command(site, tmp_path, "plan", "s.yaml", "--json"))["iso_cost_networks"] > 0


def test_a_name_of_ours_is_not_replaced(site: Path, tmp_path: Path) -> None:
    shown = values(command(site, tmp_path, "base", "show", "resnet50", "--json"))
    assert "arXiv" in shown["source"] or "He et al." in shown["source"]


@pytest.mark.parametrize(
    ("name", "said"), [("wrong", "addon:WRONG is int, not BaseFacts"), ("gone", "cannot load addon:GONE")]
)
def test_a_broken_entry_is_named(site: Path, tmp_path: Path, name: str, said: str) -> None:
    done = command(site, tmp_path, "base", "show", name)
    assert done.returncode == 2
    assert said in done.stderr
    assert "fix or uninstall the package" in done.stderr
    assert "Traceback" not in done.stderr
