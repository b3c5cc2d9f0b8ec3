"""The choice from a study's rows, on surfaces whose truth is known."""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scaling_search.analysis.observations import usable
from scaling_search.analysis.response_surface import ASSUMED_SIGMA, ASSUMED_TAU, PRIOR_SD, detectable_difference, terms
from scaling_search.analysis.selection import MODEL_NEEDS, Choice, choose
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import Candidate, extremes, nearest, share_matrix
from scaling_search.networks.coefficients import Shares
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import TrialRow
from scaling_search.spec.study_file import parse
from tests.support.factories import trial_row

Array = npt.NDArray[np.float64]

BASE = parse(
    "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}"
).base_architecture()


@pytest.fixture(scope="module")
def networks() -> tuple[Candidate, ...]:
    """408 networks that cover the triangle."""
    return iso_cost_set(BASE, divisor=2)


@pytest.fixture(scope="module")
def design(networks: tuple[Candidate, ...]) -> list[Candidate]:
    """Eighteen of them, spread over the triangle."""
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(18)[:18]:
        found = nearest(networks, point, skip=chosen)
        chosen[found.key] = found
    return list(chosen.values())


def row(number: int, c: Candidate, accuracy: float | None, **changes: Any) -> TrialRow:
    """A complete run of a candidate; ``accuracy`` in points."""
    fraction = None if accuracy is None else accuracy / 100
    return trial_row(c, **({"number": number, "accuracy": fraction} | changes))


def runs_of(
    design: Sequence[Candidate],
    truth: Array,
    sigma: float,
    tau: float = 0.0,
    repeats: int = 1,
    seed: int = 0,
) -> list[TrialRow]:
    """``repeats`` runs of each network; ``truth`` is each network's smooth accuracy in points."""
    noise = np.random.default_rng(seed)
    lasting = noise.normal(0, tau, len(design)) if tau else np.zeros(len(design))
    values = (truth + lasting) + noise.normal(0, sigma, (repeats, len(design)))
    return [row(n, design[n % len(design)], float(y)) for n, y in enumerate(values.ravel())]


def hill(candidates: Sequence[Candidate], peak: Shares, steep: float = 6.0) -> Array:
    """80 points at ``peak``, falling by ``steep`` times the squared distance."""
    away: Array = 80 - steep * ((share_matrix(candidates) - np.array(peak)) ** 2).sum(axis=1)
    return away


def flat(candidates: Sequence[Candidate]) -> Array:
    return np.full(len(candidates), 80.0)


# --- what is recommended


@pytest.mark.parametrize("peak", [(0.3, 0.3, 0.4), (0.2, 0.5, 0.3), (0.5, 0.2, 0.3)])
def test_the_top_of_a_smooth_hill_is_found(
    networks: tuple[Candidate, ...], design: list[Candidate], peak: Shares
) -> None:
    choice = choose(runs_of(design, hill(design, peak), 0.05, repeats=2), networks)
    assert math.dist(choice.shares, peak) < 0.08
    assert choice.accuracy == pytest.approx(0.8, abs=0.001)
    assert choice.accuracy_interval[0] < 0.8 < choice.accuracy_interval[1]
    assert choice.method == "mixture quadratic and Gaussian process"
    assert (choice.runs, choice.networks) == (36, 18)
    assert choice.key == nearest(networks, choice.shares).key


