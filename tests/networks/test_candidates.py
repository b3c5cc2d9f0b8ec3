"""The iso-cost set: real networks of equal real cost, and the shares of each."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import ROUNDINGS, Architecture, Rounding, build, scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.bases import base_network
from scaling_search.networks.candidates import Candidate, candidate, extremes, nearest, share_matrix
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.cost import cost, cost_curve
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.nominal_grid import nominal_grid, nominal_triples
from scaling_search.networks.simplex_lattice import simplex_lattice

Networks = st.SearchStrategy[Architecture]

QUARTER = scale(base_network("efficientnet_b0", 10, 1), 1.0, 0.25, 20, divisor=2).with_strides((1, 1, 2, 2, 1, 2, 1, 1))

shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda u: (u[0], (1 - u[0]) * u[1], (1 - u[0]) * (1 - u[1])))
roundings = st.sampled_from(ROUNDINGS)


def _some_set(
    base: Architecture, target: float, tolerance: float, rounding: Rounding, divisor: int
) -> tuple[Candidate, ...]:
    try:
        return iso_cost_set(base, target, tolerance, rounding, divisor)
    except NoCandidates:
        assume(False)
        raise


def _toggled(base: Architecture, arch: Architecture, grown: frozenset[str]) -> float:
    """log2 MACs with only the named axes at the network's value."""
    blocks = arch.blocks if "depth" in grown else base.blocks
    channels = arch.channels if "width" in grown else base.channels
    return math.log2(cost(build(base, blocks, channels, arch.resolution if "px" in grown else base.resolution)).macs)


def _shapley_by_definition(base: Architecture, arch: Architecture) -> list[float]:
    """Mean over the six orders of switching the axes on, in doublings."""
    added = dict.fromkeys(("depth", "width", "px"), 0.0)
    for order in permutations(added):
        for i, axis in enumerate(order):
            before = frozenset(order[:i])
            added[axis] += (_toggled(base, arch, before | {axis}) - _toggled(base, arch, before)) / 6
    return list(added.values())


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


@settings(max_examples=30)
@given(st.data(), st.floats(1.3, 3), roundings)
def test_shares_are_the_mean_over_all_orders(
    networks: Networks, data: st.DataObject, target: float, rounding: Rounding
) -> None:
    base = data.draw(networks)
    members = _some_set(base, target, 0.05, rounding, 2)
    picked = data.draw(st.sampled_from(members))
    doublings = math.log2(picked.macs_ratio)
    by_definition = _shapley_by_definition(base, picked.architecture)
    assert [s * doublings for s in picked.shares] == pytest.approx(by_definition, abs=1e-9)
    assert sum(by_definition) == pytest.approx(doublings)
    assert candidate(base, picked.architecture) == picked


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


def test_the_nominal_grid_is_the_papers_and_does_not_cost_what_it_says() -> None:
    """Tan & Le 2019, section 3.3: the flaw that the iso-cost set is there to mend."""
    triples = nominal_triples(2, 0.05, 0.1)
    assert len(set(triples)) == len(triples) == 108
    assert all(abs(t.product - 2) <= 0.1 and min(t) >= 1 for t in triples)
    networks = [c for _, c in nominal_grid(B0, 2, 0.05, 0.1, "official", 8)]
    assert len({c.key for c in networks}) == len(networks) < 108
    assert np.mean([c.macs_ratio for c in networks]) > 2.4
    with pytest.raises(NoCandidates, match="within 1e-09"):
        nominal_grid(B0, 2.001, 0.05, 1e-9, "official", 8)


def test_a_member_that_spends_on_one_axis_has_that_share_only() -> None:
    for axis, one in extremes(iso_cost_set(B0, tolerance=0.05)).items():
        assert one.shares[("depth", "width", "resolution").index(axis)] == pytest.approx(1, abs=0.02), axis
    only_px = candidate(B0, replace(B0, resolution=320))
    assert only_px.shares == pytest.approx((0, 0, 1))
    assert (only_px.depth, only_px.width, only_px.resolution) == (1, 1, 320 / 224)


def test_the_base_itself_has_no_shares() -> None:
    base = candidate(B0, B0)
    assert base.macs_ratio == 1
    assert base.shares == (0, 0, 0)


def test_triple_of_a_candidate_spends_its_real_ratio() -> None:
    for c in iso_cost_set(QUARTER, divisor=2):
        assert c.triple.product == pytest.approx(c.macs_ratio)
        assert math.log2(c.triple.alpha) == pytest.approx(c.shares[0] * math.log2(c.macs_ratio))


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


@given(shares)
def test_nearest_is_a_member_and_none_is_nearer(point: Shares) -> None:
    members = iso_cost_set(QUARTER, divisor=2)
    found = nearest(members, point)
    assert found in members
    assert math.dist(found.shares, point) <= min(math.dist(c.shares, point) for c in members) + 1e-12


@given(shares, st.integers(1, 20))
def test_nearest_honours_skip(point: Shares, times: int) -> None:
    members = iso_cost_set(QUARTER, divisor=2)
    used: list[str] = []
    distances: list[float] = []
    for _ in range(times):
        found = nearest(members, point, used)
        used.append(found.key)
        distances.append(math.dist(found.shares, point))
    assert len(set(used)) == times
    assert distances == pytest.approx(sorted(distances))


def test_nearest_with_everything_skipped_says_so() -> None:
    members = iso_cost_set(QUARTER, divisor=2)
    with pytest.raises(NoCandidates) as caught:
        nearest(members, (1, 0, 0), {c.key for c in members})
    assert "replicates" in caught.value.hint


def test_an_impossible_budget_says_what_to_change() -> None:
    with pytest.raises(NoCandidates) as caught:
        iso_cost_set(B0, target=1.0001, tolerance=1e-6)
    assert "1.0001×" in caught.value.message
    assert "385,814,752" in caught.value.message
    assert all(remedy in caught.value.hint for remedy in ("tolerance", "divisor", "larger base"))


@settings(max_examples=30)
@given(st.integers(1, 66))
def test_lattice_has_enough_distinct_points_on_the_triangle_corners_first(points: int) -> None:
    lattice = simplex_lattice(points)
    assert len(set(lattice)) == len(lattice) >= max(points, 3)
    assert lattice[:3] == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    for point in lattice:
        assert sum(point) == pytest.approx(1)
        assert min(point) >= 0
    assert (1 / 3, 1 / 3, 1 / 3) in [pytest.approx(p) for p in lattice]


def test_each_lattice_point_is_the_farthest_from_those_before_it() -> None:
    lattice = simplex_lattice(21)
    for i in range(3, len(lattice)):
        gaps = [min(math.dist(p, q) for q in lattice[:i]) for p in lattice[i:]]
        assert gaps[0] == pytest.approx(max(gaps))
