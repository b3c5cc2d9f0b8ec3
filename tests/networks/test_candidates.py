"""Candidates: their shares and triples, and the one nearest to given shares."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import EFFICIENTNET_B0 as B0
from scaling_search.networks.bases import base_network
from scaling_search.networks.candidates import candidate, extremes, nearest
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.iso_cost import iso_cost_set

QUARTER = scale(base_network("efficientnet_b0", 10, 1), 1.0, 0.25, 20, divisor=2).with_strides((1, 1, 2, 2, 1, 2, 1, 1))

shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda u: (u[0], (1 - u[0]) * u[1], (1 - u[0]) * (1 - u[1])))


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
