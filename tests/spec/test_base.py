"""The base section: a stage table or a factory of the user's own."""

from __future__ import annotations

import json

import pytest
import yaml

from scaling_search.errors import SpecError
from scaling_search.export.frameworks import CODE_FORMATS, network
from scaling_search.networks.bases import FACTS
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.cost import cost
from scaling_search.networks.family import Family, family
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.training.build import build_model
from scaling_search.training.count import verify_cost
from tests.support.user_networks import HEADLESS, factory_spec, own_base_spec

TABLE = """
  table:
    style: mobilenet_v2
    stem: 8
    stem_stride: 1
    head: 32
    fixed: [stem]
    stages:
      - {block: inverted, expand: 1, channels: 8, blocks: 1}
      - {block: inverted_se, expand: 4, channels: 16, blocks: 3, stride: 2, kernel: 5}
"""


def table_spec() -> StudySpec:
    """The tiny study of TABLE."""
    return own_base_spec(yaml.safe_load(TABLE))


def test_a_table_without_a_head_is_searched() -> None:
    spec = parse(HEADLESS)
    base = spec.base_architecture()
    assert base.head == 0
    for arch in (base, *(c.architecture for c in search_space(spec)[::8])):
        assert verify_cost(build_model(arch), arch) == cost(arch)


def test_a_factory_can_be_refused_in_one_place() -> None:
    with pytest.raises(SpecError, match=r"names code \(own_nets:sound\)"):
        factory_spec().refuse_user_code()
    table_spec().refuse_user_code()


def test_a_stage_table_is_searched_and_exported() -> None:
    spec = table_spec()
    base = spec.base_architecture()
    assert (base.base, base.stem, base.head, base.blocks, base.classes) == ("own", 8, 32, (1, 3), 10)
    assert verify_cost(build_model(base), base) == cost(base)
    found = search_space(spec)
    assert {c.architecture.stem for c in found} == {8}
    again = parse(spec.to_yaml())
    assert again.hash() == spec.hash()
    values = json.loads(json.dumps(family(PAPER, spec.export_architecture(), (1,)).to_dict()))
    made = Family.model_validate(values)
    assert cost(network(made, "b1")).macs == values["models"][1]["macs"]
    assert "'inverted_se'" in CODE_FORMATS["pytorch"](made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"base:{TABLE}  factory: 'a:b'\n", "a table or a factory, not both"),
        (f"base:{TABLE}  strides: [1, 2]\n", "own has a stem and 2 stages, so 3"),
        ("base: {factory: 'a:b', strides: [1]}\n", "a factory's network has its own"),
        (f"base:{TABLE}".replace("block: inverted,", "block: dense,") + "\n", "unknown block 'dense'"),
        ("family: {base: own}\n", "unknown network 'own'"),
        (f"base:{TABLE}".replace("mobilenet_v2", "mobilenet_v3").replace("head: 32", "head: 0"), "hidden layer"),
    ],
)
def test_a_wrong_base_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"name: x\n{text}")
    assert words in str(caught.value)


def test_names_and_hashes_are_apart() -> None:
    assert "own" not in FACTS
    assert parse(f"name: x\nbase:{TABLE}").hash() != parse("name: x").hash()
