"""The next run is the most informative one about the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_search.analysis.acquisition import confirm_design, next_most_informative, noise_added
from scaling_search.analysis.response_surface import fit
from tests.support.factories import lattice, observed


def test_a_replicate_adds_the_information_of_a_longer_mean() -> None:
    counts = np.array([0.0, 1.0, 2.0, 50.0])
    added = noise_added(counts, sigma=0.4, tau=0.15)
    assert added[0] == pytest.approx(0.4**2 + 0.15**2)
    for k in (1, 2):
        together = 1 / (1 / (0.15**2 + 0.4**2 / k) + 1 / added[k])
        assert together == pytest.approx(0.15**2 + 0.4**2 / (k + 1))
    assert (np.diff(added) > 0).all()
    assert noise_added(counts, sigma=0.4, tau=0.0)[:3] == pytest.approx(np.full(3, 0.16))


def test_the_next_run_reduces_the_uncertainty_about_the_optimum_most() -> None:
    """Against brute force: the variance of the values' differences over possible optima, after one more run of each."""
    data, _ = observed()
    surface, x = fit(data, with_process=False), lattice()
    counts = data.count.copy()
    (first,) = next_most_informative(surface, x, counts, 1)
    columns = np.hstack([np.array([[*s, s[0] * s[1], s[0] * s[2], s[1] * s[2]] for s in x]), np.zeros((15, 3))])
    covariance = np.cov(surface.theta.T)
    optima = columns[(surface.theta @ columns.T).argmax(axis=1)]
    remaining = []
    for i, noise in enumerate(noise_added(counts, surface.sigma, surface.tau)):
        row = columns[i]
        after = covariance - np.outer(covariance @ row, covariance @ row) / (noise + row @ covariance @ row)
        remaining.append(float(np.trace(np.cov(optima.T, bias=True) @ after)))
    assert first == int(np.argmin(remaining))


def test_several_runs_spread_and_repeat() -> None:
    data, _ = observed(sigma=1.0)
    picks = next_most_informative(fit(data), lattice(), data.count, 12)
    assert 3 <= len(set(picks)) <= 12


def test_the_confirm_stage_holds_the_leader_and_spans_depth_and_resolution() -> None:
    data, _ = observed()
    surface = fit(data)
    picks = confirm_design(surface, lattice(), 8)
    assert picks[0] == int(surface.expected(lattice()).argmax())
    assert len(picks) == 8
    assert (np.ptp(lattice()[picks], axis=0) > 0.7).all()
