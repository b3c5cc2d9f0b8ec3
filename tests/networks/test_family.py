"""Families: the released numbers to the digit, real cost at 2^φ, and α, β, γ of given shares."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scaling_search.analysis.recommendation import recommend
from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture, Rounding, round_channels, scale
from scaling_search.networks.bases import EFFICIENTNET_B0, base_network
from scaling_search.networks.candidates import extremes
from scaling_search.networks.coefficients import PAPER, PUBLISHED_PHI, Shares, Triple, nominal_shares, triple_of
from scaling_search.networks.cost import cost
from scaling_search.networks.family import family, released, triple_for
from scaling_search.networks.phi_solver import solve
from scaling_search.networks.released import RELEASED, dropout_at
from scaling_search.records import Proposal, TrialRow
from scaling_search.search.live_recommendation import RecommendationUpdater
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database

WHOLE = tuple(float(n) for n in range(1, 8))
AXES = (Triple(2.0, 1.0, 1.0), Triple(1.0, math.sqrt(2), 1.0), Triple(1.0, 1.0, math.sqrt(2)))
SMALL = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}").base_architecture()
CORNERS: tuple[Shares, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def _shares(u: float, v: float) -> Shares:
    a = 1 - math.sqrt(1 - u)
    return a, (1 - a) * v, (1 - a) * (1 - v)


UNIFORM = st.floats(0, 1)
SHARES = st.builds(_shares, UNIFORM, UNIFORM)
TRIPLES = st.builds(triple_of, SHARES, st.floats(0.8, 1.2))


def _misses(triple: Triple, base: Architecture = EFFICIENTNET_B0, phi: Sequence[float] = WHOLE) -> dict[float, float]:
    """φ → relative error of the real ratio, where it is more than 1 %."""
    models = family(triple, base, phi).models[1:]
    errors = {float(m.phi or 0): abs(m.macs_ratio / m.target_ratio - 1) for m in models}
    return {phi: error for phi, error in errors.items() if error > 0.01}


def test_the_released_models_to_the_digit(published: dict[str, Any]) -> None:
    made = {m["name"]: m for m in released().to_dict()["models"]}[published["name"]]
    same = ("params", "macs", "repeats", "depth", "width", "resolution", "dropout")
    assert {k: made[k] for k in same} == {k: published[k] for k in same}
    assert made["phi"] is None
    assert made["macs_ratio"] == published["macs"] / released().models[0].macs
    assert made["target_ratio"] == 2 ** made["phi_fitted"]


def test_the_released_models_are_no_powers_of_one_triple() -> None:
    made = released().to_dict()
    assert (made["base"], made["rounding"]) == ("efficientnet_b0", "official")
    assert (made["alpha"], made["beta"], made["gamma"]) == (1.2, 1.1, 1.15)
    assert [round(m["phi_fitted"], 2) for m in made["models"]] == [0, 0.44, 1.02, 1.93, 3.45, 4.65, 5.66, 6.63]


@pytest.mark.parametrize("triple", [PAPER, *AXES], ids=["paper", "depth", "width", "resolution"])
def test_nearest_costs_2_to_the_phi(triple: Triple) -> None:
    assert _misses(triple) == {}


@given(TRIPLES)
@example(Triple(1.7065620902561032, 1.0003922471426863, 1.1158907369118531))  # px crosses 480, width cannot shrink
@example(Triple(1.531806244003459, 1.0024871220574363, 1.0768928446930164))
@example(Triple(1.1203572530707628, 1.0, 1.5692815846321426))
@settings(max_examples=20)
def test_nearest_costs_2_to_the_phi_for_any_triple(triple: Triple) -> None:
    assert _misses(triple) == {}


@pytest.mark.parametrize(
    ("base", "triple", "phi"),
    [
        ("efficientnet_v2_s", Triple(1.001, 1, 1.41), PUBLISHED_PHI),  # 480 px, then depth alone, 4,000 steps further
        ("efficientnet_v2_s", Triple(1, 1 + 1e-15, 1.41), (0.3, 1, 7)),  # further than γ^step can be written
        ("efficientnet_v2_s", Triple(1, 1, 1.41), (0.3, 0.65)),  # a little under the cap, and at it
        ("efficientnet_b0", Triple(1, 1.001, 1.41), (10,)),
        ("efficientnet_b0", Triple(1, 1, 1.41), (10,)),  # about 7,000 px
        ("efficientnet_b0", Triple(1 + 1e-9, 1, 1), (1,)),
        ("efficientnet_b0", Triple(1, 1, 1 + 1e-9), (-2, 3)),
    ],
)
def test_triples_of_almost_one_axis_are_solved(base: str, triple: Triple, phi: tuple[float, ...]) -> None:
    assert _misses(triple, base_network(base), phi) == {}


@pytest.mark.parametrize(
    ("base", "phi", "words"),
    [
        (
            base_network("efficientnet_v2_s"),
            0.66,
            "φ = 0.66 needs 481 px where nothing else grows",
        ),  # 480 px give 2^0.65
        (
            base_network("efficientnet_v2_s"),
            12,
            r"φ = 12 needs 24\d\d\d px where nothing else grows, .*_v2_s stops at 480 px",
        ),
        (base_network("efficientnet_v2_s").resized(480), 1, r"φ = 1 needs 67\d px"),
        (EFFICIENTNET_B0.resized(400_000), 4, r"φ = 4 needs 16\d{5} px .* stops at 1000000 px"),
    ],
)
def test_px_that_pass_the_largest_are_refused_with_both(base: Architecture, phi: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        family(Triple(1, 1, 1.41), base, (phi,))


def test_nearest_costs_2_to_the_phi_for_a_small_base() -> None:
    assert _misses(PAPER, SMALL) == {}


@given(TRIPLES, st.sampled_from(WHOLE))
@settings(max_examples=10)
def test_a_model_is_the_base_scaled_by_what_it_states(triple: Triple, phi: float) -> None:
    made = family(triple, phi=(phi,)).models[1]
    again = scale(EFFICIENTNET_B0, made.depth, made.width, made.resolution, "nearest")
    assert (made.repeats, made.channels) == (list(again.blocks), list(again.channels))
    assert (made.macs, made.params) == (cost(again).macs, cost(again).params)
    assert made.resolution >= EFFICIENTNET_B0.resolution
    assert all(n >= m for n, m in zip(made.channels, EFFICIENTNET_B0.channels, strict=True))


@pytest.mark.parametrize("triple", [PAPER, triple_of((0.6, 0.2, 0.2)), triple_of((0.2, 0.6, 0.2))])
def test_solved_models_stay_near_the_line_of_the_triple(triple: Triple) -> None:
    line, away = nominal_shares(triple), []
    for m in family(triple, phi=WHOLE).models[1:]:
        spent = (math.log2(m.depth), 2 * math.log2(m.width), 2 * math.log2(m.resolution / 224))
        t = sum(s * x for s, x in zip(line, spent, strict=True)) / sum(s * s for s in line)
        away.append(math.dist(spent, [t * s for s in line]))  # doublings
    assert max(away) < 0.1
    assert sum(away) / len(away) < 0.04


def test_official_is_the_released_rule() -> None:
    for m, phi in zip(family(PAPER, rounding="official").models[1:], PUBLISHED_PHI, strict=True):
        assert (m.depth, m.width) == (1.2**phi, 1.1**phi)
        assert m.resolution == round(224 * 1.15**phi)
        assert m.repeats == [math.ceil(n * m.depth) for n in EFFICIENTNET_B0.blocks]
        assert m.channels == [round_channels(c, m.width, "official") for c in EFFICIENTNET_B0.channels]
        assert m.target_ratio == 2**phi


def test_b0_is_the_base() -> None:
    b0 = family(PAPER, SMALL, (1.0,)).models[0]
    assert (b0.name, b0.phi, b0.depth, b0.width, b0.macs_ratio, b0.target_ratio) == ("b0", 0, 1, 1, 1, 1)
    assert (b0.repeats, b0.channels, b0.resolution) == (list(SMALL.blocks), list(SMALL.channels), 18)


def test_the_json_form() -> None:
    made = family(PAPER, phi=(1.0,)).to_dict()
    assert list(made) == ["base", "rounding", "alpha", "beta", "gamma", "models"]
    keys = ["name", "phi", "depth", "width", "resolution", "dropout", "repeats", "channels", "params", "macs"]
    assert list(made["models"][1]) == [*keys, "macs_ratio", "target_ratio"]
    assert json.loads(json.dumps(made, allow_nan=False)) == made


@pytest.mark.parametrize("rounding", ["nearest", "official"])
@given(shares=SHARES)
@example(CORNERS[0])
@example(CORNERS[1])
@example(CORNERS[2])
@settings(max_examples=15)
def test_the_triple_of_shares_doubles_real_cost(rounding: Rounding, shares: Shares) -> None:
    triple = triple_for(shares, EFFICIENTNET_B0, rounding)
    t = math.log2(triple.product)

    def macs(step: float) -> int:
        depth, width, growth = triple_of(shares, step)
        return cost(scale(EFFICIENTNET_B0, depth, width, round(224 * growth), rounding)).macs

    assert min(triple) >= 1
    assert nominal_shares(triple) == pytest.approx(shares, abs=1e-9)
    assert macs(t * (1 - 1e-9)) < 2 * cost(EFFICIENTNET_B0).macs <= macs(t * (1 + 1e-9))


def test_a_finer_divisor_brings_the_product_of_the_triple_near_2() -> None:
    for shares in (*CORNERS[:2], (0.3, 0.3, 0.4)):
        assert triple_for(shares, EFFICIENTNET_B0, divisor=1).product == pytest.approx(2, rel=0.06)


@pytest.mark.parametrize("rounding", ["nearest", "official"])
@pytest.mark.parametrize(
    ("triple", "name"),
    [
        (Triple(0.99, 1.1, 1.1), "alpha is 0.99"),
        (Triple(1.1, 0.5, 1.1), "beta is 0.5"),
        (Triple(1.1, 1.1, 4.01), "gamma is 4.01"),
        (Triple(math.nan, 1.1, 1.1), "alpha is nan"),
        (Triple(1.1, math.inf, 1.1), "beta is inf"),
        (Triple(-1.2, 1.1, 1.15), "alpha is -1.2"),
    ],
)
def test_a_triple_out_of_range_is_named(triple: Triple, name: str, rounding: Rounding) -> None:
    with pytest.raises(InputError, match=f"{name}; it must be from 1 to 4"):
        family(triple, rounding=rounding)


def test_a_triple_that_grows_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="nothing grows"):
        family(Triple(1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="nothing grows"):
        solve(EFFICIENTNET_B0, Triple(1.0, 1.0, 1.0), 1.0, 8)


def test_dropout_is_the_released_one_at_the_published_phi_and_between_its_neighbours() -> None:
    assert [dropout_at(phi) for phi in (0.0, *PUBLISHED_PHI)] == [r[3] for r in RELEASED]
    assert (dropout_at(0.75), dropout_at(12)) == (0.25, 0.5)
    assert [m.dropout for m in family(PAPER, rounding="official").models] == [r[3] for r in RELEASED]


CAPPED = """
name: capped
base: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}
budget: {divisor: 2}
family: {base: efficientnet_v2_s, resolution: 384, phi: [0.5, 1, 2, -1]}
"""


def _best_by_resolution(spec: StudySpec) -> list[Proposal]:
    """One trial of each extreme network; that of resolution is the last."""
    ends = extremes(search_space(spec))
    return [
        Proposal(n, 0, "candidate", n, ends[axis].triple, ends[axis])
        for n, axis in enumerate(("depth", "width", "resolution"))
    ]


def _complete(rows: Sequence[TrialRow]) -> list[TrialRow]:
    return [replace(r, state="complete", accuracy=0.5 + r.number / 10) for r in rows]


def test_a_choice_is_kept_where_its_family_cannot_be_built(tmp_path: Path) -> None:
    spec, store = parse(CAPPED), Store(open_database(str(tmp_path / "s.db"), create=True))
    get_or_create_study(store, spec)
    claim = store.claim("capped", "me", 60)
    assert claim is not None
    store.add_trials(claim, _best_by_resolution(spec))
    rows = _complete(store.trials("capped"))
    RecommendationUpdater(spec, store, claim).update(rows)
    kept = store.choice("capped")
    store.close()
    assert kept is not None
    assert (kept["alpha"], kept["beta"], kept["key"]) == (1, 1, rows[-1].key)
    assert [(m["name"], m["phi"]) for m in kept["family"]["models"]] == [("b0", 0), ("b1", 0.5), ("b-4", -1)]
    (words,) = kept["warnings"]
    assert words.startswith("the family has no network at φ = 1, 2: φ = 1 needs ")
    assert words.endswith("px where nothing else grows, and efficientnet_v2_s stops at 480 px")
    assert kept["family"]["notes"] == [words]
    assert kept == recommend(rows, spec).to_dict()


def test_coefficients_out_of_range_leave_the_base_and_a_note() -> None:
    made = family(Triple(5, 1, 1), phi=(1, 2), lenient=True)
    assert [m.name for m in made.models] == ["b0"]
    assert made.notes == ("the family has no network at φ = 1, 2: alpha is 5; it must be from 1 to 4",)
