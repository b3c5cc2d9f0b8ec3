"""Networks smaller than their base: iso-cost sets under 1, negative φ, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import SpecError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.coefficients import PAPER, Triple
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family, triple_for
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.search.plan import warnings
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study_file import parse

SMALL = scale(replace(base_network("efficientnet_b0", 10, 1), resolution=28), 1, 0.5)


@pytest.mark.parametrize("target", [0.5, 0.25])
@pytest.mark.parametrize("name", ["efficientnet_b0", "resnet18", "mobilenet_v2"])
def test_the_set_below_the_base_has_its_cost_and_no_larger_axis(name: str, target: float) -> None:
    base = scale(replace(base_network(name, 10, 1), resolution=28), 1, 0.5)
    found = iso_cost_set(base, target, 0.02, "nearest", 4)
    assert len(found) > 20
    for c in found:
        assert cost(c.architecture).macs == c.cost.macs
        assert c.macs_ratio == pytest.approx(target, rel=0.0201)
        assert all(a <= b for a, b in zip(c.architecture.blocks, base.blocks, strict=True))
        assert all(a <= b for a, b in zip(c.architecture.channels, base.channels, strict=True))
        assert c.architecture.resolution <= base.resolution
        assert sum(c.shares) == pytest.approx(1)
        assert min(c.shares) >= -1e-9
        assert max(c.triple) <= 1
    assert max(c.shares[2] for c in found) > 0.4


def test_the_set_is_complete_against_brute_force() -> None:
    base = scale(replace(base_network("mobilenet_v1", 10, 1), resolution=14), 1, 0.125)
    found = {c.key for c in iso_cost_set(base, 0.5, 0.03, "nearest", 4)}
    wanted = set()
    for total in range(1, sum(base.blocks) + 1):
        for width in range(1, 61):
            for px in range(1, base.resolution + 1):
                arch = scale(base, total / sum(base.blocks), width / 60, px, "nearest", 4)
                if abs(cost(arch).macs / cost(base).macs / 0.5 - 1) <= 0.03:
                    wanted.add(arch.key)
    assert wanted
    assert wanted <= found


def test_negative_phi_halves_real_cost() -> None:
    made = family(PAPER, base_network("efficientnet_b0"), (-0.5, -1, -2))
    assert [m.name for m in made.models] == ["b0", "b-1", "b-2", "b-3"]
    assert [m.macs_ratio for m in made.models] == pytest.approx([1, 2**-0.5, 0.5, 0.25], rel=0.01)
    assert all(m.depth <= 1 and m.width <= 1 and m.resolution <= 224 for m in made.models)


@pytest.mark.parametrize(
    ("triple", "ratio", "left"),
    [
        (Triple(2, 1, 1), 1 / 3, "one block a stage is left"),
        (Triple(1, 1.41, 1), 0.0415, "8 channels a stage is left"),
    ],
)
def test_a_phi_below_the_smallest_network_is_noted(triple: Triple, ratio: float, left: str) -> None:
    made = family(triple, phi=(-1, -6)).to_dict()
    smallest = made["models"][2]
    assert smallest["macs_ratio"] == pytest.approx(ratio, rel=0.01)
    assert sum(smallest["repeats"]) >= 7
    assert smallest["depth"] * 16 == pytest.approx(sum(smallest["repeats"]))
    (note,) = made["notes"]
    assert note.startswith(f"B-2: φ = -6 cannot be reached, it has {smallest['macs_ratio']:.3g}× the MACs of B0")
    assert note.endswith(f"instead of 0.0156×: {left}")
    assert "notes" not in family(triple, phi=(-1,)).to_dict()
    assert family(triple, phi=(-6,), rounding="official").notes == ()


def test_coefficients_of_a_halving_halve() -> None:
    base = base_network("efficientnet_b0")
    triple = triple_for((0.3, 0.3, 0.4), base, down=True)
    assert min(triple) > 1
    half = scale(base, 1 / triple.alpha, 1 / triple.beta, round(224 / triple.gamma))
    assert cost(half).macs / cost(base).macs == pytest.approx(0.5, rel=0.05)


def test_specs_under_1(tiny: Callable[..., str]) -> None:
    text = tiny().replace("budget: {divisor: 2}", "budget: {divisor: 2, target: 0.5, tolerance: 0.05}")
    with pytest.raises(SpecError, match=r"negative φ, such as \[-0.5, -1, -2\]"):
        parse(text)
    spec = parse(text + "family: {phi: [-1]}\n")
    assert all(c.macs_ratio < 0.6 for c in search_space(spec))
    assert not any("TinyNet" in w for w in warnings(spec, search_space(spec)))
    up = parse(tiny() + "family: {phi: [-1, 1]}\n")
    assert any("TinyNet" in w and "budget.target: 0.5" in w for w in warnings(up, search_space(up)))


@pytest.mark.parametrize("budget", ["target: 1", "target: 0.95", "target: 0.5, mode: nominal", "target: 0"])
def test_targets_that_mean_nothing_are_refused(budget: str) -> None:
    with pytest.raises(SpecError, match="target"):
        parse(f"name: x\nbudget: {{{budget}}}\nfamily: {{phi: [-1]}}")
    with pytest.raises(SpecError, match="0 is the base itself"):
        parse("name: x\nfamily: {phi: [0]}")


def test_the_command_says_that_small_nets_differ() -> None:
    given = ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--phi=-1"]
    made = CliRunner().invoke(app, given)
    assert made.exit_code == 0
    assert "TinyNet" in made.stderr
    assert "TinyNet" not in CliRunner().invoke(app, [*given[:-1], "--phi=1"]).stderr


def test_the_command_names_a_phi_that_cannot_be_reached() -> None:
    made = CliRunner().invoke(app, ["family", "--alpha", "2", "--beta", "1", "--gamma", "1", "--phi=-3,-6"])
    assert made.exit_code == 0
    for name, phi in (("B-1", -3), ("B-2", -6)):
        assert f"note: {name}: φ = {phi} cannot be reached" in made.stderr
