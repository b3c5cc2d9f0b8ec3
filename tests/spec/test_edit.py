"""A study file is edited in place: comments and all other values stay."""

from __future__ import annotations

import pytest

from scaling_search.errors import InputError
from scaling_search.spec.edit import write_rule
from scaling_search.spec.study_file import parse


def test_the_rule_is_written_into_the_file_and_nothing_else_changes() -> None:
    text = "name: w  # first\nproxy:\n  epochs: 4   # second\n  learning_rate: 0.1\n\nsearch:\n  trials: 8\n"
    written = write_rule(text, 0.002, 0.0)
    before, after = parse(text), parse(written)
    assert (after.proxy.learning_rate, after.proxy.depth_exponent) == (0.002, 0.0)
    assert after.proxy.model_copy(update={"learning_rate": 0.1}) == before.proxy
    assert after.search == before.search
    assert "# first" in written
    assert "# second" in written
    assert write_rule(written, 0.002, 0.0) == written
    assert parse(write_rule("name: w\n", 0.002, 0.0)).proxy.learning_rate == 0.002
    with pytest.raises(InputError, match="not in block style"):
        write_rule("name: w\nproxy: {epochs: 1}\n", 0.002, 0.0)
