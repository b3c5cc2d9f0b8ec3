"""Rows → a choice, and how sure it is. The surface and its formula are in :mod:`surface`, what could be wrong in :mod:`checks`.

The choice is the network of the iso-cost set whose *smooth* value (without the network effect, which does not transfer)
has the highest posterior mean; read at long runs once there are some. Its tie region holds the networks whose smooth value
has a probability under 0.9 of being worse than the choice's by more than the indifference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.diagnostics import cross_check, lack_of_fit, movement, warnings
from scaling_search.analysis.multimodality import bimodality
from scaling_search.analysis.observations import Observations, observations_of, usable
from scaling_search.analysis.response_surface import ASSUMED_SIGMA, Surface, detectable_difference, fit_both
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import Candidate, extremes, nearest, nearest_growth, share_matrix
from scaling_search.networks.coefficients import PAPER, Shares, nominal_shares
from scaling_search.records import TrialRow

Array = npt.NDArray[np.float64]

MODEL_NEEDS = 8
"""Distinct networks under which the best mean is taken instead of a fitted surface."""
TIE_PROBABILITY = 0.9
NO_PREFERENCE = 0.95
"""Part of the networks that ties, from which on there is no preference."""
FAST: Shares = (0.1, 0.8, 0.1)
"""Fast compound scaling (Dollár, Singh & Girshick 2021): most of the cost on width."""
LEAST_OPTIMUM = 0.005


@dataclass(frozen=True)
class Choice:
    """What is recommended. Accuracies are fractions; differences and noise are percentage points.

    ``optima`` are the networks that may be best, with their probabilities; ``cross_check``, ``lack_of_fit`` and
    ``movement`` are those of :mod:`checks`; ``warnings`` say in words what could be wrong.
    """

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
    optima: list[dict[str, Any]] = field(default_factory=list)
    cross_check: dict[str, Any] | None = None
    lack_of_fit: dict[str, Any] | None = None
    movement: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def references(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The networks a choice is compared with: nearest the paper's shares, fast scaling's, equal ones, and each axis's extreme."""
    theirs = {"paper": nominal_shares(PAPER), "fast": FAST}
    named = {name: nearest_growth(candidates, shares) for name, shares in theirs.items()}
    return {**named, "equal": nearest(candidates, (1 / 3, 1 / 3, 1 / 3)), **extremes(candidates)}


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
    data, keys = observations_of(fitted)
    if not equal_cost:
        words = "these networks differ in real cost, so accuracy partly ranks their cost: the best observed mean, as in the literature"
        return _best_mean(data, keys, words)
    if data.networks < MODEL_NEEDS:
        words = f"only {data.networks} networks have run, too few for a surface ({MODEL_NEEDS} are needed): this is the best observed mean"
        return _best_mean(data, keys, f"{words}, which is optimistic, and nothing can be ruled out")
    return choose_fitted(data, candidates, indifference, seed)


def choose_fitted(
    data: Observations, candidates: Sequence[Candidate], indifference: float = 0.2, seed: int = 0
) -> Choice:
    """The highest posterior mean of the smooth surface, and what cannot be told from it."""
    (surface, plain), x, long = fit_both(data, seed), share_matrix(candidates), bool(data.long.any())
    values = surface.draws(x, long)
    expected = surface.expected(x, long)
    best = int(expected.argmax())
    behind = values[:, [best]] - values  # (draws, n) points
    tied = np.flatnonzero((behind > indifference).mean(axis=0) < TIE_PROBABILITY).tolist()
    accuracy = float(expected[best]) / 100
    low, high = np.quantile(values[:, best], [0.05, 0.95]) / 100
    chosen, fraction = candidates[best], len(tied) / len(candidates)
    check = cross_check(
        plain, bimodality(data, plain.sigma, plain.tau), values, best, candidates, x, indifference, long
    )
    misses = lack_of_fit(data)
    moved = movement(surface, x, best, set(tied)) if long else None
    return Choice(
        shares=chosen.shares,
        key=chosen.key,
        accuracy=accuracy,
        accuracy_interval=(min(accuracy, float(low)), max(accuracy, float(high))),
        method="mixture quadratic and Gaussian process",
        runs=data.runs,
        networks=data.networks,
        seed_noise=surface.sigma,
        network_effect=surface.tau,
        expected_regret=float((values.max(axis=1) - values[:, best]).mean()),
        tie_region=[{"key": candidates[i].key, "shares": list(candidates[i].shares)} for i in tied],
        tie_fraction=fraction,
        probability_better_than=_better(behind, best, candidates),
        verdict=_verdict(fraction, surface, data),
        optima=_optima(values, candidates),
        cross_check=check.to_dict(),
        lack_of_fit=None if misses is None else asdict(misses),
        movement=None if moved is None else asdict(moved) | {"words": moved.words},
        warnings=warnings(check, misses, moved),
    )


