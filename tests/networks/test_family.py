"""Families: the released numbers to the digit, what each member states, and α, β, γ of given shares."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Rounding, round_channels, scale
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI, Shares, Triple, nominal_shares, triple_of
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family, released, triple_for
from scaling_search.spec.study_file import parse

WHOLE = tuple(float(n) for n in range(1, 8))

SMALL = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}").base_architecture()

CORNERS: tuple[Shares, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def _shares(u: float, v: float) -> Shares:
    a = 1 - math.sqrt(1 - u)
    return a, (1 - a) * v, (1 - a) * (1 - v)


UNIFORM = st.floats(0, 1)

SHARES = st.builds(_shares, UNIFORM, UNIFORM)

TRIPLES = st.builds(triple_of, SHARES, st.floats(0.8, 1.2))


def test_the_released_models_to_the_digit(published: dict[str, Any]) -> None:
    made = {m["name"]: m for m in released().to_dict()["models"]}[published["name"]]
    same = ("params", "macs", "repeats", "depth", "width", "resolution", "dropout")
    assert {k: made[k] for k in same} == {k: published[k] for k in same}
    assert made["phi"] is None
    assert made["macs_ratio"] == published["macs"] / released().models[0].macs
    assert made["target_ratio"] == 2 ** made["phi_fitted"]


def test_the_released_models_are_no_powers_of_one_triple() -> None:
    made = released().to_dict()
    assert (made["base"], made["rounding"]) == ("efficientnet_b0", "official")
    assert (made["alpha"], made["beta"], made["gamma"]) == (1.2, 1.1, 1.15)
    assert [round(m["phi_fitted"], 2) for m in made["models"]] == [0, 0.44, 1.02, 1.93, 3.45, 4.65, 5.66, 6.63]


@given(TRIPLES, st.sampled_from(WHOLE))
@settings(max_examples=10)
def test_a_model_is_the_base_scaled_by_what_it_states(triple: Triple, phi: float) -> None:
    made = family(triple, phi=(phi,)).models[1]
    again = scale(EFFICIENTNET_B0, made.depth, made.width, made.resolution, "nearest")
    assert (made.repeats, made.channels) == (list(again.blocks), list(again.channels))
    assert (made.macs, made.params) == (cost(again).macs, cost(again).params)
    assert made.resolution >= EFFICIENTNET_B0.resolution
    assert all(n >= m for n, m in zip(made.channels, EFFICIENTNET_B0.channels, strict=True))


def test_official_is_the_released_rule() -> None:
    for m, phi in zip(family(PAPER, rounding="official").models[1:], PUBLISHED_PHI, strict=True):
        assert (m.depth, m.width) == (1.2**phi, 1.1**phi)
        assert m.resolution == round(224 * 1.15**phi)
        assert m.repeats == [math.ceil(n * m.depth) for n in EFFICIENTNET_B0.blocks]
        assert m.channels == [round_channels(c, m.width, "official") for c in EFFICIENTNET_B0.channels]
        assert m.target_ratio == 2**phi


def test_b0_is_the_base() -> None:
    b0 = family(PAPER, SMALL, (1.0,)).models[0]
    assert (b0.name, b0.phi, b0.depth, b0.width, b0.macs_ratio, b0.target_ratio) == ("b0", 0, 1, 1, 1, 1)
    assert (b0.repeats, b0.channels, b0.resolution) == (list(SMALL.blocks), list(SMALL.channels), 18)


def test_the_json_form() -> None:
    made = family(PAPER, phi=(1.0,)).to_dict()
    assert list(made) == ["base", "rounding", "alpha", "beta", "gamma", "models"]
    keys = ["name", "phi", "depth", "width", "resolution", "dropout", "repeats", "channels", "params", "macs"]
    assert list(made["models"][1]) == [*keys, "macs_ratio", "target_ratio"]
    assert json.loads(json.dumps(made, allow_nan=False)) == made


@pytest.mark.parametrize("rounding", ["nearest", "official"])
@given(shares=SHARES)
@example(CORNERS[0])
@example(CORNERS[1])
@example(CORNERS[2])
@settings(max_examples=15)
def test_the_triple_of_shares_doubles_real_cost(rounding: Rounding, shares: Shares) -> None:
    triple = triple_for(shares, EFFICIENTNET_B0, rounding)
    t = math.log2(triple.product)

    def macs(step: float) -> int:
        depth, width, growth = triple_of(shares, step)
        return cost(scale(EFFICIENTNET_B0, depth, width, round(224 * growth), rounding)).macs

    assert min(triple) >= 1
    assert nominal_shares(triple) == pytest.approx(shares, abs=1e-9)
    assert macs(t * (1 - 1e-9)) < 2 * cost(EFFICIENTNET_B0).macs <= macs(t * (1 + 1e-9))


def test_a_finer_divisor_brings_the_product_of_the_triple_near_2() -> None:
    for shares in (*CORNERS[:2], (0.3, 0.3, 0.4)):
        assert triple_for(shares, EFFICIENTNET_B0, divisor=1).product == pytest.approx(2, rel=0.06)


@pytest.mark.parametrize("rounding", ["nearest", "official"])
@pytest.mark.parametrize(
    ("triple", "name"),
    [
        (Triple(0.99, 1.1, 1.1), "alpha is 0.99"),
        (Triple(1.1, 0.5, 1.1), "beta is 0.5"),
        (Triple(1.1, 1.1, 4.01), "gamma is 4.01"),
        (Triple(math.nan, 1.1, 1.1), "alpha is nan"),
        (Triple(1.1, math.inf, 1.1), "beta is inf"),
        (Triple(-1.2, 1.1, 1.15), "alpha is -1.2"),
    ],
)
def test_a_triple_out_of_range_is_named(triple: Triple, name: str, rounding: Rounding) -> None:
    with pytest.raises(InputError, match=f"{name}; it must be from 1 to 4"):
        family(triple, rounding=rounding)


def test_coefficients_out_of_range_leave_the_base_and_a_note() -> None:
    made = family(Triple(5, 1, 1), phi=(1, 2), lenient=True)
    assert [m.name for m in made.models] == ["b0"]
    assert made.notes == ("the family has no network at φ = 1, 2: alpha is 5; it must be from 1 to 4",)
