"""The choice from a study's rows, with its uncertainty. The model is in :mod:`response_surface`.

The choice is the network of the iso-cost set whose *smooth* accuracy (without the network effect, which does not transfer)
has the highest posterior mean, at long runs if there are any. The tie region holds the networks that are worse than the
choice by more than the indifference with a probability under 0.9.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scaling_search.analysis.diagnostics import cross_check, lack_of_fit, short_vs_long, warnings
from scaling_search.analysis.multimodality import bimodality
from scaling_search.analysis.observations import Observations, observations_of, usable
from scaling_search.analysis.response_surface import ASSUMED_SIGMA, Surface, detectable_difference, fit_both
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import Candidate, extremes, nearest, nearest_growth, share_matrix
from scaling_search.networks.coefficients import PAPER, Shares, nominal_shares
from scaling_search.records import Choice, NetworkShares, PossibleOptimum, TrialRow

Array = npt.NDArray[np.float64]

MODEL_NEEDS = 8
"""Distinct networks that a fitted surface needs; with fewer, the best observed mean is chosen."""
TIE_PROBABILITY = 0.9
NO_PREFERENCE = 0.95
"""If at least this fraction of the networks ties, there is no preference."""
FAST: Shares = (0.1, 0.8, 0.1)
"""Fast compound scaling (Dollár, Singh & Girshick 2021): most of the cost on width."""
MIN_OPTIMUM_PROBABILITY = 0.005


def references(candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """Networks for comparison: nearest to the paper's shares, to fast scaling's and to equal ones, and each axis's extreme."""
    published = {"paper": nominal_shares(PAPER), "fast": FAST}
    growths = {name: nearest_growth(candidates, shares) for name, shares in published.items()}
    return {**growths, "equal": nearest(candidates, (1 / 3, 1 / 3, 1 / 3)), **extremes(candidates)}


def choose(
    rows: Sequence[TrialRow],
    candidates: Sequence[Candidate],
    indifference: float = 0.2,
    seed: int = 0,
    equal_cost: bool = True,
) -> Choice:
    """The choice from a study's rows; without ``equal_cost`` no surface is fitted, and the best observed mean is chosen.

    Raises:
        ScalingSearchError: no candidate run is complete.
    """
    fitted = usable(rows)
    if not fitted:
        raise ScalingSearchError(
            "no candidate run is complete, so there is nothing to choose from",
            "list the trials and their errors with `scaling-search trials`",
        )
    data, keys = observations_of(fitted)
    if not equal_cost:
        verdict = (
            "these networks differ in real cost, so accuracy partly ranks their cost: "
            "the best observed mean, as in the literature"
        )
        return _best_mean(data, keys, verdict)
    if data.networks < MODEL_NEEDS:
        verdict = (
            f"only {data.networks} networks have run, too few for a surface ({MODEL_NEEDS} are needed): "
            "this is the best observed mean, which is optimistic, and nothing can be ruled out"
        )
        return _best_mean(data, keys, verdict)
    return choose_fitted(data, candidates, indifference, seed)


def choose_fitted(
    data: Observations, candidates: Sequence[Candidate], indifference: float = 0.2, seed: int = 0
) -> Choice:
    """The network of the highest posterior mean of the smooth surface, and its ties."""
    (surface, plain), x, long = fit_both(data, seed), share_matrix(candidates), bool(data.long.any())
    values = surface.draws(x, long)
    expected = surface.expected(x, long)
    best = int(expected.argmax())
    lead = values[:, [best]] - values  # (draws, n) points
    tied = np.flatnonzero((lead > indifference).mean(axis=0) < TIE_PROBABILITY).tolist()
    accuracy = float(expected[best]) / 100
    low, high = np.quantile(values[:, best], [0.05, 0.95]) / 100
    chosen, fraction = candidates[best], len(tied) / len(candidates)
    check = cross_check(
        plain, bimodality(data, plain.sigma, plain.tau), values, best, candidates, x, indifference, long
    )
    misfit = lack_of_fit(data)
    lengths = short_vs_long(surface, x, best, set(tied)) if long else None
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
        tie_region=tuple(NetworkShares(key=candidates[i].key, shares=candidates[i].shares) for i in tied),
        tie_fraction=fraction,
        probability_better_than=_probabilities_of_lead(lead, best, candidates),
        verdict=_verdict(fraction, surface, data),
        optima=_optima(values, candidates),
        cross_check=check.record(),
        lack_of_fit=misfit,
        movement=None if lengths is None else lengths.record(),
        warnings=tuple(warnings(check, misfit, lengths)),
    )


