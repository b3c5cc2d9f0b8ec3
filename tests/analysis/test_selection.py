"""The choice from a study's rows, on surfaces whose truth is known."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from scaling_search.analysis.observations import usable
from scaling_search.analysis.response_surface import detectable_difference
from scaling_search.analysis.selection import MODEL_NEEDS, choose
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import extremes, nearest, share_matrix
from scaling_search.networks.coefficients import Shares
from tests.support.simulated_runs import Design, Networks, flat, hill, run_of, runs_of


@pytest.mark.parametrize("peak", [(0.3, 0.3, 0.4), (0.2, 0.5, 0.3), (0.5, 0.2, 0.3)])
def test_the_maximum_of_a_smooth_surface_is_found(candidates: Networks, design: Design, peak: Shares) -> None:
    choice = choose(runs_of(design, hill(design, peak), 0.05, repeats=2), candidates)
    assert math.dist(choice.shares, peak) < 0.08
    assert choice.accuracy == pytest.approx(0.8, abs=0.001)
    assert choice.accuracy_interval[0] < 0.8 < choice.accuracy_interval[1]
    assert choice.method == "mixture quadratic and Gaussian process"
    assert (choice.runs, choice.networks) == (36, 18)
    assert choice.key == nearest(candidates, choice.shares).key


def test_noise_does_not_drive_the_choice_to_the_edges(candidates: Networks, design: Design) -> None:
    for seed in range(3):
        rows = runs_of(design, hill(design, (0.3, 0.3, 0.4), steep=8), 0.4, repeats=2, seed=seed)
        assert math.dist(choose(rows, candidates).shares, (0.3, 0.3, 0.4)) < 0.15


def test_the_tie_region_holds_the_networks_within_the_indifference(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.05, repeats=3)
    for indifference in (0.2, 1.0):
        choice = choose(rows, candidates, indifference)
        gap = 80 - hill(candidates, (0.3, 0.3, 0.4))
        region = {tied.key for tied in choice.tie_region}
        assert {c.key for c, g in zip(candidates, gap, strict=True) if g < 0.8 * indifference} <= region
        assert region <= {c.key for c, g in zip(candidates, gap, strict=True) if g < 1.2 * indifference + 0.1}
        assert choice.tie_fraction == len(region) / len(candidates)
        assert f"{choice.tie_fraction:.0%} cannot be told" in choice.verdict


def test_each_reference_has_a_probability_of_being_worse(candidates: Networks, design: Design) -> None:
    clear = choose(runs_of(design, hill(design, (0.6, 0.2, 0.2)), 0.05, repeats=2), candidates).probability_better_than
    assert list(clear) == ["paper", "fast", "equal", "depth", "width", "resolution"]
    assert all(p is not None and p > 0.95 for p in clear.values())
    unclear = choose(runs_of(design, flat(design), 0.4), candidates).probability_better_than
    assert all(p is None or 0.3 < p < 0.97 for p in unclear.values())


def test_no_probability_is_given_against_itself(candidates: Networks, design: Design) -> None:
    corner = extremes(candidates)["depth"]
    choice = choose(runs_of(design, 80 + 4 * share_matrix(design)[:, 0], 0.05, repeats=2), candidates)
    assert choice.key == corner.key
    assert choice.probability_better_than["depth"] is None
    assert choice.probability_better_than["width"] == 1.0


def test_a_lucky_network_does_not_win_against_its_neighbours(candidates: Networks, design: Design) -> None:
    truth = hill(design, (0.3, 0.3, 0.4), steep=8)
    rows = runs_of(design, truth, 0.1)
    corner = design[0]
    rows.append(run_of(corner, float(truth.max()) + 0.5, 99))
    assert choose(rows, candidates).key != corner.key
    assert max(rows, key=lambda r: r.accuracy or 0).key == corner.key


def test_the_optima_are_a_distribution_around_the_choice(candidates: Networks, design: Design) -> None:
    choice = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.3), candidates)
    odds = [o.probability for o in choice.optima]
    assert odds == sorted(odds, reverse=True)
    assert 0.5 < sum(odds) <= 1 + 1e-9
    likely = np.average([o.shares for o in choice.optima], axis=0, weights=odds)
    assert math.dist(likely, choice.shares) < 0.25


NO_PREFERENCE = re.compile(r"no preference: every network ties\b.*\babout (\d+) more runs\b")


@pytest.mark.parametrize("repeats", [1, 2, 4])
def test_flat_data_give_no_preference_and_a_number_of_further_runs(
    candidates: Networks, design: Design, repeats: int
) -> None:
    choice = choose(runs_of(design, flat(design), 0.4, repeats=repeats), candidates)
    assert choice.tie_fraction > 0.97
    assert NO_PREFERENCE.search(choice.verdict), choice.verdict


def test_the_stated_number_of_further_runs_is_enough(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, flat(design), 0.4, repeats=2, seed=1)
    choice = choose(rows, candidates)
    match = NO_PREFERENCE.search(choice.verdict)
    assert match, choice.verdict
    assert choice.seed_noise is not None
    assert choice.network_effect is not None
    more = 1 + int(match[1]) / len(rows)
    less = more - 1 + 1e-9
    with_less, with_more = (
        detectable_difference(
            share_matrix(design), np.full(len(design), 2.0 * k), choice.seed_noise, choice.network_effect
        )
        for k in (less, more)
    )
    assert with_more <= 0.5 < with_less


def test_a_flat_surface_under_little_noise_states_the_detectable_difference(
    candidates: Networks, design: Design
) -> None:
    verdict = choose(runs_of(design, flat(design), 0.06, repeats=6), candidates).verdict
    assert re.match(r"no preference: every network ties; differences of 0\.[1-5] points .* would have shown", verdict)


def test_networks_along_one_edge_ask_for_other_networks(candidates: Networks, design: Design) -> None:
    edge = [c for c in candidates if c.shares[2] == 0][:10]
    assert choose(runs_of(edge, flat(edge), 0.4), candidates).verdict.endswith("add networks")


@pytest.mark.parametrize("distinct", [1, MODEL_NEEDS - 1])
def test_under_eight_networks_the_best_mean_is_chosen(candidates: Networks, design: Design, distinct: int) -> None:
    few = design[:distinct]
    truth = np.linspace(70, 71, distinct)[::-1]
    rows = [*runs_of(few, truth, 0.01, repeats=3), run_of(few[-1], 60.0, 99)]
    choice = choose(rows, candidates)
    assert choice.method == "best mean"
    assert (choice.key, choice.shares) == (few[0].key, few[0].shares)
    assert f"only {distinct} networks" in choice.verdict
    assert "best observed mean" in choice.verdict
    assert {tied.key for tied in choice.tie_region} == {c.key for c in few}
    if distinct > 1:
        assert choice.accuracy == pytest.approx(0.71, abs=0.0002)
    assert choose(runs_of(design[:MODEL_NEEDS], flat(design[:MODEL_NEEDS]), 0.1), candidates).method != "best mean"


def test_the_best_mean_is_of_means_not_of_runs(candidates: Networks, design: Design) -> None:
    rows = [run_of(design[0], 90.0, 0), run_of(design[0], 60.0, 1), run_of(design[1], 80.0, 2)]
    assert choose(rows, candidates).key == design[1].key


def test_without_a_complete_run_there_is_no_choice(candidates: Networks, design: Design) -> None:
    unusable = [run_of(design[0], None, 0, state="failed"), run_of(design[0], 80, 1, role="base", shares=None)]
    for rows in ([], unusable):
        with pytest.raises(ScalingSearchError, match="nothing to choose from"):
            choose(rows, candidates)


def test_only_complete_runs_of_candidates_enter(candidates: Networks, design: Design) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2)
    intruders = [
        run_of(design[0], 99.0, 100, state="pruned"),
        run_of(design[0], 99.0, 101, state="failed"),
        run_of(design[0], 99.0, 102, state="running"),
        run_of(design[0], None, 103, state="waiting"),
        run_of(design[0], 99.0, 104, role="base", shares=None),
        run_of(design[0], 99.0, 105, role="base"),
    ]
    assert usable(intruders) == []
    assert choose(intruders[:3] + rows + intruders[3:], candidates) == choose(rows, candidates)


def test_an_iso_cost_set_of_one_network_can_be_chosen_from(design: Design) -> None:
    choice = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2), design[:1])
    assert (choice.key, choice.tie_fraction) == (design[0].key, 1.0)
    assert set(choice.probability_better_than.values()) == {None}
