"""The learning-rate rule written into a study file's text: other fields and comments stay."""

from __future__ import annotations

import pytest

from scaling_search.errors import InputError
from scaling_search.spec.edit import write_rule
from scaling_search.spec.study_file import parse

TEXT = """\
name: w  # a name
# before the section
proxy:
    # inside
    epochs: 4   # after a value
    learning_rate: 0.1

# before the next section
search:
  trials: 8
"""


def test_the_rule_replaces_its_fields_and_keeps_the_other_lines() -> None:
    written = write_rule(TEXT, 0.002, 0.5)
    before, after = parse(TEXT), parse(written)
    assert (after.proxy.learning_rate, after.proxy.depth_exponent) == (0.002, 0.5)
    assert after.search == before.search
    assert after.proxy.model_copy(update={"learning_rate": 0.1, "depth_exponent": 0.0}) == before.proxy
    for comment in ("# a name", "# before the section", "# inside", "# after a value", "# before the next section"):
        assert comment in written


def test_writing_the_rule_twice_changes_nothing_more() -> None:
    written = write_rule(TEXT, 0.002, 0.5)
    assert write_rule(written, 0.002, 0.5) == written


def test_a_missing_section_is_added() -> None:
    assert write_rule("name: w\n", 0.002, 0) == "name: w\nproxy:\n  learning_rate: 0.002\n  depth_exponent: 0\n"


def test_a_comment_after_the_section_name_is_allowed() -> None:
    assert parse(write_rule("name: w\nproxy: # data\n  epochs: 1\n", 0.002, 0)).proxy.learning_rate == 0.002


def test_a_section_in_flow_style_is_refused_with_the_fields_to_write() -> None:
    with pytest.raises(InputError, match=r"proxy: .*not in block style") as caught:
        write_rule("name: w\nproxy: {epochs: 1}\n", 0.002, 0.5)
    assert caught.value.hint == "write it into proxy: learning_rate: 0.002, depth_exponent: 0.5"
