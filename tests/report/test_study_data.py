"""The fitted surface and its grid."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.report import StudyData
from scaling_search.report.study_data import grid, surface_grid, surface_of


def test_the_surface_is_that_of_the_choice(data: StudyData) -> None:
    choice = data.choice
    assert choice is not None
    assert data.fitted(tuple(choice["shares"])) == pytest.approx(choice["accuracy"], abs=1e-9)


def test_the_grid_finds_depth_best_and_rules_out_the_rest(data: StudyData) -> None:
    assert data.surface is not None
    assert data.choice is not None
    surface = surface_grid(data.surface, tuple(data.choice["shares"]), steps=10)
    assert surface.shares[surface.mean.argmax()][0] >= 0.9
    far, near = surface.shares[:, 0] < 0.1, surface.shares[:, 0] > 0.95
    assert (surface.worse[far] > 0.9).all()
    assert (surface.worse[near] < 0.9).all()
    assert surface_of(data.rows[:9]) is None


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_grid_tiles_the_triangle(steps: int) -> None:
    shares, cells = grid(steps)
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(shares)))
    assert len(cells) == steps**2
    sides = np.diff(shares[cells][:, :, :2], axis=1)
    areas = abs(np.linalg.det(sides)) / 2
    assert areas.sum() == pytest.approx(0.5)
    assert len({tuple(sorted(c)) for c in cells.tolist()}) == steps**2
