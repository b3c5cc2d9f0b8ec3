"""Rows → a response surface over the shares of the budget, a choice, and how sure it is. numpy only.

The model, in percentage points of accuracy, of run r of network i with real shares (a, b, c):

    y_ir = θ₁a + θ₂b + θ₃c + θ₄ab + θ₅ac + θ₆bc + n_i + e_ir        (Scheffé 1958, quadratic mixture)
    n_i ~ N(0, τ²)   the network effect: what rounding does to one network; a nuisance that does not transfer
    e_ir ~ N(0, σ²)  seed noise, identified by replicates

θ has a weak normal prior around a free mean; (σ, τ) are integrated over a grid. The choice is the network of the iso-cost
set whose *smooth* value (without n) has the highest posterior mean. Its tie region holds the networks whose smooth value
has a probability under 0.9 of being worse than the choice's by more than the indifference.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scaling_search.candidates import Candidate, extremes, nearest, share_matrix
from scaling_search.coefficients import PAPER, Shares, nominal_shares
from scaling_search.errors import ScalingSearchError
from scaling_search.records import TrialRow

Array = npt.NDArray[np.float64]

MODEL_NEEDS = 8
"""Distinct networks under which the best mean is taken instead of a fitted surface."""
TIE_PROBABILITY = 0.9
DRAWS = 4000
PRIOR_SD = np.array([1.5, 1.5, 1.5, 3.0, 3.0, 3.0])
"""Prior standard deviations of θ (points): corners around their mean, and curvature."""
SIGMAS = np.geomspace(0.05, 3.0, 25)
TAUS = np.concatenate([[0.0], np.geomspace(0.03, 1.5, 16)])
ASSUMED_SIGMA, ASSUMED_TAU = 0.4, 0.15
"""Seed noise and network effect (points) that a plan assumes before anything has run."""
Z_DETECT = 1.96 + 0.84
"""Difference over its standard error that is found with 80 % power at a two-sided 5 % level."""


@dataclass(frozen=True)
class Choice:
    """What is recommended. Accuracies are fractions; differences and noise are percentage points."""

    shares: Shares
    key: str
    accuracy: float
    accuracy_interval: tuple[float, float]
    method: str
    runs: int
    networks: int
    seed_noise: float | None
    network_effect: float | None
    expected_regret: float | None
    tie_region: list[dict[str, Any]]
    tie_fraction: float
    probability_better_than: dict[str, float | None]
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Surface:
    """The fitted surface: posterior draws of θ, (draws, 6), on top of ``center`` points."""

    center: float
    theta: Array
    sigma: float
    tau: float

    def draws(self, shares: Array) -> Array:
        """Smooth accuracy (points) at shares (n, 3), (draws, n)."""
        return self.center + self.theta @ terms(shares).T


def terms(shares: Array) -> Array:
    """The six Scheffé terms (n, 6) of shares (n, 3)."""
    a, b, c = shares.T
    return np.stack([a, b, c, a * b, a * c, b * c], axis=1)


def usable(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The rows a fit may use: complete runs of candidates. Pruned and failed rows and the base's runs never enter."""
    return [r for r in rows if r.state == "complete" and r.role == "candidate" and r.accuracy is not None and r.shares]


def _by_network(rows: Sequence[TrialRow]) -> tuple[Array, list[Array], list[str]]:
    """Shares (n, 3), accuracies in points of each network's runs, and keys, in the order of first runs."""
    runs: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, Shares] = {}
    for row in rows:
        assert row.accuracy is not None  # usable() saw to it
        assert row.shares is not None
        runs[row.key].append(100 * row.accuracy)
        shares[row.key] = row.shares
    keys = list(runs)
    return np.array([shares[k] for k in keys]), [np.array(runs[k]) for k in keys], keys


def _prior() -> Array:
    """Prior covariance of θ, (6, 6)."""
    prior = np.diag(PRIOR_SD**2)
    prior[:3, :3] += 100.0  # the common level is free
    return prior


