"""Runs are grouped by network and length, and only complete runs of candidates are used."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.analysis.observations import group_by_network, observations_of, usable
from tests.support.factories import trial_row
from tests.support.simulated_runs import Design, run_of


def test_runs_of_one_network_at_one_length_are_one_group(design: Design) -> None:
    first, second = design[:2]
    rows = [
        run_of(first, 80.0, 0),
        run_of(second, 70.0, 1),
        run_of(first, 82.0, 2),
        run_of(first, 90.0, 3, planned=15),
    ]
    data, keys = observations_of(rows)
    assert keys == [first.key, second.key, first.key]
    assert data.mean.tolist() == pytest.approx([81.0, 70.0, 90.0])
    assert data.count.tolist() == [2, 1, 1]
    assert data.long.tolist() == [0, 0, 1]
    assert data.network.tolist() == [0, 1, 0]
    assert data.shares.tolist() == [list(c.shares) for c in (first, second, first)]
    assert data.within_ss == pytest.approx(2.0)
    assert (data.runs, data.networks) == (4, 2)


def test_without_keys_every_group_is_a_network_of_its_own() -> None:
    data = group_by_network(np.eye(3), [np.array([80.0])] * 3)
    assert data.networks == data.runs == 3
    assert data.long.tolist() == [0, 0, 0]
    assert data.within_ss == 0


def test_the_sum_of_squares_is_about_each_groups_own_mean() -> None:
    runs = [np.array([80.0, 81.0, 85.0]), np.array([70.0, 74.0])]
    data = group_by_network(np.eye(3)[:2], runs)
    assert data.within_ss == pytest.approx(sum(((r - r.mean()) ** 2).sum() for r in runs))


@pytest.mark.parametrize("state", ["waiting", "running", "pruned", "failed"])
def test_only_complete_runs_are_usable(state: str) -> None:
    row = trial_row(number=3, shares=(0.2, 0.3, 0.5))
    assert usable([row, trial_row(shares=(0.2, 0.3, 0.5), state=state)]) == [row]


def test_the_base_and_runs_without_an_accuracy_are_not_usable() -> None:
    shares = (0.2, 0.3, 0.5)
    assert usable([trial_row(role="base", shares=shares), trial_row(shares=None), trial_row(accuracy=None)]) == []
    assert usable([zero := trial_row(accuracy=0.0, shares=shares)]) == [zero]