def _probabilities_of_lead(lead: Array, best: int, candidates: Sequence[Candidate]) -> dict[str, float | None]:
    """Probability that the choice is better than each reference, None for itself; ``lead`` (draws, n) is in points."""
    index = {c.key: i for i, c in enumerate(candidates)}
    index_of = {name: index[reference.key] for name, reference in references(candidates).items()}
    return {name: None if i == best else round(float((lead[:, i] > 0).mean()), 3) for name, i in index_of.items()}


def _optima(values: Array, candidates: Sequence[Candidate]) -> tuple[PossibleOptimum, ...]:
    """Probability that each network is the best, likeliest first; networks under MIN_OPTIMUM_PROBABILITY are left out."""
    frequency = np.bincount(values.argmax(axis=1), minlength=len(candidates)) / len(values)
    order = [i for i in np.argsort(-frequency, kind="stable").tolist() if frequency[i] >= MIN_OPTIMUM_PROBABILITY]
    return tuple(
        PossibleOptimum(key=candidates[i].key, shares=candidates[i].shares, probability=float(frequency[i]))
        for i in order
    )


def _best_mean(data: Observations, keys: Sequence[str], verdict: str) -> Choice:
    """The best observed mean of the longest runs. It is biased upwards, as the maximum of noisy means."""
    longest = np.flatnonzero(data.long == data.long.max())
    best = int(longest[data.mean[longest].argmax()])
    freedom = data.runs - len(data.mean)
    noise = math.sqrt(data.within_ss / freedom) if freedom else None
    half_width = 1.645 * (noise or ASSUMED_SIGMA) / math.sqrt(data.count[best]) / 100
    a, b, c = data.shares[best].tolist()
    accuracy, networks = float(data.mean[best]) / 100, dict(zip(keys, data.shares.tolist(), strict=True))
    return Choice(
        shares=(a, b, c),
        key=keys[best],
        accuracy=accuracy,
        accuracy_interval=(accuracy - half_width, accuracy + half_width),
        method="best mean",
        runs=data.runs,
        networks=data.networks,
        seed_noise=noise,
        network_effect=None,
        expected_regret=None,
        tie_region=tuple(NetworkShares(key=key, shares=(s[0], s[1], s[2])) for key, s in networks.items()),
        tie_fraction=1.0,
        probability_better_than={},
        verdict=verdict,
    )


def _verdict(fraction: float, surface: Surface, data: Observations) -> str:
    """One sentence: what is ruled out, or how many more runs would separate half a point."""
    if fraction < NO_PREFERENCE:
        return (
            f"{1 - fraction:.0%} of the networks are ruled out as worse; {fraction:.0%} cannot be told from the choice"
        )
    shares, counts, n = data.shares, data.count, data.runs
    ties = f"{fraction:.0%} of the networks tie" if fraction < 1 else "every network ties"
    now = detectable_difference(shares, counts, surface.sigma, surface.tau)
    if now <= 0.5:
        return f"no preference: {ties}; differences of {max(now, 0.01):.1f} points between corners would have shown"
    for k in range(2, 65):
        if detectable_difference(shares, counts * k, surface.sigma, surface.tau) <= 0.5:
            return f"no preference: {ties}; about {n * (k - 1)} more runs would separate 0.5 points"
    for k in range(2, 65):
        if detectable_difference(np.tile(shares, (k, 1)), np.tile(counts, k), surface.sigma, surface.tau) <= 0.5:
            return f"no preference: {ties}; about {n * (k - 1)} more runs of other networks would separate 0.5 points"
    return f"no preference: {ties}, and more runs of such networks would not separate 0.5 points; add networks"