def fit(shares: Array, runs: Sequence[Array], seed: int = 0) -> Surface:
    """Posterior of the surface from each network's shares (n, 3) and run accuracies (points)."""
    counts = np.array([len(r) for r in runs], float)
    means = np.array([r.mean() for r in runs])
    within = float(sum(((r - r.mean()) ** 2).sum() for r in runs))
    spare = float(counts.sum() - len(runs))
    center = float(np.average(means, weights=counts))
    x, y = terms(shares), means - center
    prior = _prior()
    logs, posteriors = [], []
    for sigma in SIGMAS:
        for tau in TAUS:
            noise = tau**2 + sigma**2 / counts
            total = x @ prior @ x.T + np.diag(noise)
            chol = np.linalg.cholesky(total)
            white = np.linalg.solve(chol, np.column_stack([y, x @ prior]))
            log = -0.5 * white[:, 0] @ white[:, 0] - np.log(np.diag(chol)).sum()
            log -= spare * math.log(sigma) + within / (2 * sigma**2)  # replicates within a network
            log -= 0.5 * (math.log(sigma / ASSUMED_SIGMA) / 0.8) ** 2 + tau / 0.3  # weak priors on the scales
            logs.append(log)
            posteriors.append((white[:, 1:].T @ white[:, 0], prior - white[:, 1:].T @ white[:, 1:]))
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    sigma_mean, tau_mean = (weights.reshape(len(SIGMAS), -1).sum(axis=i) for i in (1, 0))
    return Surface(center, _sample(posteriors, weights, seed), float(sigma_mean @ SIGMAS), float(tau_mean @ TAUS))


def _sample(posteriors: Sequence[tuple[Array, Array]], weights: Array, seed: int) -> Array:
    """Draws of θ from the mixture over (σ, τ), each part in proportion to its weight."""
    random = np.random.default_rng(seed)
    picks = random.choice(len(weights), DRAWS, p=weights)
    draws = np.empty((DRAWS, len(PRIOR_SD)))
    for part in np.unique(picks):
        mean, covariance = posteriors[part]
        here = picks == part
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        draws[here] = mean + random.standard_normal((int(here.sum()), len(mean))) @ root.T
    return draws