def test_noise_does_not_drive_the_choice_to_where_least_is_known(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    for seed in range(3):
        rows = runs_of(design, hill(design, (0.3, 0.3, 0.4), steep=8), 0.4, repeats=2, seed=seed)
        assert math.dist(choose(rows, networks).shares, (0.3, 0.3, 0.4)) < 0.15


def test_the_tie_region_is_what_is_within_the_indifference(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.05, repeats=3)
    for indifference in (0.2, 1.0):
        choice = choose(rows, networks, indifference)
        behind = 80 - hill(networks, (0.3, 0.3, 0.4))
        region = {found["key"] for found in choice.tie_region}
        assert {c.key for c, b in zip(networks, behind, strict=True) if b < 0.8 * indifference} <= region
        assert region <= {c.key for c, b in zip(networks, behind, strict=True) if b < 1.2 * indifference + 0.1}
        assert choice.tie_fraction == len(region) / len(networks)
        assert f"{choice.tie_fraction:.0%} cannot be told" in choice.verdict


def test_it_says_how_likely_it_is_better_than_each_reference(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    clear = choose(runs_of(design, hill(design, (0.6, 0.2, 0.2)), 0.05, repeats=2), networks).probability_better_than
    assert list(clear) == ["paper", "fast", "equal", "depth", "width", "resolution"]
    assert all(p is not None and p > 0.95 for p in clear.values())
    unclear = choose(runs_of(design, flat(design), 0.4), networks).probability_better_than
    assert all(p is None or 0.3 < p < 0.97 for p in unclear.values())


def test_no_probability_is_given_against_itself(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    corner = extremes(networks)["depth"]
    choice = choose(runs_of(design, 80 + 4 * share_matrix(design)[:, 0], 0.05, repeats=2), networks)
    assert choice.key == corner.key
    assert choice.probability_better_than["depth"] is None
    assert choice.probability_better_than["width"] == 1.0


def test_a_lucky_network_does_not_win_against_its_neighbours(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    truth = hill(design, (0.3, 0.3, 0.4), steep=8)
    rows = runs_of(design, truth, 0.1)
    corner = design[0]
    rows.append(row(99, corner, float(truth.max()) + 0.5))
    assert choose(rows, networks).key != corner.key
    assert max(rows, key=lambda r: r.accuracy or 0).key == corner.key


# --- what it says when it cannot tell


NO_PREFERENCE = re.compile(r"no preference: every network ties\b.*\babout (\d+) more runs\b")


@pytest.mark.parametrize("repeats", [1, 2, 4])
def test_flat_data_give_no_preference_and_a_number_of_further_runs(
    networks: tuple[Candidate, ...], design: list[Candidate], repeats: int
) -> None:
    choice = choose(runs_of(design, flat(design), 0.4, repeats=repeats), networks)
    assert choice.tie_fraction > 0.97
    assert NO_PREFERENCE.search(choice.verdict), choice.verdict


def test_so_many_further_runs_are_enough(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, flat(design), 0.4, repeats=2, seed=1)
    choice = choose(rows, networks)
    said = NO_PREFERENCE.search(choice.verdict)
    assert said, choice.verdict
    assert choice.seed_noise is not None
    assert choice.network_effect is not None
    more = 1 + int(said[1]) / len(rows)
    less = more - 1 + 1e-9
    before, then = (
        detectable_difference(
            share_matrix(design), np.full(len(design), 2.0 * k), choice.seed_noise, choice.network_effect
        )
        for k in (less, more)
    )
    assert then <= 0.5 < before


def test_flat_data_that_would_have_shown_half_a_point_say_so(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    verdict = choose(runs_of(design, flat(design), 0.06, repeats=6), networks).verdict
    assert re.match(r"no preference: every network ties; differences of 0\.[1-5] points .* would have shown", verdict)


def test_where_more_runs_cannot_help_more_networks_are_asked_for(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    edge = [c for c in networks if c.shares[2] == 0][:10]
    assert choose(runs_of(edge, flat(edge), 0.4), networks).verdict.endswith("add networks")


@pytest.mark.parametrize("distinct", [1, MODEL_NEEDS - 1])
def test_under_eight_networks_the_best_mean_is_taken_and_said(
    networks: tuple[Candidate, ...], design: list[Candidate], distinct: int
) -> None:
    few = design[:distinct]
    truth = np.linspace(70, 71, distinct)[::-1]
    rows = [*runs_of(few, truth, 0.01, repeats=3), row(99, few[-1], 60.0)]
    choice = choose(rows, networks)
    assert choice.method == "best mean"
    assert (choice.key, choice.shares) == (few[0].key, few[0].shares)
    assert f"only {distinct} networks" in choice.verdict
    assert "best observed mean" in choice.verdict
    assert {found["key"] for found in choice.tie_region} == {c.key for c in few}
    if distinct > 1:
        assert choice.accuracy == pytest.approx(0.71, abs=0.0002)
    assert choose(runs_of(design[:MODEL_NEEDS], flat(design[:MODEL_NEEDS]), 0.1), networks).method != "best mean"


def test_the_best_mean_is_of_means_not_of_runs(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = [row(0, design[0], 90.0), row(1, design[0], 60.0), row(2, design[1], 80.0)]
    assert choose(rows, networks).key == design[1].key


def test_without_a_complete_run_there_is_no_choice(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    unusable = [row(0, design[0], None, state="failed"), row(1, design[0], 80, role="base", shares=None)]
    for rows in ([], unusable):
        with pytest.raises(ScalingSearchError, match="nothing to choose from"):
            choose(rows, networks)


# --- what it must not depend on


def test_only_complete_runs_of_candidates_enter(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2)
    intruders = [
        row(100, design[0], 99.0, state="pruned"),
        row(101, design[0], 99.0, state="failed"),
        row(102, design[0], 99.0, state="running"),
        row(103, design[0], None, state="waiting"),
        row(104, design[0], 99.0, role="base", shares=None),
        row(105, design[0], 99.0, role="base"),
    ]
    assert usable(intruders) == []
    assert choose(intruders[:3] + rows + intruders[3:], networks) == choose(rows, networks)


def near(a: Choice, b: Choice) -> bool:
    """Equal up to what the last digits of the arithmetic do to random draws."""
    odds = [(p, b.probability_better_than[k]) for k, p in a.probability_better_than.items()]
    return (
        a.key == b.key
        and abs(a.tie_fraction - b.tie_fraction) < 0.02
        and all(p == q or (p is not None and q is not None and abs(p - q) < 0.03) for p, q in odds)
        and a.seed_noise == pytest.approx(b.seed_noise)
        and a.network_effect == pytest.approx(b.network_effect)
        and a.expected_regret == pytest.approx(b.expected_regret, abs=0.01)
    )


def test_the_order_of_rows_changes_nothing(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3, tau=0.1, repeats=2)
    choice = choose(rows, networks)
    for seed in range(3):
        shuffled = random.Random(seed).sample(rows, len(rows))
        again = choose(shuffled, networks)
        assert near(choice, again)
        assert again.accuracy == pytest.approx(choice.accuracy, abs=1e-4)


def test_a_constant_on_every_accuracy_changes_only_the_level(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3, tau=0.1, repeats=2)
    lower = [replace(r, accuracy=(r.accuracy or 0) - 0.6) for r in rows]
    choice, moved = choose(rows, networks), choose(lower, networks)
    assert near(choice, moved)
    assert moved.accuracy == pytest.approx(choice.accuracy - 0.6, abs=1e-4)


def test_the_same_rows_give_the_same_choice(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, hill(design, (0.2, 0.5, 0.3)), 0.3)
    assert choose(rows, networks) == choose(rows, networks)


def degenerate(networks: Sequence[Candidate], design: Sequence[Candidate]) -> dict[str, list[TrialRow]]:
    edge = [c for c in networks if c.shares[2] == 0][:10]
    return {
        "one run": [row(0, design[0], 80.0)],
        "one network": [row(n, design[0], 80.0 + n) for n in range(12)],
        "one network, equal runs": [row(n, design[0], 80.0) for n in range(12)],
        "along an edge": runs_of(edge, flat(edge), 0.3),
        "along an edge, no noise": runs_of(edge, flat(edge), 0.0),
        "all the same shares": [row(n, replace(design[0]), 80.0 + n, key=f"k{n}") for n in range(10)],
        "all equal": runs_of(design, flat(design), 0.0, repeats=2),
        "all zero": runs_of(design, flat(design) * 0, 0.0),
        "all one": runs_of(design, flat(design) * 1.25, 0.0),
        "one seed": runs_of(design, flat(design), 0.5),
        "far apart": runs_of(design, np.linspace(0, 100, len(design)), 0.0),
        "eight networks": runs_of(design[:8], flat(design[:8]), 0.3),
    }


def test_degenerate_designs_give_finite_numbers(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    for name, rows in degenerate(networks, design).items():
        choice = choose(rows, networks)
        assert json.dumps(choice.to_dict(), allow_nan=False), name
        assert choice.accuracy_interval[0] <= choice.accuracy <= choice.accuracy_interval[1], name
        assert choice.verdict, name


def test_an_iso_cost_set_of_one_network_can_be_chosen_from(design: list[Candidate]) -> None:
    choice = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2), design[:1])
    assert (choice.key, choice.tie_fraction) == (design[0].key, 1.0)
    assert set(choice.probability_better_than.values()) == {None}


# --- noise, and what can be told apart


@pytest.mark.parametrize("sigma", [0.15, 0.4, 1.0])
def test_seed_noise_is_recovered_from_replicates(
    networks: tuple[Candidate, ...], design: list[Candidate], sigma: float
) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), sigma, tau=0.2, repeats=6, seed=7)
    found = choose(rows, networks).seed_noise
    assert found is not None
    assert sigma / 1.5 < found < sigma * 1.5


def test_a_network_effect_is_not_taken_for_seed_noise(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    def effect(tau: float) -> tuple[float, float]:
        choice = choose(runs_of(design, flat(design), 0.1, tau=tau, repeats=6, seed=2), networks)
        assert choice.seed_noise is not None
        assert choice.network_effect is not None
        return choice.seed_noise, choice.network_effect

    (noise, with_it), (quiet, without) = effect(0.6), effect(0.0)
    assert with_it > 0.35
    assert without < 0.15
    assert noise == pytest.approx(quiet, rel=0.2)


def test_more_replicates_and_more_networks_can_tell_more_apart(design: list[Candidate]) -> None:
    shares = share_matrix(design)
    by_repeats = [detectable_difference(shares, np.full(len(design), float(k))) for k in (1, 2, 4, 8)]
    assert by_repeats == sorted(by_repeats, reverse=True)
    assert by_repeats[0] > 1.2 * by_repeats[-1]
    assert detectable_difference(shares[:9], np.ones(9)) > detectable_difference(shares, np.ones(18))
    quiet, loud = (detectable_difference(shares, np.ones(len(design)), sigma) for sigma in (0.2, 0.8))
    assert quiet < loud


def test_the_detectable_difference_is_found_four_times_in_five(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    """Its definition, by simulation of the least squares that it stands for: 80 % power at a two-sided 5 % level."""
    x, counts = terms(share_matrix(design)), np.full(len(design), 2.0)
    noise = math.sqrt(ASSUMED_TAU**2 + ASSUMED_SIGMA**2 / 2)
    each = noise * np.sqrt(np.diag(np.linalg.inv(x.T @ x)))[:3]
    pairs = math.sqrt(2) * float(each.mean())  # the corners' covariances are small
    stated = detectable_difference(share_matrix(design), counts)
    assert stated == pytest.approx(2.8 * pairs, rel=0.25)
    assert stated < 2.8 * pairs * 1.05  # the prior can only help


def test_on_surfaces_like_the_priors_the_optimum_is_the_choice_or_ties_with_it(
    networks: tuple[Candidate, ...], design: list[Candidate]
) -> None:
    networks = networks[::4]  # for speed
    found, told_apart = Counter[str](), []
    for seed in range(60):
        theta = np.random.default_rng(1000 + seed).normal(0, PRIOR_SD)
        smooth = 80 + terms(share_matrix(networks)) @ theta
        truth = 80 + terms(share_matrix(design)) @ theta
        rows = runs_of(design, truth, ASSUMED_SIGMA, ASSUMED_TAU, seed=seed)
        rows += [
            replace(r, number=18 + r.number) for r in runs_of(design[:6], truth[:6], ASSUMED_SIGMA, seed=99 + seed)
        ]
        choice = choose(rows, networks)
        value = dict(zip((c.key for c in networks), smooth.tolist(), strict=True))
        best = max(value, key=lambda key: value[key])
        close = value[best] - value[choice.key] <= 0.2
        tied = best in {t["key"] for t in choice.tie_region}
        found.update(close=close, tied=tied, either=close or tied)
        told_apart.append(1 - choice.tie_fraction)
    assert found["either"] >= 51, found
    assert found["close"] >= 40, found
    assert np.mean(told_apart) > 0.5  # not by calling everything a tie


# --- what could be wrong with it


def longer(rows: Sequence[TrialRow], bonus: Any, first: int = 500) -> list[TrialRow]:
    """The same networks in runs five times as long; ``bonus`` says what each gains, points."""
    return [
        replace(r, number=first + i, planned=15, accuracy=(r.accuracy or 0) + (2 + bonus(r.shares)) / 100)
        for i, r in enumerate(rows)
    ]


def test_short_runs_that_mislead_are_found_out(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, hill(design, (0.1, 0.6, 0.3)), 0.1, repeats=2)
    alone = choose(rows, networks)
    assert math.dist(alone.shares, (0.1, 0.6, 0.3)) < 0.15
    assert any("every run was short" in words for words in alone.warnings)
    spread = runs_of(design[:10], hill(design[:10], (0.1, 0.6, 0.3)), 0.1, seed=5)
    both = choose(rows + longer(spread, lambda s: 6 * s[0]), networks)
    assert both.shares[0] > alone.shares[0] + 0.2
    assert both.movement is not None
    assert not both.movement["within_ties"]
    assert math.dist(both.movement["short"], alone.shares) < 0.1
    assert any("short runs mislead" in words for words in both.warnings)
    assert both.accuracy > alone.accuracy + 0.01  # it is read at the longer runs


def test_long_runs_that_agree_warn_of_nothing(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    rows = runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.1, repeats=2, seed=1)
    spread = runs_of(design[:8], hill(design[:8], (0.3, 0.3, 0.4)), 0.1, seed=6)
    choice = choose(rows + longer(spread, lambda s: 0.0), networks)
    assert choice.movement is not None
    assert choice.movement["within_ties"]
    assert choice.warnings == []


def test_a_surface_with_two_tops_is_said_to_have_them(networks: tuple[Candidate, ...]) -> None:
    every = networks[::9]
    where = share_matrix(every)

    def top(peak: Shares) -> Array:
        return np.asarray(2 * np.exp(-((where - np.array(peak)) ** 2).sum(axis=1) / (2 * 0.2**2)))

    choice = choose(runs_of(every, 80 + top((0.75, 0.15, 0.1)) + 0.8 * top((0.1, 0.7, 0.2)), 0.1), networks)
    assert choice.cross_check is not None
    assert choice.cross_check["two_tops"]
    assert choice.cross_check["disagrees"]
    assert any("two tops" in words for words in choice.warnings)
    assert any("cross-check disagrees" in words for words in choice.warnings)
    assert math.dist(choice.shares, (0.75, 0.15, 0.1)) < 0.15
    higher, lower = choice.cross_check["tops"]["shares"]
    assert math.dist(higher, (0.75, 0.15, 0.1)) < 0.15
    assert math.dist(lower, (0.1, 0.7, 0.2)) < 0.15


def test_lack_of_fit_is_judged_by_replicate_noise(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    smooth = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2, repeats=4), networks).lack_of_fit
    rough = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.2, tau=0.6, repeats=4), networks).lack_of_fit
    assert smooth is not None
    assert rough is not None
    assert smooth["freedom"] == (len(design) - 6, 3 * len(design))
    assert smooth["p_value"] > 0.01 > rough["p_value"]
    assert choose(runs_of(design, flat(design), 0.3), networks).lack_of_fit is None  # nothing to judge by


def test_the_networks_that_may_be_best_add_up(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    choice = choose(runs_of(design, hill(design, (0.3, 0.3, 0.4)), 0.3), networks)
    odds = [o["probability"] for o in choice.optima]
    assert odds == sorted(odds, reverse=True)
    assert 0.5 < sum(odds) <= 1 + 1e-9
    likely = np.average([o["shares"] for o in choice.optima], axis=0, weights=odds)
    assert math.dist(likely, choice.shares) < 0.25


def test_the_names_of_networks_change_nothing(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    """Relabelling the axes relabels the choice: with depth and width exchanged everywhere, so are the chosen shares."""

    def swapped(c: Candidate) -> Candidate:
        return replace(c, shares=(c.shares[1], c.shares[0], c.shares[2]))

    rows = runs_of(design, hill(design, (0.6, 0.1, 0.3)), 0.2, repeats=2)
    other = [replace(r, shares=(r.shares[1], r.shares[0], r.shares[2])) for r in rows if r.shares]
    choice, mirrored = choose(rows, networks), choose(other, [swapped(c) for c in networks])
    assert mirrored.key == choice.key
    assert mirrored.tie_fraction == pytest.approx(choice.tie_fraction, abs=0.03)


def test_more_evidence_narrows_the_region_on_average(networks: tuple[Candidate, ...], design: list[Candidate]) -> None:
    few = networks[::4]
    truth = hill(design, (0.3, 0.3, 0.4), steep=3)
    mean = [
        np.mean([choose(runs_of(design, truth, 0.4, 0.15, repeats=n, seed=s), few).tie_fraction for s in range(8)])
        for n in (1, 3, 9)
    ]
    assert mean == sorted(mean, reverse=True)
    assert mean[0] > mean[-1] + 0.1