def _better(behind: Array, best: int, candidates: Sequence[Candidate]) -> dict[str, float | None]:
    """Probability of being better than each reference, None against itself; ``behind`` (draws, n) is the choice's lead."""
    index = {c.key: i for i, c in enumerate(candidates)}
    at = {name: index[reference.key] for name, reference in references(candidates).items()}
    return {name: None if i == best else round(float((behind[:, i] > 0).mean()), 3) for name, i in at.items()}


def _optima(values: Array, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The networks that are best in some draws, by probability, likeliest first; those that hardly ever are, left out."""
    often = np.bincount(values.argmax(axis=1), minlength=len(candidates)) / len(values)
    order = [i for i in np.argsort(-often, kind="stable").tolist() if often[i] >= LEAST_OPTIMUM]
    return [
        {"key": candidates[i].key, "shares": list(candidates[i].shares), "probability": float(often[i])} for i in order
    ]


def _best_mean(data: Observations, keys: Sequence[str], verdict: str) -> Choice:
    """No surface: the best observed mean of the longest runs, optimistic as every maximum of noisy means."""
    longest = np.flatnonzero(data.long == data.long.max())
    best = int(longest[data.mean[longest].argmax()])
    spare = data.runs - len(data.mean)
    noise = math.sqrt(data.within_ss / spare) if spare else None
    half = 1.645 * (noise or ASSUMED_SIGMA) / math.sqrt(data.count[best]) / 100
    a, b, c = data.shares[best].tolist()
    accuracy, each = float(data.mean[best]) / 100, dict(zip(keys, data.shares.tolist(), strict=True))
    return Choice(
        shares=(a, b, c),
        key=keys[best],
        accuracy=accuracy,
        accuracy_interval=(accuracy - half, accuracy + half),
        method="best mean",
        runs=data.runs,
        networks=data.networks,
        seed_noise=noise,
        network_effect=None,
        expected_regret=None,
        tie_region=[{"key": k, "shares": s} for k, s in each.items()],
        tie_fraction=1.0,
        probability_better_than={},
        verdict=verdict,
    )


def _verdict(fraction: float, surface: Surface, data: Observations) -> str:
    """The finding in words."""
    if fraction < NO_PREFERENCE:
        return (
            f"{1 - fraction:.0%} of the networks are ruled out as worse; {fraction:.0%} cannot be told from the choice"
        )
    shares, counts, n, said = data.shares, data.count, data.runs, "no preference: every network ties"
    if fraction < 1:
        said = f"no preference: {fraction:.0%} of the networks tie"
    now = detectable_difference(shares, counts, surface.sigma, surface.tau)
    if now <= 0.5:
        return f"{said}; differences of {max(now, 0.01):.1f} points between corners would have shown"
    for k in range(2, 65):
        if detectable_difference(shares, counts * k, surface.sigma, surface.tau) <= 0.5:
            return f"{said}; about {n * (k - 1)} more runs would separate 0.5 points"
    for k in range(2, 65):
        if detectable_difference(np.tile(shares, (k, 1)), np.tile(counts, k), surface.sigma, surface.tau) <= 0.5:
            return f"{said}; about {n * (k - 1)} more runs of other networks would separate 0.5 points"
    return f"{said}, and more runs of such networks would not separate 0.5 points; add networks"
