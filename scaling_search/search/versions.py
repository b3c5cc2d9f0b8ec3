"""Versions of this program and of the libraries that results depend on."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

PROGRAM = "scaling-search"
LIBRARIES = (PROGRAM, "torch", "torchvision", "optuna", "fvcore", "numpy", "pandas", "sqlalchemy")
UNKNOWN = "unknown"


def program_version() -> str:
    """The installed version; in a source tree that is not installed, the version in its pyproject.toml."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return _source_tree_version() or UNKNOWN


def _source_tree_version() -> str | None:
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
        return str(project["version"]) if project["name"] == PROGRAM else None
    except (OSError, ValueError, KeyError, TypeError):  # no such file, or another project's
        return None


def library_versions() -> dict[str, str]:
    """Version by library; "unknown" for a library without installed metadata."""
    return {name: program_version() if name == PROGRAM else _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN
