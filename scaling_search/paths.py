"""Folders and files of the project: the cache, the default database, checkpoints, shipped study files."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/scaling_search, or ~/.cache/scaling_search."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaling_search"


DEFAULT_DATABASE = "scaling_search.db"


def default_database() -> str:
    """$SCALING_SEARCH_DB, or scaling_search.db in the working directory."""
    return os.environ.get("SCALING_SEARCH_DB") or DEFAULT_DATABASE


def shipped_studies() -> dict[str, Path]:
    """Paths of the study files that come with the package, by study name."""
    package_dir = Path(__file__).parent
    folders = (package_dir / "studies", package_dir.parent / "studies")  # of an installed wheel, of a checkout
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def runs_folder(db: str | None) -> str:
    """Default folder of checkpoints: $SCALING_SEARCH_CHECKPOINTS, else next to a database file, else in the working directory."""
    database = db or default_database()
    default = f"{Path(database).with_suffix('')}.runs" if "://" not in database else "scaling_search.runs"
    return os.environ.get("SCALING_SEARCH_CHECKPOINTS") or default
