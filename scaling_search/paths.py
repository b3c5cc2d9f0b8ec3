"""Folders and files of the project: the cache, the default database, checkpoints, shipped study files."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The user's cache folder: $XDG_CACHE_HOME or ~/.cache, then scaling_search."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaling_search"


DEFAULT_DATABASE = "scaling_search.db"


def default_database() -> str:
    """SCALING_SEARCH_DB, or scaling_search.db in the working directory."""
    return os.environ.get("SCALING_SEARCH_DB") or DEFAULT_DATABASE


def shipped_studies() -> dict[str, Path]:
    """The study files that come with the program, by name."""
    here = Path(__file__).parent
    return {p.stem: p for folder in (here / "studies", here.parent / "studies") for p in sorted(folder.glob("*.yaml"))}


def runs_folder(db: str | None) -> str:
    """Where checkpoints lie unless a study says: $SCALING_SEARCH_CHECKPOINTS, beside a database file, or the working directory."""
    where = db or default_database()
    beside = f"{Path(where).with_suffix('')}.runs" if "://" not in where else "scaling_search.runs"
    return os.environ.get("SCALING_SEARCH_CHECKPOINTS") or beside
