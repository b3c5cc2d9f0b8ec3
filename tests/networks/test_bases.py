"""The registry of base networks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import InputError, NotFound
from scaling_search.networks.architecture import Architecture, Rounding, scale
from scaling_search.networks.bases import EFFICIENTNET_B0, FACTS, base_network
from scaling_search.networks.coefficients import PAPER, Triple
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.phi_solver import solve
from scaling_search.spec.study_file import load, parse

NAMES = sorted(FACTS)


@pytest.mark.parametrize("name", NAMES)
def test_every_base_has_iso_cost_networks_and_a_family(name: str) -> None:
    base = replace(base_network(name, 10, 1), resolution=32)
    small = scale(base, 1.0, 0.25)
    found = iso_cost_set(small, divisor=2)
    assert all(abs(c.macs_ratio / 2 - 1) <= 0.02 for c in found)
    assert len(found) > 20
    _, _, bigger = solve(base_network(name), PAPER, 1.0, FACTS[name].divisor)
    assert cost(bigger).macs / cost(base_network(name)).macs == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("rounding", ["nearest", "official"])
def test_a_family_stays_under_its_bases_largest_px(rounding: Rounding) -> None:
    made = family(PAPER, base_network("efficientnet_v2_s"), (1, 2, 3), rounding)
    assert [m.resolution for m in made.models][1:] == [pytest.approx(440, abs=10), 480, 480]
    if rounding == "nearest":
        assert [m.macs_ratio for m in made.models] == pytest.approx([1, 2, 4, 8], rel=0.01)
    with pytest.raises(InputError, match="480 px"):
        family(Triple(1, 1, 1.41), base_network("efficientnet_v2_s"), (2,))


def test_base_commands_say_what_scaling_means() -> None:
    run = CliRunner().invoke
    listed = json.loads(run(app, ["base", "list", "--json"]).stdout)
    assert {b["name"] for b in listed} == set(FACTS)
    assert next(b for b in listed if b["name"] == "resnet18")["params"] == 11_689_512
    shown = run(app, ["base", "show", "efficientnet_v2_s"]).stdout
    assert "480" in shown
    assert "fused" in shown
    stays = json.loads(run(app, ["base", "show", "mobilenet_v2", "--json"]).stdout)["stays"]
    assert "never narrowed" in stays
    assert all(name in run(app, ["base", "list"]).stdout for name in FACTS)
    made = json.loads(run(app, ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--base", "resnet18", "--phi", "1", "--json"]).stdout)  # fmt: skip
    assert made["models"][1]["macs_ratio"] == pytest.approx(2, rel=0.01)


def test_stored_keys_and_hashes_stay() -> None:
    b0 = base_network("efficientnet_b0")
    assert b0.key == "d16-w2096-r224-5dffe1"
    assert scale(b0, 1.4, 1.2, 300).key == "d22-w2520-r300-f75450"
    assert scale(b0, 1.1, 1.0, 18, divisor=4).key == "d18-w2096-r18-45f04c"
    assert parse("name: x").hash() == "a2038faa53ec219a4df28f7f9ffa0768d06421c328dd3fd009afad63ab623e49"
    assert load("studies/quickstart.yaml").hash() == "0c01e62748babc6347cc1c45c7b8826d661acd15cefbf055faf0cc7cf36bca0c"


@pytest.mark.parametrize("name", NAMES)
def test_an_architecture_survives_json(name: str) -> None:
    arch = scale(base_network(name), 1.2, 1.1, 100)
    assert Architecture.from_dict(arch.to_dict()) == arch
    assert len({scale(base_network(n), 1, 1, 64).key for n in NAMES}) == len(NAMES)


def test_a_base_is_registered_under_its_own_name_with_its_facts() -> None:
    for name, facts in FACTS.items():
        assert facts.network.base == name
        assert facts.source
        assert facts.reference
        assert facts.cap is None or facts.cap >= facts.network.resolution


def test_base_takes_classes_and_image_channels() -> None:
    assert base_network("efficientnet_b0") == EFFICIENTNET_B0
    small = base_network("efficientnet_b0", classes=10, image_channels=1)
    assert small == replace(EFFICIENTNET_B0, classes=10, image_channels=1)


def test_unknown_base_names_the_choices() -> None:
    with pytest.raises(NotFound) as caught:
        base_network("resnet_51")
    assert "'resnet_51'" in caught.value.message
    assert all(name in caught.value.hint for name in FACTS)
