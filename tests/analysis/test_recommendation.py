"""A recommendation: the choice, its coefficients on the export base, their intervals, and the family."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from scaling_search.analysis.recommendation import recommend
from scaling_search.analysis.selection import choose
from scaling_search.errors import ScalingSearchError
from scaling_search.networks.candidates import Candidate, extremes, nearest
from scaling_search.networks.coefficients import Triple
from scaling_search.networks.family import triple_for
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import TrialRow
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from tests.support.simulated_runs import SPEC, hill, runs_of

AXES = ("alpha", "beta", "gamma")


def spec_of(more: str = "") -> StudySpec:
    return parse(SPEC.replace("{divisor: 2}", f"{{divisor: 2{more}}}") + "family: {phi: [0.5, 1, 4]}\n")


def rows_of(candidates: Sequence[Candidate], networks: int = 12) -> list[TrialRow]:
    """Two runs of each of some networks; accuracy peaks at shares (0.5, 0.2, 0.3)."""
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(networks)[:networks]:
        network = nearest(candidates, point, skip=chosen)
        chosen[network.key] = network
    design = list(chosen.values())
    return runs_of(design, hill(design, (0.5, 0.2, 0.3)), 0.1, repeats=2)


def test_a_recommendation_is_the_choice_with_coefficients_and_family() -> None:
    spec = spec_of()
    candidates = search_space(spec)
    rows = rows_of(candidates)
    values, models = recommend(rows, spec)
    choice = choose(rows, candidates, spec.search.indifference, spec.search.seed).to_dict()
    assert {k: v for k, v in values.items() if k in choice} == choice
    triple = Triple(*(values[axis] for axis in AXES))
    assert triple == triple_for(values["shares"], spec.export_architecture(), spec.family.rounding, spec.family.divisor)
    assert values["product"] == triple.product
    assert values["network"] == candidates.by_key[values["key"]].architecture.to_dict()
    assert values["family"]["models"] == models
    assert [m["phi"] for m in models] == [0, 0.5, 1, 4]
    assert {"held", "macs_shares"}.isdisjoint(values)
    assert json.dumps(values, allow_nan=False)


def test_intervals_hold_the_coefficients_and_are_ordered() -> None:
    spec = spec_of()
    values, _ = recommend(rows_of(search_space(spec)), spec)
    assert list(values["intervals"]) == list(AXES)
    for axis, (low, high) in values["intervals"].items():
        assert low <= high
        assert low - 0.02 <= values[axis] <= high + 0.02


def test_too_few_networks_give_coefficients_without_intervals() -> None:
    spec = spec_of()
    values, models = recommend(rows_of(search_space(spec), networks=3), spec)
    assert values["method"] == "best mean"
    assert values["intervals"] is None
    assert [m["name"] for m in models] == [m["name"] for m in values["family"]["models"]]


def test_another_cost_is_named_and_its_coefficients_come_from_macs() -> None:
    spec = spec_of(", cost: activations")
    candidates = search_space(spec)
    values, _ = recommend(rows_of(candidates), spec)
    network = candidates.by_key[values["key"]]
    assert network.macs_shares is not None
    assert values["held"] == "activations"
    assert values["macs_shares"] == list(network.macs_shares)
    assert not np.allclose(values["macs_shares"], values["shares"], atol=0.01)
    export = spec.export_architecture()
    triple = triple_for(network.macs_shares, export, spec.family.rounding, spec.family.divisor)
    assert [values[axis] for axis in AXES] == list(triple)


def test_a_family_member_that_cannot_be_built_is_left_out_and_named() -> None:
    spec = parse(SPEC + "family: {base: efficientnet_v2_s, resolution: 384, phi: [0.5, 1, -1]}\n")
    candidates = search_space(spec)
    rows = runs_of([extremes(candidates)["resolution"]], np.array([80.0]), 0.1)
    values, models = recommend(rows, spec)
    (note,) = values["family"]["notes"]
    assert note.startswith("the family has no network at φ = 1: ")
    assert [m["phi"] for m in models] == [0, 0.5, -1]
    assert values["warnings"] == [*choose(rows, candidates).warnings, note]


def test_without_a_complete_run_nothing_is_recommended() -> None:
    with pytest.raises(ScalingSearchError, match="nothing to choose from"):
        recommend([], spec_of())
