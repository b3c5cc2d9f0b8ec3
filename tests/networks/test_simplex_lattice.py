"""The lattice of points on the triangle of shares."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_search.networks.simplex_lattice import simplex_lattice


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
