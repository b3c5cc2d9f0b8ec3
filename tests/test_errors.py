"""The error tree."""

from __future__ import annotations

import pickle

import pytest

from scaling_search import errors
from scaling_search.errors import InputError, ScalingSearchError

TREE = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, ScalingSearchError)]


@pytest.mark.parametrize("kind", TREE)
def test_an_error_survives_a_process_boundary(kind: type[ScalingSearchError]) -> None:
    again = pickle.loads(pickle.dumps(kind("wrong", "do this")))
    assert type(again) is kind
    assert (again.message, again.hint, str(again)) == ("wrong", "do this", "wrong\ndo this")


def test_wrong_input_has_exit_code_2_and_a_failure_1() -> None:
    assert {e.exit_code for e in TREE if issubclass(e, InputError)} == {2}
    assert {e.exit_code for e in TREE if not issubclass(e, InputError)} == {1}
    assert str(ScalingSearchError("no hint")) == "no hint"
