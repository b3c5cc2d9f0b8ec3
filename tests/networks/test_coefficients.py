"""Shares and triples, φ and multipliers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.networks.coefficients import PAPER, Triple, fit_phi, multipliers, nominal_shares, triple_of

PUBLISHED_FIT = {"b1": 0.44, "b2": 1.02, "b3": 1.93, "b4": 3.45, "b5": 4.65, "b6": 5.66, "b7": 6.63}

growth = st.floats(1.01, 3)
triples = st.builds(Triple, growth, growth, growth)


def test_papers_triple_has_its_shares_and_product() -> None:
    assert nominal_shares(PAPER) == pytest.approx((0.279, 0.292, 0.428), abs=5e-4)
    assert PAPER.product == pytest.approx(1.920, abs=5e-4)


@given(triples)
def test_shares_of_a_triple_give_it_back(triple: Triple) -> None:
    shares = nominal_shares(triple)
    assert sum(shares) == pytest.approx(1)
    assert triple_of(shares, math.log2(triple.product)) == pytest.approx(triple)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 8))
def test_triples_of_shares_cost_their_doublings(u: float, v: float, doublings: float) -> None:
    shares = (u, (1 - u) * v, (1 - u) * (1 - v))
    triple = triple_of(shares, doublings)
    assert min(triple) >= 1
    assert math.log2(triple.product) == pytest.approx(doublings)
    assert nominal_shares(triple) == pytest.approx(shares, abs=1e-9)


def test_one_axis_takes_the_whole_doubling() -> None:
    assert triple_of((1, 0, 0)) == (2, 1, 1)
    assert triple_of((0, 1, 0)) == pytest.approx((1, math.sqrt(2), 1))
    assert triple_of((0, 0, 1)) == pytest.approx((1, 1, math.sqrt(2)))


def test_no_growth_has_no_shares() -> None:
    with pytest.raises(ValueError, match="no shares"):
        nominal_shares(Triple(1.0, 1.0, 1.0))


def test_phi_of_the_released_networks(published: dict[str, Any]) -> None:
    phi = fit_phi(PAPER, published["depth"], published["width"], published["resolution"] / 224)
    assert phi == pytest.approx(PUBLISHED_FIT.get(published["name"], 0), abs=0.005)


@given(triples, st.floats(-2, 8))
def test_phi_of_exact_multipliers_is_found(triple: Triple, phi: float) -> None:
    scaled = multipliers(triple, phi)
    assert math.log2(scaled.product) == pytest.approx(phi * math.log2(triple.product), abs=1e-9)
    assert fit_phi(triple, *scaled) == pytest.approx(phi, abs=1e-9)
