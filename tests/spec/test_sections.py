"""The sections of a study file: descriptions, defaults, and values out of range."""

from __future__ import annotations

import pytest

from scaling_search.errors import SpecError
from scaling_search.networks.bases import FACTS
from scaling_search.spec.stages import StagesSpec
from scaling_search.spec.study import StudySpec, ValidationSpec
from scaling_search.spec.study_file import parse
from tests.support.spec_fields import FIELDS

DIGITS = "dataset: digits, train_size: 256, validation_size: 128"


@pytest.mark.parametrize("name", FIELDS)
def test_a_description_states_the_default(name: str) -> None:
    default, description = FIELDS[name].get_default(), FIELDS[name].description or ""
    if FIELDS[name].is_required():
        assert "Default" not in description
        return
    stated = description.split("Default: ")[1]
    if isinstance(default, list):
        assert stated.startswith(", ".join(f"{x:g}" for x in default))
    elif isinstance(default, bool):
        assert stated.startswith(str(default).lower())
    elif isinstance(default, int):
        assert stated.startswith(str(default))
    elif isinstance(default, float):
        assert stated.startswith(f"{default:g}")
    elif default:
        assert stated.startswith(default)


def test_the_schema_describes_every_field() -> None:
    schema = StudySpec.model_json_schema()
    for place in (schema, *schema["$defs"].values()):
        assert place["description"]
        assert place["additionalProperties"] is False
        for name, field in place["properties"].items():
            assert field.get("description") or "$ref" in field, f"{place['title']}.{name}"


@pytest.mark.parametrize(("kind", "field"), [(k, f) for k in (StagesSpec, ValidationSpec) for f in k.model_fields])
def test_optional_sections_say_their_defaults_too(kind: type[StagesSpec], field: str) -> None:
    info = kind.model_fields[field]
    assert len(info.description or "") > 20
    assert ("Default: " in (info.description or "")) == (not info.is_required())


OUT_OF_RANGE = {
    "name with a space": ("name: my study", ["name", "pattern", "'my study'"]),
    "name with a slash": ("name: ../x", ["name", "pattern"]),
    "long name": (f"name: {'x' * 65}", ["name", "pattern"]),
    "endless description": (f"name: x\ndescription: {'x' * 10_001}", ["description", "10000"]),
    "no width": ("name: x\nbase: {width: 0}\n", ["base.width", "more than 0", "'0'"]),
    "tiny px": ("name: x\nbase: {resolution: 3}\n", ["base.resolution", "at least 4", "'3'"]),
    "stride 0": ("name: x\nbase: {strides: [0, 1, 1, 1, 1, 1, 1, 1]}\n", ["base.strides.0", "at least 1"]),
    "seven strides": ("name: x\nbase: {strides: [1, 1, 1, 1, 1, 1, 1]}\n", ["base.strides", "7 given", "so 8"]),
    "nothing to spend": ("name: x\nbudget: {target: 1}\n", ["budget", "target (1) is about the cost of the base"]),
    "target NaN": ("name: x\nbudget: {target: .nan}\n", ["budget.target", "finite", "'nan'"]),
    "target infinite": ("name: x\nbudget: {target: .inf}\n", ["budget.target", "finite", "'inf'"]),
    "trials infinite": ("name: x\nsearch: {trials: .inf}\n", ["search.trials", "finite", "'inf'"]),
    "rate overflows": ("name: x\nproxy: {learning_rate: 1e999}\n", ["proxy.learning_rate", "finite", "'1e999'"]),
    "negative tolerance": ("name: x\nbudget: {tolerance: -0.1}\n", ["budget.tolerance", "'-0.1'"]),
    "wide tolerance": ("name: x\nbudget: {tolerance: 0.5}\n", ["budget.tolerance", "0.25", "'0.5'"]),
    "divisor 0": ("name: x\nbudget: {divisor: 0}\n", ["budget.divisor", "'0'"]),
    "unknown rounding": ("name: x\nbudget: {rounding: up}\n", ["budget.rounding", "'nearest' or 'official'", "'up'"]),
    "unknown mode": ("name: x\nbudget: {mode: flops}\n", ["budget.mode", "'nominal'", "'flops'"]),
    "tiny step": ("name: x\nbudget: {step: 0.001}\n", ["budget.step", "0.01", "'0.001'"]),
    "no slack": ("name: x\nbudget: {slack: 0}\n", ["budget.slack", "more than 0", "'0'"]),
    "unknown sampler": ("name: x\nsearch: {sampler: grid}\n", ["search.sampler", "'lattice'", "'gp'", "'grid'"]),
    "unknown pruner": ("name: x\nsearch: {pruner: hyperband}\n", ["search.pruner", "'median'", "'hyperband'"]),
    "no patience": ("name: x\nsearch: {patience: 0}\n", ["search.patience", "at least 1", "'0'"]),
    "no hours": ("name: x\nrun: {max_hours: 0}\n", ["run.max_hours", "more than 0", "'0'"]),
    "negative seed": ("name: x\nsearch: {seed: -1}\n", ["search.seed", "'-1'"]),
    "huge seed": ("name: x\nsearch: {seed: 2147483648}\n", ["search.seed", "less than 2147483648"]),
    "stages of a nominal grid": (
        "name: x\nbudget: {mode: nominal}\nsearch: {stages: {}}\n",
        ["search.stages", "budget.mode: real"],
    ),
    "only replicates": ("name: x\nsearch: {trials: 6, replicates: 6}\n", ["search", "replicates (6)", "trials (6)"]),
    "unknown dataset": ("name: x\nproxy: {dataset: imagenet}\n", ["proxy.dataset", "'digits'", "'imagenet'"]),
    "unknown network": ("name: x\nbase: {network: resnet}\n", ["base.network", "'resnet'", *FACTS]),
    "unknown family base": ("name: x\nfamily: {base: resnet}\n", ["family.base", "'resnet'", *FACTS]),
    "more images than there are": ("name: x\nproxy: {train_size: 60000}\n", ["65000", "fashion_mnist", "60000"]),
    "more digits than there are": ("name: x\nproxy: {dataset: digits}\n", ["15000", "digits", "1437"]),
    "fewer classes than there are": (f"name: x\nproxy: {{{DIGITS}, classes: 3}}\n", ["proxy", "classes", "10"]),
    "batch beyond the images": (
        f"name: x\nproxy: {{{DIGITS}, batch_size: 257}}\n",
        ["batch_size (257)", "train_size (256)"],
    ),
    "batch of one": ("name: x\nproxy: {batch_size: 1}\n", ["proxy.batch_size", "at least 2"]),
    "all warm-up": ("name: x\nproxy: {warmup: 1}\n", ["proxy.warmup", "less than 1"]),
    "rate 0": ("name: x\nproxy: {learning_rate: 0}\n", ["proxy.learning_rate", "more than 0"]),
    "no phi": ("name: x\nfamily: {phi: []}\n", ["family.phi", "at least 1"]),
    "phi 0": ("name: x\nfamily: {phi: [0]}\n", ["family", "0 is the base itself"]),
    "no slots": ("name: x\nrun: {slots: 0}\n", ["run.slots", "at least 1"]),
    "unknown engine": ("name: x\nrun: {engine: slurm}\n", ["run.engine", "'local'", "'slurm'"]),
}


@pytest.mark.parametrize(("text", "words"), OUT_OF_RANGE.values(), ids=OUT_OF_RANGE)
def test_a_value_out_of_range_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "my.yaml")
    assert caught.value.message.startswith("my.yaml ")
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value)
