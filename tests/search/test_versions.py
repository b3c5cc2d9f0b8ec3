"""Versions, also of a source tree that is not installed, among libraries of which some are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from scaling_search.search.versions import LIBRARIES, library_versions, program_version
from scaling_search.store import Store, open_database

ROOT = Path(__file__).parents[2]
MISSING = ("torch", "torchvision", "fvcore")
STUDY = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}\nbudget: {divisor: 2}\n"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Links to the installed libraries, but for MISSING, this program and its metadata."""
    folder = tmp_path_factory.mktemp("libraries")
    for site in (Path(p) for p in sys.path if p.endswith("-packages")):
        for entry in site.iterdir():
            name = entry.name.split("-", maxsplit=1)[0]
            if name not in (*MISSING, "scaling_search") and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return folder


def printed(*arguments: str, tree: Path, libraries: Path) -> str:
    """What ``python -m scaling_search.cli`` of a source tree prints; without site, so that no .pth file is read."""
    kept = {name: value for name, value in os.environ.items() if name != "SCALING_SEARCH_DB"}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "scaling_search.cli", *arguments],
        cwd=tree,
        env=kept | {"PYTHONPATH": f"{tree}:{libraries}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scaling_search", tmp_path / "scaling_search", ignore=skip)
    return tmp_path


def test_an_installed_program_has_the_version_of_its_metadata() -> None:
    assert program_version() == library_versions()["scaling-search"] == metadata.version("scaling-search")
    assert library_versions()["torch"] == metadata.version("torch")


def test_a_source_tree_has_the_version_of_its_pyproject(tree: Path, libraries: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tree)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert printed("--version", tree=tree, libraries=libraries) == f"scaling-search {version}\n"


@pytest.mark.parametrize("pyproject", [None, "[project]\nname = 'other'\nversion = '9'\n", "no toml", "project = 3\n"])
def test_a_tree_without_its_pyproject_has_an_unknown_version(
    tree: Path, libraries: Path, pyproject: str | None
) -> None:
    if pyproject is not None:
        (tree / "pyproject.toml").write_text(pyproject)
    assert printed("--version", tree=tree, libraries=libraries) == "scaling-search unknown\n"


def test_a_study_is_stored_where_libraries_are_missing(tree: Path, libraries: Path) -> None:
    (tree / "study.yaml").write_text(STUDY)
    printed("submit", "study.yaml", "--db", "s.db", tree=tree, libraries=libraries)
    store = Store(open_database(str(tree / "s.db")))
    versions = store.study("s").versions
    store.close()
    assert set(versions) == set(LIBRARIES)
    assert {name for name, version in versions.items() if version == "unknown"} == {"scaling-search", *MISSING}
    assert versions["numpy"] == metadata.version("numpy")
