"""A user's factory: imported by name, or refused in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import InputError
from scaling_search.spec.search_space import search_space
from tests.support.user_networks import factory_spec, write_factory

UNHEARD = {
    "syntax": ("def f(:", "SyntaxError: invalid syntax"),
    "raises": ("raise RuntimeError('no GPU here')", "RuntimeError: no GPU here"),
    "exits": ("import sys\nsys.exit(0)", "SystemExit: 0"),
}
"""Modules that cannot be imported, and what is said of them."""


@pytest.fixture
def empty_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize("fault", UNHEARD)
def test_a_module_that_cannot_be_imported_is_one_error(fault: str, empty_dir: Path) -> None:
    code, words = UNHEARD[fault]
    name = write_factory(empty_dir, fault, code)
    done = CliRunner().invoke(app, ["base", "check", name])
    assert isinstance(done.exception, InputError)
    assert f"cannot import {name}: {words}" in done.exception.message
    assert "FAIL" not in done.stdout
    with pytest.raises(InputError, match=f"base.factory {name}: cannot import {name}: {words}"):
        search_space(factory_spec(name))


@pytest.mark.parametrize("name", [":b", "../x:y", "a b:c", "x:"])
def test_what_names_no_factory_is_said(name: str) -> None:
    done = CliRunner().invoke(app, ["base", "check", name])
    assert isinstance(done.exception, InputError)
    assert "invalid factory" in done.exception.message
