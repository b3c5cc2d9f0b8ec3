"""Default folders and files, and the environment variables that change them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search import paths


def test_the_cache_follows_xdg_and_is_in_the_home_folder_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert paths.cache_folder() == Path("/caches/scaling_search")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert paths.cache_folder() == Path.home() / ".cache" / "scaling_search"


def test_the_database_is_that_of_the_environment_or_in_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    assert paths.default_database() == "scaling_search.db"
    monkeypatch.setenv("SCALING_SEARCH_DB", "postgresql://db/x")
    assert paths.default_database() == "postgresql://db/x"


def test_checkpoints_are_beside_a_database_file_unless_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCALING_SEARCH_CHECKPOINTS", raising=False)
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    assert paths.runs_folder("here/s.db") == "here/s.runs"
    assert paths.runs_folder("postgresql://x/y") == "scaling_search.runs"
    assert paths.runs_folder(None) == "scaling_search.runs"
    monkeypatch.setenv("SCALING_SEARCH_CHECKPOINTS", "s3://ours")
    assert paths.runs_folder("here/s.db") == "s3://ours"


def test_shipped_studies_are_named_by_their_files() -> None:
    shipped = paths.shipped_studies()
    assert "quickstart" in shipped
    assert all(path.stem == name and path.is_file() for name, path in shipped.items())
