"""The iso-cost set: real networks of equal MACs or activations."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import ROUNDINGS, Architecture, Rounding, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.bases import base_network
from scaling_search.networks.candidates import Candidate, share_matrix
from scaling_search.networks.cost import cost, cost_curve
from scaling_search.networks.iso_cost import iso_cost_set

Networks = st.SearchStrategy[Architecture]

QUARTER = scale(base_network("efficientnet_b0", 10, 1), 1.0, 0.25, 20, divisor=2).with_strides((1, 1, 2, 2, 1, 2, 1, 1))

roundings = st.sampled_from(ROUNDINGS)


def _some_set(
    base: Architecture, target: float, tolerance: float, rounding: Rounding, divisor: int
) -> tuple[Candidate, ...]:
    try:
        return iso_cost_set(base, target, tolerance, rounding, divisor)
    except NoCandidates:
        assume(False)
        raise


@settings(max_examples=30)
@given(st.data(), st.floats(1.3, 3), st.floats(0.01, 0.06), roundings, st.integers(1, 8))
def test_every_member_is_a_grown_network_of_the_target_cost(
    networks: Networks, data: st.DataObject, target: float, tolerance: float, rounding: Rounding, divisor: int
) -> None:
    base = data.draw(networks)
    members = _some_set(base, target, tolerance, rounding, divisor)
    assert len({c.key for c in members}) == len(members)
    for c in members:
        assert abs(c.macs_ratio / target - 1) <= tolerance + 1e-12
        assert c.cost == cost(c.architecture)
        assert c.macs_ratio == c.cost.macs / cost(base).macs
        assert min(c.depth, c.width, c.resolution) >= 1
        assert sum(c.shares) == pytest.approx(1)
        assert min(c.shares) >= -1e-12


@settings(max_examples=30)
@given(st.data(), st.floats(1.3, 3), roundings, st.integers(1, 8))
def test_no_member_is_smaller_than_the_base_anywhere(
    networks: Networks, data: st.DataObject, target: float, rounding: Rounding, divisor: int
) -> None:
    base = data.draw(networks)
    for c in _some_set(base, target, 0.05, rounding, divisor):
        assert all(n >= m for n, m in zip(c.architecture.channels, base.channels, strict=True)), c.architecture
        assert all(n >= m for n, m in zip(c.architecture.blocks, base.blocks, strict=True)), c.architecture


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_whatever_scaling_reaches_is_a_member(rounding: Rounding) -> None:
    """Depth by block totals, width in steps of 0.005 and every px: no network of the target cost is missed."""
    have = {c.architecture for c in iso_cost_set(B0, rounding=rounding)}
    total, px = sum(B0.blocks), np.arange(224, 340)
    reached = set()
    for blocks, width in product(range(total, 2 * total + 2), np.arange(1, 1.5, 0.005).tolist()):
        scaled = scale(B0, blocks / total, width, rounding=rounding)
        ratios = cost_curve(scaled).macs_at(px) / cost(B0).macs
        reached |= {scaled.resized(r) for r in px[abs(ratios / 2 - 1) <= 0.02].tolist()}
    assert len(reached) > 500
    assert not reached - have, f"{len(reached - have)} of {len(reached)} are missing"


def test_the_order_of_the_set_is_fixed() -> None:
    members = iso_cost_set(QUARTER, divisor=2)
    iso_cost_set.cache_clear()
    assert iso_cost_set(QUARTER, divisor=2) == members
    assert [c.shares for c in members] == sorted(c.shares for c in members)


def test_any_point_of_the_triangle_has_a_network_near() -> None:
    """Strides make px cost in jumps, so real shares leave bands empty: 224 → 225 px alone is 0.22 of a doubling."""
    have = share_matrix(iso_cost_set(B0))
    points = np.random.default_rng(0).dirichlet((1, 1, 1), 2000)
    distances = [float(np.sqrt(((have - p) ** 2).sum(axis=1).min())) for p in points]
    assert np.median(distances) <= 0.06
    assert max(distances) <= 0.2


def test_an_impossible_budget_says_what_to_change() -> None:
    with pytest.raises(NoCandidates) as caught:
        iso_cost_set(B0, target=1.0001, tolerance=1e-6)
    assert "1.0001×" in caught.value.message
    assert "385,814,752" in caught.value.message
    assert all(remedy in caught.value.hint for remedy in ("tolerance", "divisor", "larger base"))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_member_of_an_activation_set_is_within_tolerance(
    networks: st.SearchStrategy[Architecture], data: st.DataObject
) -> None:
    base, target = data.draw(networks), data.draw(st.sampled_from([0.5, 2.0, 3.0]))
    try:
        found = iso_cost_set(base, target, 0.05, "nearest", 2, "activations")
    except NoCandidates:
        return
    for c in found:
        assert c.held_ratio == cost(c.architecture).activations / cost(base).activations
        assert abs(c.held_ratio / target - 1) <= 0.05
        assert c.macs_ratio == cost(c.architecture).macs / cost(base).macs
        assert c.macs_shares is not None
        assert sum(c.shares) == pytest.approx(1)
        assert sum(c.macs_shares) == pytest.approx(1)
        pairs = zip(c.architecture.channels + c.architecture.blocks, base.channels + base.blocks, strict=True)
        assert all((a >= b) == (target > 1) or a == b for a, b in pairs)
