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
