"""Regions of the map."""

from __future__ import annotations

import numpy as np

from scaling_search.report.surface_map import clip_above


def test_a_region_is_cut_where_the_level_is_reached() -> None:
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    assert clip_above(corners, np.array([0.0, 0.0, 0.0]), 1) == ([], [])
    outline, edge = clip_above(corners, np.array([2.0, 0.0, 0.0]), 1)
    assert [p.tolist() for p in edge] == [[2, 0], [0, 2]]
    assert [p.tolist() for p in outline] == [[0, 0], [2, 0], [0, 2]]
    outline, edge = clip_above(corners, np.array([2.0, 3.0, 4.0]), 1)
    assert (len(outline), len(edge)) == (3, 0)
