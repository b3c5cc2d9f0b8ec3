"""The settings in which compared studies differ."""

from __future__ import annotations

from scaling_search.service.comparison import differing_fields


def test_only_fields_that_differ_are_listed() -> None:
    one = {"name": "a", "search": {"trials": 8, "sampler": "tpe"}, "base": {"strides": [1, 2]}}
    other = {
        "name": "b",
        "search": {"trials": 9, "sampler": "tpe"},
        "base": {"strides": [2, 2]},
        "run": {"slots": None},
    }
    assert differing_fields([one, other]) == [("search.trials", ["8", "9"]), ("base.strides", ["1-2", "2-2"])]
