"""A study file names its engine."""

from __future__ import annotations

import sys

import pytest

from scaling_search.engine import LocalEngine, make_engine
from scaling_search.errors import EngineError
from scaling_search.spec.run import RunSpec


def test_given_slots_replace_the_specs() -> None:
    assert isinstance(make_engine(RunSpec()), LocalEngine)
    assert make_engine(RunSpec(slots=3)).slots == 3
    assert make_engine(RunSpec(slots=3), slots=5).slots == 5


def test_without_ray_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "scaling_search.engine.ray", raising=False)
    with pytest.raises(EngineError, match=r"run\.engine: ray needs ray, which is not installed") as refused:
        make_engine(RunSpec(engine="ray"))
    assert refused.value.hint == "pip install 'scaling-search[ray]'"
