"""StudySpec: defaults that depend on other fields, the base network, and what the hash covers."""

from __future__ import annotations

from typing import Any

import pytest

from scaling_search.errors import SpecError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.coefficients import PUBLISHED_PHI
from scaling_search.spec.stages import StagesSpec
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from tests.support.spec_fields import FIELDS

DIGITS = "dataset: digits, train_size: 256, validation_size: 128"


def test_a_name_is_enough() -> None:
    spec = parse("name: x")
    assert spec == StudySpec(name="x")
    assert (spec.budget.target, spec.budget.tolerance, spec.budget.rounding) == (2.0, 0.02, "nearest")
    assert (spec.search.sampler, spec.search.trials, spec.search.replicates, spec.search.round) == ("lattice", 24, 6, 8)
    assert spec.family.phi == list(PUBLISHED_PHI)


def test_a_search_in_stages_takes_more_trials_unless_it_says_how_many() -> None:
    staged = parse("name: x\nsearch: {stages: {}}")
    assert staged.search.trials == 40
    assert parse(staged.to_yaml()) == staged
    assert parse("name: x\nsearch: {stages: {}, trials: 24}").search.trials == 24
    assert parse("name: x\nsearch: {stages: null}").search.trials == 24


@pytest.mark.parametrize(("trials", "replicates"), [(1, 0), (3, 0), (4, 1), (12, 3), (23, 5), (24, 6), (90, 6)])
def test_replicates_are_by_default_six_or_a_quarter_of_the_trials(trials: int, replicates: int) -> None:
    given = parse(f"name: x\nsearch: {{trials: {trials}}}")
    assert given.search.replicates == replicates
    assert parse(given.to_yaml()) == given
    assert parse(f"name: x\nsearch: {{trials: {trials}, replicates: 0}}").search.replicates == 0


@pytest.mark.parametrize("trials", ["-4", ".inf", "[1]", "three", "0x" + "f" * 6_000])
def test_trials_that_are_no_number_are_the_only_fault(trials: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"name: x\nsearch: {{trials: {trials}}}")
    (_, fault) = caught.value.message.splitlines()
    assert fault.startswith("  search.trials: ")


def test_replicates_do_not_count_in_stages() -> None:
    assert parse("name: x\nsearch: {stages: {}}").search.replicates == 6
    assert parse("name: x\nsearch: {stages: {}, trials: 4}").search.replicates == 1
    assert parse("name: x\nsearch: {stages: {}, trials: 4, replicates: 6}").search.replicates == 6


def test_base_architecture_is_the_proxys_base() -> None:
    spec = parse(
        "{name: x, base: {width: 0.25, resolution: 20, strides: [1, 1, 2, 2, 1, 2, 1, 1]},"
        f" budget: {{divisor: 2}}, proxy: {{{DIGITS}}}}}"
    )
    base = spec.base_architecture()
    assert base.channels == scale(base_network("efficientnet_b0"), width=0.25, divisor=2).channels
    assert (base.resolution, base.strides) == (20, (1, 1, 2, 2, 1, 2, 1, 1))
    assert (base.classes, base.image_channels) == (10, 1)
    assert base.blocks == base_network("efficientnet_b0").blocks
    assert parse("{name: x}").base_architecture().strides == base_network("efficientnet_b0").strides


ALTERED: dict[str, Any] = {
    "name": "y",
    "base.network": "resnet18",
    "base.table": {"stem": 8, "stages": [{"block": "basic", "channels": 8, "blocks": 1}]},
    "base.factory": "package.module:function",
    "base.width": 0.5,
    "base.resolution": 225,
    "base.strides": [1, 1, 2, 2, 2, 1, 2, 1],
    "budget.mode": "nominal",
    "budget.cost": "activations",
    "budget.latency_batch": 8,
    "budget.target": 2.5,
    "budget.tolerance": 0.03,
    "budget.rounding": "official",
    "budget.divisor": 4,
    "budget.step": 0.1,
    "budget.slack": 0.2,
    "search.sampler": "random",
    "search.pruner": "median",
    "search.trials": 25,
    "search.replicates": 5,
    "search.base_runs": 3,
    "search.round": 4,
    "search.seed": 1,
    "search.patience": 4,
    "search.indifference": 0.3,
    "search.stages": {},
    "validation": {"shares": [0.2, 0.3, 0.5]},
    "proxy.dataset": "image_folder",
    "proxy.root": "/data",
    "proxy.classes": 12,
    "proxy.train_size": 9_000,
    "proxy.validation_size": 4_000,
    "proxy.split_seed": 1,
    "proxy.epochs": 4,
    "proxy.batch_size": 32,
    "proxy.learning_rate": 0.001,
    "proxy.depth_exponent": 0.5,
    "proxy.weight_decay": 0.1,
    "proxy.warmup": 0.2,
    "proxy.label_smoothing": 0.2,
    "proxy.dropout": 0.1,
    "proxy.stochastic_depth": 0.1,
    "proxy.flip": False,
    "proxy.crop": 1,
    "proxy.channels": 1,
    "proxy.stored_px": 256,
    "proxy.cache_gb": 4.0,
    "proxy.workers": 2,
    "family.base": "resnet18",
    "family.resolution": 225,
    "family.phi": [1.0],
    "family.rounding": "official",
    "family.divisor": 4,
}
"""Another valid value of each field that decides results."""


def _with(path: str, value: Any) -> StudySpec:
    values: dict[str, Any] = {"name": "x"}
    *sections, last = path.split(".")
    inner = values
    for section in sections:
        inner = inner.setdefault(section, {})
    inner[last] = value
    return StudySpec.model_validate(values)


def test_every_field_is_in_the_hash_or_known_to_be_left_out() -> None:
    left_out = {n for n in FIELDS if n == "description" or n.startswith("run.")}
    assert set(ALTERED) | left_out == set(FIELDS)


@pytest.mark.parametrize("path", ALTERED)
def test_what_decides_results_changes_the_hash(path: str) -> None:
    assert _with(path, ALTERED[path]).hash() != StudySpec(name="x").hash()


@pytest.mark.parametrize(("path", "value"), [("description", "words"), ("run.slots", 3), ("run.max_failures", 1)])
def test_description_and_run_leave_the_hash_alone(path: str, value: object) -> None:
    assert _with(path, value) != StudySpec(name="x")
    assert _with(path, value).hash() == StudySpec(name="x").hash()


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        StudySpec(name="x").search.trials = 3  # type: ignore[misc]


STAGES = {
    "explore": 0.6, "refine": "gp", "confirm": 4, "confirm_epochs": 4, "training_tmacs": 5.0, "hours": 2.0, "stop_early": False,
}  # fmt: skip


@pytest.mark.parametrize("field", StagesSpec.model_fields)
def test_every_field_of_the_stages_is_in_the_hash(field: str) -> None:
    assert _with(f"search.stages.{field}", STAGES[field]).hash() != _with("search.stages", {}).hash()


def test_information_is_another_word_for_doubt_and_is_stored_as_doubt() -> None:
    by_alias, stored = _with("search.stages.refine", "information"), _with("search.stages.refine", "doubt")
    assert by_alias == stored
    assert by_alias.hash() == stored.hash()
    assert by_alias.search.stages is not None
    assert by_alias.search.stages.refine == "doubt"
    assert by_alias.model_dump(mode="json")["search"]["stages"]["refine"] == "doubt"
    assert "refine: doubt" in by_alias.to_yaml()
