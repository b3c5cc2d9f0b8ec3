"""Accuracy of the choice over simulated studies: noise recovered, optimum found, ties narrowed by evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from scaling_search.analysis.response_surface import ASSUMED_SIGMA, ASSUMED_TAU, PRIOR_SD, terms
from scaling_search.analysis.selection import choose
from scaling_search.networks.candidates import share_matrix
from tests.support.simulated_runs import Design, Networks, flat, hill, runs_of


@pytest.mark.parametrize("sigma", [0.15, 0.4, 1.0])
def test_seed_noise_is_recovered_from_replicates(candidates: Networks, design: Design, sigma: float) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), sigma, tau=0.2, repeats=6, seed=7)
    noise = choose(rows, candidates).seed_noise
    assert noise is not None
    assert sigma / 1.5 < noise < sigma * 1.5


def test_a_network_effect_is_not_taken_for_seed_noise(candidates: Networks, design: Design) -> None:
    def effect(tau: float) -> tuple[float, float]:
        choice = choose(runs_of(design, flat(design), 0.1, tau=tau, repeats=6, seed=2), candidates)
        assert choice.seed_noise is not None
        assert choice.network_effect is not None
        return choice.seed_noise, choice.network_effect

    (noise, with_it), (quiet, without) = effect(0.6), effect(0.0)
    assert with_it > 0.35
    assert without < 0.15
    assert noise == pytest.approx(quiet, rel=0.2)


def test_on_surfaces_like_the_priors_the_optimum_is_the_choice_or_ties_with_it(
    candidates: Networks, design: Design
) -> None:
    candidates = candidates[::4]  # for speed
    counts, ruled_out = Counter[str](), []
    for seed in range(60):
        theta = np.random.default_rng(1000 + seed).normal(0, PRIOR_SD)
        smooth = 80 + terms(share_matrix(candidates)) @ theta
        truth = 80 + terms(share_matrix(design)) @ theta
        rows = runs_of(design, truth, ASSUMED_SIGMA, ASSUMED_TAU, seed=seed)
        rows += [
            replace(r, number=18 + r.number) for r in runs_of(design[:6], truth[:6], ASSUMED_SIGMA, seed=99 + seed)
        ]
        choice = choose(rows, candidates)
        value = dict(zip((c.key for c in candidates), smooth.tolist(), strict=True))
        best = max(value, key=lambda key: value[key])
        close = value[best] - value[choice.key] <= 0.2
        tied = best in {t.key for t in choice.tie_region}
        counts.update(close=close, tied=tied, either=close or tied)
        ruled_out.append(1 - choice.tie_fraction)
    assert counts["either"] >= 51, counts
    assert counts["close"] >= 40, counts
    assert np.mean(ruled_out) > 0.5  # not by calling everything a tie


def test_more_evidence_narrows_the_region_on_average(candidates: Networks, design: Design) -> None:
    few = candidates[::4]
    truth = hill(design, (0.3, 0.3, 0.4), steep=3)
    means = [
        np.mean([choose(runs_of(design, truth, 0.4, 0.15, repeats=n, seed=s), few).tie_fraction for s in range(8)])
        for n in (1, 3, 9)
    ]
    assert means == sorted(means, reverse=True)
    assert means[0] > means[-1] + 0.1
