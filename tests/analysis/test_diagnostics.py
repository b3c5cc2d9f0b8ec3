"""Warnings about a choice: misleading short runs, two maxima, lack of fit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scaling_search.analysis.diagnostics import (
    CONFIRM_OFF,
    ModelCheck,
    ShortVsLong,
    lack_of_fit,
    misfit_message,
    short_vs_long,
    warnings,
)
from scaling_search.analysis.multimodality import Bimodality
from scaling_search.analysis.observations import group_by_network
from scaling_search.analysis.response_surface import columns, fit
from scaling_search.analysis.selection import choose
from scaling_search.networks.candidates import share_matrix
from scaling_search.networks.coefficients import Shares
from scaling_search.records import LackOfFit
from tests.support.factories import lattice, observed
from tests.support.simulated_runs import Array, Design, Networks, flat, hill, longer, runs_of


def test_short_runs_that_mislead_are_warned_of(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.1, 0.6, 0.3)), 0.1, repeats=2)
    alone = choose(rows, candidates)
    assert math.dist(alone.shares, (0.1, 0.6, 0.3)) < 0.15
    assert any("every run was short" in words for words in alone.warnings)
    spread = runs_of(design[:10], hill(design[:10], (0.1, 0.6, 0.3)), 0.1, seed=5)
    both = choose(rows + longer(spread, lambda s: 6 * s[0]), candidates)
    assert both.shares[0] > alone.shares[0] + 0.2
    assert both.movement is not None
    assert not both.movement.within_ties
    assert math.dist(both.movement.short, alone.shares) < 0.1
    assert any("short runs mislead" in words for words in both.warnings)
    assert both.accuracy > alone.accuracy + 0.01  # it is read at the longer runs


def test_long_runs_that_agree_warn_of_nothing(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.1, repeats=2, seed=1)
    spread = runs_of(design[:8], hill(design[:8], (0.3, 0.3, 0.4)), 0.1, seed=6)
    choice = choose(rows + longer(spread, lambda s: 0.0), candidates)
    assert choice.movement is not None
    assert choice.movement.within_ties
    assert choice.warnings == ()


def test_two_maxima_are_warned_of(candidates: Networks) -> None:
    every = candidates[::9]
    shares = share_matrix(every)

    def bump(peak: Shares) -> Array:
        return np.asarray(2 * np.exp(-((shares - np.array(peak)) ** 2).sum(axis=1) / (2 * 0.2**2)))

    choice = choose(runs_of(every, 80 + bump((0.75, 0.15, 0.1)) + 0.8 * bump((0.1, 0.7, 0.2)), 0.1), candidates)
    assert choice.cross_check is not None
    assert choice.cross_check.two_tops
    assert choice.cross_check.disagrees
    assert any("two tops" in words for words in choice.warnings)
    assert any("cross-check disagrees" in words for words in choice.warnings)
    assert math.dist(choice.shares, (0.75, 0.15, 0.1)) < 0.15
    assert choice.cross_check.tops is not None
    higher, lower = choice.cross_check.tops.shares
    assert math.dist(higher, (0.75, 0.15, 0.1)) < 0.15
    assert math.dist(lower, (0.1, 0.7, 0.2)) < 0.15


def test_lack_of_fit_is_judged_by_replicate_noise(candidates: Networks, design: Design) -> None:
    smooth = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2, repeats=4), candidates).lack_of_fit
    rough = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2, tau=0.6, repeats=4), candidates).lack_of_fit
    assert smooth is not None
    assert rough is not None
    assert smooth.freedom == (len(design) - 6, 3 * len(design))
    assert smooth.p_value > 0.01 > rough.p_value
    assert choose(runs_of(design, flat(design), 0.3), candidates).lack_of_fit is None  # nothing to judge by


SHARES: Shares = (0.2, 0.3, 0.5)
UNIMODAL, BIMODAL = Bimodality(0.49, (SHARES, SHARES)), Bimodality(0.5, ((1.0, 0.0, 0.0), (0.0, 0.25, 0.75)))
AGREES, DIFFERS = (ModelCheck("k", SHARES, 1.26, probability, UNIMODAL) for probability in (0.89, 0.9))
TIES, MOVED = (ShortVsLong(SHARES, (1.0, 0.0, 0.0), 0.5, within_ties) for within_ties in (True, False))
FITS, MISSES = (LackOfFit(ratio=2.0, freedom=(5, 9), p_value=p) for p in (0.011, 0.009))


def test_each_threshold_adds_its_warning() -> None:
    assert warnings(AGREES, FITS, TIES) == []
    assert warnings(AGREES, None, None) == [CONFIRM_OFF]
    (moved,) = warnings(AGREES, None, MOVED)
    assert moved.startswith(
        "short runs favour 20 / 30 / 50 % (depth / width / resolution), runs of the confirm stage 100"
    )
    (disagrees,) = warnings(DIFFERS, None, TIES)
    assert "would choose 20 / 30 / 50 % (depth / width / resolution), 1.3 points lower" in disagrees
    (bimodal,) = warnings(ModelCheck("k", SHARES, 0.0, 0.0, BIMODAL), None, TIES)
    assert "probability 50%" in bimodal
    (misfit,) = warnings(AGREES, MISSES, TIES)
    assert "2.0 times farther from a quadratic" in misfit


def test_warnings_are_in_the_order_of_importance() -> None:
    check = ModelCheck("k", SHARES, 1.0, 1.0, BIMODAL)
    assert warnings(check, MISSES, MOVED) == [MOVED.message, *check.messages, misfit_message(MISSES)]
    assert len(check.messages) == 2


def test_the_f_ratio_is_that_of_a_textbook_regression() -> None:
    data, runs = observed(sigma=0.5)
    fit_of_means = lack_of_fit(data)
    assert fit_of_means is not None
    x = np.repeat(columns(data.shares, data.long, False)[:, :6], data.count.astype(int), axis=0)
    y = np.concatenate(runs)
    residual = float(np.linalg.lstsq(x, y, rcond=None)[1].item())
    lack, pure = residual - data.within_ss, data.within_ss
    assert fit_of_means.freedom == (15 - 6, len(y) - 15)
    assert fit_of_means.ratio == pytest.approx(lack / (15 - 6) / (pure / (len(y) - 15)))


def test_lack_of_fit_needs_replicates_and_more_networks_than_coefficients() -> None:
    shares = lattice()
    once = [np.array([80.0 + i]) for i in range(15)]
    twice = [np.array([80.0 + i, 80.5 + i]) for i in range(15)]
    assert lack_of_fit(group_by_network(shares, once)) is None
    assert lack_of_fit(group_by_network(lattice(2), twice[:6])) is None
    assert lack_of_fit(group_by_network(shares, twice)) is not None


def test_the_short_optimum_is_compared_with_the_long_one() -> None:
    data, _ = observed(long=12, sigma=0.05)
    surface, x = fit(data), lattice()
    short, best = (int(surface.expected(x, long).argmax()) for long in (False, True))
    lengths = short_vs_long(surface, x, best, {short})
    assert (lengths.short, lengths.long) == (tuple(x[short]), tuple(x[best]))
    assert lengths.distance == pytest.approx(math.dist(x[short], x[best]))
    assert lengths.within_ties
    assert not short_vs_long(surface, x, best, set()).within_ties
