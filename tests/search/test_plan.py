"""A plan in its JSON form, for every shipped study."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from scaling_search.cli.display import plan_text
from scaling_search.search.plan import plan
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import load, parse

STUDIES = sorted((Path(__file__).parents[2] / "studies").glob("*.yaml"))
KEYS = {"study", "base", "target", "tolerance", "iso_cost_networks", "candidates", "runs", "training_macs"}
KEYS |= {"estimated_seconds", "detectable_difference"}
CANDIDATE = ["key", "alpha", "beta", "gamma", "shares", "repeats", "channels", "resolution", "macs", "macs_ratio"]
CANDIDATE += ["params", "activations"]


def planned(spec: StudySpec, slots: int = 2) -> dict[str, Any]:
    return plan(spec, search_space(spec), slots)


def small(resolution: int = 18, **search: int) -> StudySpec:
    """A quick plan."""
    fields = ", ".join(f"{name}: {value}" for name, value in {"trials": 12, "replicates": 2, **search}.items())
    return parse(
        f"name: small\nbase: {{width: 0.25, resolution: {resolution}, strides: [1,1,1,2,2,1,2,1]}}\n"
        f"budget: {{divisor: 2}}\nsearch: {{{fields}}}\n"
    )


@pytest.mark.parametrize("file", STUDIES, ids=lambda f: f.stem)
def test_every_shipped_study_plans_what_it_promises(file: Path) -> None:
    spec = load(file)
    planned_study = json.loads(json.dumps(planned(spec), allow_nan=False))
    assert set(planned_study) >= KEYS
    assert set(planned_study["base"]) == {"macs", "params"}
    assert (planned_study["study"], planned_study["target"], planned_study["tolerance"]) == (spec.name, 2.0, 0.02)
    assert planned_study["runs"] == spec.search.trials + spec.search.base_runs + (
        spec.search.stages.confirm if spec.search.stages else 0
    )
    candidates = planned_study["candidates"]
    assert planned_study["iso_cost_networks"] == len(candidates) >= 10
    assert len({c["key"] for c in candidates}) == len(candidates)
    assert len({json.dumps([c["repeats"], c["channels"], c["resolution"]]) for c in candidates}) == len(candidates)
    for c in candidates:
        assert list(c) == CANDIDATE
        assert c["macs_ratio"] == c["macs"] / planned_study["base"]["macs"]
        assert sum(c["shares"]) == pytest.approx(1)
        assert min(c["shares"]) > -1e-12
        assert c["alpha"] * c["beta"] ** 2 * c["gamma"] ** 2 == pytest.approx(c["macs_ratio"])
        assert math.log(c["alpha"], c["macs_ratio"]) == pytest.approx(c["shares"][0], abs=1e-12)
    inside = [c for c in candidates if abs(c["macs_ratio"] / 2 - 1) <= 0.02]
    if spec.budget.mode == "real":
        assert inside == candidates
    else:  # a nominal grid, for comparison: the plan gives the range of its real costs
        nominal = planned_study["nominal"]
        ratios = [c["macs_ratio"] for c in candidates]
        assert (nominal["networks"], nominal["within_tolerance"]) == (len(candidates), len(inside))
        assert (nominal["ratio_min"], nominal["ratio_max"]) == (min(ratios), max(ratios))


@pytest.mark.parametrize("file", STUDIES, ids=lambda f: f.stem)
def test_shipped_studies_stay_within_the_data_and_reach_every_corner(file: Path) -> None:
    assert planned(load(file))["warnings"] == []


def test_training_is_counted_in_macs_of_forward_and_backward_passes() -> None:
    spec = small(base_runs=3)
    planned_study = planned(spec)
    images = spec.proxy.epochs * (3 * spec.proxy.train_size + spec.proxy.validation_size)
    assert planned_study["training_macs"] == round(images * planned_study["base"]["macs"] * (2 * 12 + 3))
    assert planned_study["runs"] == 15


def test_twice_the_slots_halve_the_time_and_nothing_else() -> None:
    two, four = planned(small(), 2), planned(small(), 4)
    assert two["estimated_seconds"] == 2 * four["estimated_seconds"] > 0
    del two["estimated_seconds"], four["estimated_seconds"], two["slots"], four["slots"]
    assert two == four


@pytest.mark.parametrize(
    ("study", "text", "min_minutes", "max_minutes"),
    [
        ("quickstart", "in a few minutes on two CPU cores", 2, 8),
        ("fashion_mnist_b0", "about an hour and a half", 75, 105),
    ],
)
def test_a_shipped_study_says_what_its_plan_says(study: str, text: str, min_minutes: float, max_minutes: float) -> None:
    (spec,) = [load(file) for file in STUDIES if file.stem == study]
    assert text in " ".join(spec.description.split())
    assert min_minutes <= planned(spec, 2)["estimated_seconds"] / 60 <= max_minutes


def test_replicates_that_do_not_count_do_not_change_the_plan() -> None:
    text = (
        "name: x\nbase: {{width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}}\nbudget: {{divisor: 2}}\nsearch: {}"
    )
    default, many = (
        planned(parse(text.format(f"{{stages: {{}}, trials: 12{more}}}"))) for more in ("", ", replicates: 40")
    )
    assert default == many
    assert planned(parse(text.format("{trials: 1}")))["runs"] == 3


def test_resolution_past_the_data_is_warned_of() -> None:
    (warning,) = [w for w in planned(small(24))["warnings"] if "interpolated" in w]
    largest = max(c["resolution"] for c in planned(small(24))["candidates"])
    assert f"asks for {largest} px, but fashion_mnist has 28" in warning
    assert warning in plan_text(planned(small(24)))


def test_an_axis_that_no_network_can_spend_all_on_is_warned_of() -> None:
    coarse = parse(
        "name: x\nbase: {width: 0.25, resolution: 6, strides: [1,1,2,1,1,1,2,1]}\n"
        "proxy: {dataset: digits, train_size: 256, validation_size: 128}"
    )
    planned_study = planned(coarse)
    largest = max(c["shares"][2] for c in planned_study["candidates"])
    assert largest < 0.8
    (warning,) = planned_study["warnings"]
    assert f"no network spends more than {largest:.0%} on resolution" in warning


def test_more_trials_and_more_replicates_can_tell_less_apart() -> None:
    by_trials = [planned(small(trials=n))["detectable_difference"] for n in (12, 24, 48, 96)]
    assert by_trials == sorted(by_trials, reverse=True)
    assert by_trials[0] > 1.3 * by_trials[-1]
    assert by_trials[-1] > 0
    twice, once = planned(small(trials=24, replicates=12)), planned(small(trials=12, replicates=0))
    assert twice["detectable_difference"] < 0.9 * once["detectable_difference"]


def test_more_trials_than_networks_are_planned_as_replicates() -> None:
    spec = parse(
        "name: x\nbase: {width: 0.25, resolution: 6, strides: [1,1,2,1,1,1,2,1]}\nsearch: {trials: 100, replicates: 2}\n"
        "proxy: {dataset: digits, train_size: 256, validation_size: 128}"
    )
    planned_study = planned(spec)
    assert planned_study["iso_cost_networks"] < 100 < planned_study["runs"]
    assert planned_study["detectable_difference"] > 0


def test_the_text_shows_the_numbers() -> None:
    planned_study = planned(small())
    text = plan_text(planned_study)
    for part in (
        f"{planned_study['iso_cost_networks']} networks cost 2×",
        f"{planned_study['runs']} runs",
        "2 CPU slots",
    ):
        assert part in text
    assert f"{planned_study['detectable_difference']:.1f} points" in text
