"""Study files as text: what is not YAML, what is not a study, and the words that say so."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.errors import SpecError
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import MAX_BYTES, parse

BAD_YAML = {
    "empty": ("", ["my.yaml is empty", "start with"]),
    "only a comment": ("# later\n", ["my.yaml is empty"]),
    "a list": ("- name: x", ["holds list", "name:"]),
    "a word": ("hello", ["holds str"]),
    "two documents": ("name: x\n---\nname: y\n", ["line 2", "document"]),
    "tab": ("name: x\nbase:\n\twidth: 1\n", ["line 3", "\\t", "spaces"]),
    "bad indent": ("name: x\n base: {}\n", ["line 2"]),
    "unclosed bracket": ("name: x\nbase: {width: 1\n", ["not YAML", "line 3"]),
    "unclosed quote": ('name: "x\n', ["not YAML", "line 2"]),
    "alias": ("name: &n x\ndescription: *n\n", ["line 2", "aliases"]),
    "alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nname: [*b, *b]\n", ["line 2", "aliases"]),
    "merged alias": ("base: &b {width: 1}\nproxy: {<<: *b}\n", ["line 2", "aliases"]),
    "key twice": ("name: x\nname: y\n", ["line 2", "'name'", "twice"]),
    "inner key twice": ("name: x\nsearch:\n  trials: 3\n  seed: 1\n  trials: 4\n", ["line 5", "'trials'", "twice"]),
    "list as key": ("name: x\n? [a, b]\n: 1\n", ["line 2", "key"]),
    "mapping as key": ("name: x\n? {a: b}\n: 1\n", ["line 2", "key"]),
    "control character": ("name: a\0b", ["#x0000"]),
    "lone surrogate": ("name: \ud800", ["#xd800"]),
    "deep nesting": ("name: " + "[" * 20_000, ["not YAML"]),
    "deep closed nesting": ("name: x\nbase: " + "{a: " * 5_000 + "1" + "}" * 5_000, ["not YAML"]),
    "too large": ("name: x\ndescription: " + "é" * (MAX_BYTES // 2), ["larger than 256 KiB"]),
    "python object": ("name: !!python/object/apply:os.getcwd []\n", ["line 1", "python/object"]),
    "tagged timestamp": ("name: !!timestamp soon\n", ["line 1"]),
    "tagged bool": ("name: !!bool perhaps\n", ["line 1"]),
    "tagged int": ("name: !!int ''\n", ["line 1"]),
    "tagged float": ("name: !!float ''\n", ["line 1"]),
    "impossible date": ("name: 2026-13-45\n", ["line 1"]),
}


@pytest.mark.parametrize(("text", "words"), BAD_YAML.values(), ids=BAD_YAML)
def test_text_that_is_not_plain_yaml_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "my.yaml")
    assert caught.value.message.startswith("my.yaml ")
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value)


BAD_FIELDS = {
    "no name": ("budget: {target: 2}", ["name: is required"]),
    "unknown key": ("name: x\nbudgets: {}\n", ["budgets: unknown field"]),
    "unknown key of base": ("name: x\nbase: {depth: 2}\n", ["base.depth: unknown field"]),
    "unknown key of budget": ("name: x\nbudget: {macs: 2}\n", ["budget.macs: unknown field"]),
    "unknown key of search": ("name: x\nsearch: {trails: 9}\n", ["search.trails: unknown field"]),
    "unknown key of proxy": ("name: x\nproxy: {lr: 1}\n", ["proxy.lr: unknown field"]),
    "unknown key of family": ("name: x\nfamily: {phis: [1]}\n", ["family.phis: unknown field"]),
    "unknown key of run": ("name: x\nrun: {gpu: 1}\n", ["run.gpu: unknown field"]),
    "number as key": ("name: x\n1: 2\n", ["1: ", "string"]),
    "empty section": ("name: x\nbase:\n", ["base: is empty: give fields, or leave it out"]),
    "empty field": ("name: x\nproxy: {epochs: }\n", ["proxy.epochs: is empty: give a value, or leave it out"]),
    "empty unknown field": ("name: x\nsearhc:\n", ["searhc: unknown field\n"]),
    "section of another kind": ("name: x\nsearch: 12\n", ["search: should hold fields", "'12'"]),
    "number as name": ("name: 12", ["name: should be a string, and this is a number (12): quote it"]),
    "date as name": ("name: 2026-11-24", ["name: should be a string", "a date (2026-11-24): quote it"]),
    "word for a number": ("name: x\nproxy: {epochs: three}\n", ["proxy.epochs", "whole number", "'three'"]),
    "half an epoch": ("name: x\nproxy: {epochs: 1.5}\n", ["proxy.epochs", "whole number", "'1.5'"]),
    "list for a number": ("name: x\nproxy: {learning_rate: [1]}\n", ["proxy.learning_rate", "number", "[1]"]),
    "number for a flag": ("name: x\nproxy: {flip: 7}\n", ["proxy.flip", "true or false", "'7'"]),
    "flag for a number": ("name: x\nproxy: {epochs: true}\n", ["proxy.epochs", "'True'"]),
    "word in phi": ("name: x\nfamily: {phi: [1, two]}\n", ["family.phi.1", "number", "'two'"]),
    "number of 6,000 digits": ("name: x\nsearch: {trials: " + "9" * 6_000 + "}\n", ["line 2"]),
    "hexadecimal of 6,000 digits": ("name: x\nsearch: {trials: 0x" + "f" * 6_000 + "}\n", ["search.trials"]),
}


@pytest.mark.parametrize(("text", "words"), BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_an_unknown_key_or_a_value_of_another_type_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "my.yaml")
    assert caught.value.message.startswith("my.yaml ")
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse("name: x y\nbase: {width: -1, colour: 2}\nproxy: {epochs: 0}\n")
    assert all(f in caught.value.message for f in ("name: ", "base.width: ", "base.colour: ", "proxy.epochs: "))


@given(st.text(max_size=60) | st.text("{}[]:,-&*!?|>'\"#%@` \n\tab01.~", max_size=40).map("name: ".__add__))
def test_any_text_is_a_spec_or_a_spec_error(text: str) -> None:
    with suppress(SpecError):
        assert isinstance(parse(text), StudySpec)


def test_numbers_may_be_written_as_yaml_1_1_misreads_them() -> None:
    """PyYAML takes 4e-3 for a string, having no dot."""
    assert parse("{name: x, proxy: {learning_rate: 4e-3}}").proxy.learning_rate == 0.004


@given(
    description=st.text(max_size=200),
    width=st.floats(0.05, 4),
    strides=st.none() | st.lists(st.integers(1, 4), min_size=8, max_size=8),
    tolerance=st.floats(1e-6, 0.25),
    seed=st.integers(0, 2**31 - 1),
    learning_rate=st.floats(1e-12, 10),
    root=st.none() | st.text(max_size=40),
    flip=st.booleans(),
    phi=st.lists(st.floats(0.001, 12), min_size=1, max_size=9),
)
def test_specs_survive_yaml(
    description: str,
    width: float,
    strides: list[int] | None,
    tolerance: float,
    seed: int,
    learning_rate: float,
    root: str | None,
    flip: bool,
    phi: list[float],
) -> None:
    spec = StudySpec.model_validate(
        {
            "name": "x",
            "description": description,
            "base": {"width": width, "strides": strides},
            "budget": {"tolerance": tolerance},
            "search": {"seed": seed},
            "proxy": {"learning_rate": learning_rate, "root": root, "flip": flip},
            "family": {"phi": phi},
        }
    )
    again = parse(spec.to_yaml())
    assert again == spec
    assert again.hash() == spec.hash()