def references(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The networks a choice is compared with: nearest the paper's shares, equal shares, and each axis's extreme."""
    paper = nearest(candidates, nominal_shares(PAPER))
    return {"paper": paper, "equal": nearest(candidates, (1 / 3, 1 / 3, 1 / 3)), **extremes(candidates)}


def choose(
    rows: Sequence[TrialRow],
    candidates: Sequence[Candidate],
    indifference: float = 0.2,
    seed: int = 0,
    equal_cost: bool = True,
) -> Choice:
    """The choice from a study's rows; without ``equal_cost`` there is no surface, and the best observed mean is taken.

    Raises:
        ScalingSearchError: no candidate run is complete.
    """
    fitted = usable(rows)
    if not fitted:
        raise ScalingSearchError(
            "no candidate run is complete, so there is nothing to choose from", "look at the trials' errors"
        )
    shares, runs, keys = _by_network(fitted)
    if not equal_cost:
        words = "these networks differ in real cost, so accuracy partly ranks their cost: the best observed mean, as in the literature"
        return _best_mean(shares, runs, keys, words)
    if len(keys) < MODEL_NEEDS:
        words = f"only {len(keys)} networks have run, too few for a surface ({MODEL_NEEDS} are needed): this is the best observed mean"
        return _best_mean(shares, runs, keys, f"{words}, which is optimistic, and nothing can be ruled out")
    return _best_fitted(shares, runs, candidates, indifference, seed)


def _best_fitted(
    shares: Array, runs: Sequence[Array], candidates: Sequence[Candidate], indifference: float, seed: int
) -> Choice:
    """The highest posterior mean of the smooth surface, and what cannot be told from it."""
    surface, n = fit(shares, runs, seed), sum(len(r) for r in runs)
    values = surface.draws(share_matrix(candidates))
    best = int(values.mean(axis=0).argmax())
    behind = values[:, [best]] - values  # (draws, n) points
    worse = (behind > indifference).mean(axis=0)
    tied = np.flatnonzero(worse < TIE_PROBABILITY)
    index = {c.key: i for i, c in enumerate(candidates)}
    better: dict[str, float | None] = {}
    for name, reference in references(candidates).items():
        i = index[reference.key]
        better[name] = None if i == best else round(float((behind[:, i] > 0).mean()), 3)
    low, high = np.quantile(values[:, best], [0.05, 0.95]) / 100
    chosen = candidates[best]
    fraction = len(tied) / len(candidates)
    return Choice(
        shares=chosen.shares,
        key=chosen.key,
        accuracy=float(values[:, best].mean()) / 100,
        accuracy_interval=(float(low), float(high)),
        method="mixture quadratic",
        runs=n,
        networks=len(runs),
        seed_noise=surface.sigma,
        network_effect=surface.tau,
        expected_regret=float((values.max(axis=1) - values[:, best]).mean()),
        tie_region=[{"key": candidates[i].key, "shares": list(candidates[i].shares)} for i in tied.tolist()],
        tie_fraction=fraction,
        probability_better_than=better,
        verdict=_verdict(fraction, surface, n, shares, runs),
    )


def _best_mean(shares: Array, runs: Sequence[Array], keys: Sequence[str], verdict: str) -> Choice:
    """No surface: the best observed mean, optimistic as every maximum of noisy means."""
    means = [float(r.mean()) for r in runs]
    best = int(np.argmax(means))
    spare = sum(len(r) - 1 for r in runs)
    noise = math.sqrt(sum(((r - r.mean()) ** 2).sum() for r in runs) / spare) if spare else None
    half = 1.645 * (noise or ASSUMED_SIGMA) / math.sqrt(len(runs[best])) / 100
    a, b, c = shares[best].tolist()
    accuracy = means[best] / 100
    return Choice(
        shares=(a, b, c),
        key=keys[best],
        accuracy=accuracy,
        accuracy_interval=(accuracy - half, accuracy + half),
        method="best mean",
        runs=sum(len(r) for r in runs),
        networks=len(keys),
        seed_noise=noise,
        network_effect=None,
        expected_regret=None,
        tie_region=[{"key": k, "shares": s} for k, s in zip(keys, shares.tolist(), strict=True)],
        tie_fraction=1.0,
        probability_better_than={},
        verdict=verdict,
    )


def _verdict(fraction: float, surface: Surface, n: int, shares: Array, runs: Sequence[Array]) -> str:
    """The finding in words."""
    if fraction < 0.98:
        return (
            f"{1 - fraction:.0%} of the networks are ruled out as worse; {fraction:.0%} cannot be told from the choice"
        )
    counts = np.array([len(r) for r in runs], float)
    now = detectable_difference(shares, counts, surface.sigma, surface.tau)
    if now <= 0.5:
        return f"no preference: every network ties; differences of {max(now, 0.01):.1f} points between corners would have shown"
    for k in range(2, 65):
        if detectable_difference(shares, counts * k, surface.sigma, surface.tau) <= 0.5:
            return f"no preference: every network ties; about {n * (k - 1)} more runs would separate 0.5 points"
    for k in range(2, 65):
        if detectable_difference(np.tile(shares, (k, 1)), np.tile(counts, k), surface.sigma, surface.tau) <= 0.5:
            return f"no preference: every network ties; about {n * (k - 1)} more runs of other networks would separate 0.5 points"
    return (
        "no preference: every network ties, and more runs of such networks would not separate 0.5 points; add networks"
    )


def detectable_difference(
    shares: Array, counts: Array, sigma: float = ASSUMED_SIGMA, tau: float = ASSUMED_TAU
) -> float:
    """Points by which two corners of the triangle must differ to be told apart (80 % power, 5 % level).

    ``shares`` (n, 3) and ``counts`` (n,) are the design; the mean over the three pairs of corners is given.
    """
    x = terms(shares)
    precision = np.linalg.inv(_prior()) + (x.T / (tau**2 + sigma**2 / counts)) @ x
    covariance = np.linalg.inv(precision)
    corners = terms(np.eye(3))
    pairs = [corners[i] - corners[j] for i, j in ((0, 1), (0, 2), (1, 2))]
    return Z_DETECT * float(np.mean([math.sqrt(d @ covariance @ d) for d in pairs]))
