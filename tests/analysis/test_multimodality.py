"""Two maxima are detected where there are two, and not where there is one or none; the order of axes changes nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, stats

from scaling_search.analysis.multimodality import AMPLITUDE, bimodality, log_odds_of_shape
from scaling_search.analysis.observations import Observations, group_by_network
from scaling_search.networks.simplex_lattice import simplex_lattice

Array = npt.NDArray[np.float64]
POINTS = np.array(simplex_lattice(21))
SIGMA, TAU = 0.4, 0.15


def hill(peak: tuple[float, float, float], width: float) -> Array:
    """Two points high over the lattice."""
    return np.asarray(2 * np.exp(-((POINTS - np.array(peak)) ** 2).sum(axis=1) / (2 * width**2)))


TWO = hill((0.75, 0.15, 0.1), 0.22) + 0.85 * hill((0.1, 0.7, 0.2), 0.22)
ONE = {
    "interior": hill((0.4, 0.3, 0.3), 0.45),
    "corner": hill((0.0, 1.0, 0.0), 0.6),
    "ridge": 2 * np.exp(-((POINTS[:, 0] - 0.3) ** 2) / (2 * 0.25**2)) + 0.3 * POINTS[:, 1],
    "flat": np.zeros(len(POINTS)),
    "slope": 2 * POINTS[:, 2],
}


def observations(truth: Array, seed: int, sigma: float = SIGMA, order: tuple[int, ...] = (0, 1, 2)) -> Observations:
    """One run of each point; ``order`` permutes the axes."""
    random = np.random.default_rng(seed)
    return group_by_network(
        POINTS[:, order], [np.array([80 + y + random.normal(0, np.hypot(sigma, TAU))]) for y in truth]
    )


def detection_rate(truth: Array, sigma: float = SIGMA, times: int = 20) -> float:
    """Fraction of simulated studies in which two maxima are likelier than not."""
    return float(
        np.mean([bimodality(observations(truth, seed, sigma), sigma, TAU).probability >= 0.5 for seed in range(times)])
    )


def test_two_maxima_are_detected() -> None:
    assert detection_rate(TWO) >= 0.8
    assert detection_rate(TWO, sigma=0.1) == 1.0


@pytest.mark.parametrize("name", ONE)
def test_one_maximum_or_none_is_not_taken_for_two(name: str) -> None:
    assert detection_rate(ONE[name]) <= 0.15


def test_both_maxima_are_located() -> None:
    first, second = bimodality(observations(TWO, 0, 0.1), 0.1, TAU).shares
    assert np.linalg.norm(np.array(first) - (0.75, 0.15, 0.1)) < 0.15
    assert np.linalg.norm(np.array(second) - (0.1, 0.7, 0.2)) < 0.15


def test_the_order_of_axes_changes_nothing() -> None:
    original, permuted = (
        bimodality(observations(TWO, 3), SIGMA, TAU),
        bimodality(observations(TWO, 3, order=(2, 0, 1)), SIGMA, TAU),
    )
    assert permuted.probability == pytest.approx(original.probability)
    for before, after in zip(original.shares, permuted.shares, strict=True):
        assert after == pytest.approx([before[i] for i in (2, 0, 1)])


def test_longer_runs_that_gain_and_favour_depth_change_little() -> None:
    data = observations(TWO, 3)
    later = data.mean[:8] + 2 + 1.5 * data.shares[:8, 0]
    runs = [np.array([y]) for y in [*data.mean, *later]]
    keys = [f"n{i}" for i in [*range(len(POINTS)), *range(8)]]
    both = group_by_network(np.vstack([data.shares, data.shares[:8]]), runs, [False] * len(POINTS) + [True] * 8, keys)
    assert bimodality(both, SIGMA, TAU).probability > 0.5
    assert bimodality(data, SIGMA, TAU).probability > 0.5


def test_degenerate_designs_give_a_probability() -> None:
    same = group_by_network(np.tile([[0.2, 0.3, 0.5]], (10, 1)), [np.array([80.0 + n]) for n in range(10)])
    edge = group_by_network(POINTS[POINTS[:, 2] == 0], [np.array([80.0]) for _ in POINTS[POINTS[:, 2] == 0]])
    far = group_by_network(POINTS, [np.array([float(y)]) for y in np.linspace(0, 100, len(POINTS))])
    for data in (same, edge, far, group_by_network(POINTS[:1], [np.array([80.0, 81.0])])):
        assert 0 <= bimodality(data, 0.05, 0.0).probability <= 1


def test_the_evidence_equals_its_integral() -> None:
    random = np.random.default_rng(0)
    h, y = random.normal(size=12), random.normal(size=12)

    def integrand(amplitude: float) -> float:
        ratio = np.exp(amplitude * (h @ y) - 0.5 * amplitude**2 * (h @ h))
        return float(ratio * 2 * stats.norm.pdf(amplitude, 0, AMPLITUDE))

    assert np.exp(log_odds_of_shape(h[:, np.newaxis], y)) == pytest.approx(integrate.quad(integrand, 0, 20)[0])
