"""The batched posterior against the textbook's, point by point; the terms of longer runs; the detectable difference."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.analysis.response_surface import (
    ASSUMED_SIGMA,
    ASSUMED_TAU,
    SCALES,
    SIGMAS,
    TAUS,
    columns,
    detectable_difference,
    fit,
    prior_covariance,
    process_features,
    terms,
)
from scaling_search.networks.candidates import share_matrix
from tests.support.factories import lattice, observed
from tests.support.simulated_runs import Design

Array = npt.NDArray[np.float64]


def textbook(data: Observations, runs: list[Array]) -> tuple[Array, float]:
    """Mean of the coefficients and of σ by one big multivariate normal over single runs at every grid point."""
    center = float(np.average(data.mean, weights=data.count))
    x = np.repeat(columns(data.shares, data.long, False), data.count.astype(int), axis=0)
    network = np.repeat(data.network, data.count.astype(int))
    y = np.concatenate(runs) - center
    same = (network[:, np.newaxis] == network).astype(float)
    logs, means, sigmas = [], [], []
    for sigma in SIGMAS:
        for tau in TAUS:
            for scale in SCALES:
                prior = prior_covariance(scale)
                whole = x @ prior @ x.T + tau**2 * same + sigma**2 * np.eye(len(y))
                log = float(stats.multivariate_normal.logpdf(y, np.zeros(len(y)), whole))
                logs.append(log - 0.5 * (math.log(sigma / ASSUMED_SIGMA) / 0.8) ** 2 - tau / 0.3)
                means.append(prior @ x.T @ np.linalg.solve(whole, y))
                sigmas.append(sigma)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    return weights @ np.array(means), float(weights @ np.array(sigmas))


@pytest.mark.parametrize("long", [0, 4])
def test_the_batched_posterior_is_the_textbooks(long: int) -> None:
    data, runs = observed(long=long)
    mean, sigma = textbook(data, runs)
    surface = fit(data, with_process=False)
    x = columns(lattice(6), np.full(28, float(bool(long))), False)
    assert x @ surface.mean == pytest.approx(x @ mean, abs=5e-3)
    assert surface.sigma == pytest.approx(sigma, rel=5e-3)


def test_draws_have_the_posterior_mean_and_a_spread() -> None:
    data, _ = observed()
    for with_process in (False, True):
        surface = fit(data, with_process=with_process)
        drawn = surface.draws(lattice())
        assert drawn.mean(axis=0) == pytest.approx(surface.expected(lattice()), abs=0.03)
        assert (drawn.std(axis=0) > 0.05).all()


def test_the_process_has_unit_variance_and_correlations_that_fall_with_distance() -> None:
    phi = process_features(lattice(6))
    variance = (phi**2).sum(axis=1)
    assert variance == pytest.approx(np.ones(28), abs=0.12)
    near, far = phi[0] @ phi[1], phi[0] @ phi[-1]
    assert near > 0.7
    assert abs(far) < 0.1


def test_longer_runs_identify_the_gain_of_depth() -> None:
    data, _ = observed(long=12, sigma=0.05)
    surface = fit(data)
    gain = surface.expected(lattice(), long=True) - surface.expected(lattice())
    depth, width = gain[-1], gain[0]
    corner = {tuple(s): g for s, g in zip(lattice().tolist(), gain.tolist(), strict=True)}
    assert corner[1.0, 0.0, 0.0] - corner[0.0, 1.0, 0.0] == pytest.approx(1.5, abs=0.4)
    assert (depth, width) == (corner[1.0, 0.0, 0.0], corner[0.0, 0.0, 1.0])


def test_only_the_process_fits_a_second_maximum() -> None:
    random = np.random.default_rng(0)
    shares = lattice(8)

    def bump(peak: tuple[float, float, float]) -> Array:
        return np.asarray(2 * np.exp(-((shares - np.array(peak)) ** 2).sum(axis=1) / (2 * 0.2**2)))

    truth = bump((0.75, 0.15, 0.1)) + 0.8 * bump((0.1, 0.7, 0.2))
    runs = [80 + y + random.normal(0, 0.1, 2) for y in truth]
    data = group_by_network(shares, runs)
    best, plain = (truth[fit(data, with_process=b).expected(shares).argmax()] for b in (True, False))
    assert best > truth.max() - 0.1
    assert plain < truth.max() - 0.5
    assert fit(data).height > 0.3


def test_more_replicates_and_more_networks_detect_smaller_differences(design: Design) -> None:
    shares = share_matrix(design)
    by_repeats = [detectable_difference(shares, np.full(len(design), float(k))) for k in (1, 2, 4, 8)]
    assert by_repeats == sorted(by_repeats, reverse=True)
    assert by_repeats[0] > 1.2 * by_repeats[-1]
    assert detectable_difference(shares[:9], np.ones(9)) > detectable_difference(shares, np.ones(18))
    quiet, loud = (detectable_difference(shares, np.ones(len(design)), sigma) for sigma in (0.2, 0.8))
    assert quiet < loud


def test_the_detectable_difference_has_80_percent_power(design: Design) -> None:
    """Against the standard errors of least squares: 80 % power at a two-sided 5 % level is 2.8 of them."""
    x, counts = terms(share_matrix(design)), np.full(len(design), 2.0)
    noise = math.sqrt(ASSUMED_TAU**2 + ASSUMED_SIGMA**2 / 2)
    each = noise * np.sqrt(np.diag(np.linalg.inv(x.T @ x)))[:3]
    pairs = math.sqrt(2) * float(each.mean())  # the corners' covariances are small
    stated = detectable_difference(share_matrix(design), counts)
    assert stated == pytest.approx(2.8 * pairs, rel=0.25)
    assert stated < 2.8 * pairs * 1.05  # the prior can only help
