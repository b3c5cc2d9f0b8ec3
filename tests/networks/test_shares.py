"""Shares of a growth in cost: the Shapley value of depth, width and px."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scaling_search.errors import NoCandidates
from scaling_search.networks.architecture import ROUNDINGS, Architecture, Rounding, build
from scaling_search.networks.candidates import Candidate, candidate
from scaling_search.networks.cost import cost
from scaling_search.networks.iso_cost import iso_cost_set

Networks = st.SearchStrategy[Architecture]

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
