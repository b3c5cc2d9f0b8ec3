"""Study files: what loads, what is refused and in which words, and what the hash covers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from scaling_search.errors import SpecError
from scaling_search.networks.architecture import scale
from scaling_search.networks.bases import BASES
from scaling_search.networks.coefficients import PUBLISHED_PHI
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.stages import StagesSpec
from scaling_search.spec.study import StudySpec, ValidationSpec
from scaling_search.spec.study_file import MAX_BYTES, load, parse

STUDIES = Path(__file__).parents[2] / "studies"

DIGITS = "dataset: digits, train_size: 256, validation_size: 128"


def _fields(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, FieldInfo) of every field that is no section."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{path}{name}.")
        else:
            yield f"{path}{name}", field


FIELDS = dict(_fields(StudySpec))


def test_every_study_file_loads_and_describes_itself() -> None:
    for file in sorted(STUDIES.iterdir()):
        spec = load(file)
        assert len(spec.description) > 20, f"{file.name} does not say what it is for"
        assert parse(spec.to_yaml()) == spec


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


def test_numbers_may_be_written_as_yaml_1_1_misreads_them() -> None:
    """PyYAML takes 4e-3 for a string, having no dot."""
    assert parse("{name: x, proxy: {learning_rate: 4e-3}}").proxy.learning_rate == 0.004


def test_base_architecture_is_the_proxys_base() -> None:
    spec = parse(
        "{name: x, base: {width: 0.25, resolution: 20, strides: [1, 1, 2, 2, 1, 2, 1, 1]},"
        f" budget: {{divisor: 2}}, proxy: {{{DIGITS}}}}}"
    )
    base = spec.base_architecture()
    assert base.channels == scale(BASES["efficientnet_b0"], width=0.25, divisor=2).channels
    assert (base.resolution, base.strides) == (20, (1, 1, 2, 2, 1, 2, 1, 1))
    assert (base.classes, base.image_channels) == (10, 1)
    assert base.blocks == BASES["efficientnet_b0"].blocks
    assert parse("{name: x}").base_architecture().strides == BASES["efficientnet_b0"].strides


@given(
    description=st.text(max_size=200),
    width=st.floats(0.05, 4),
    strides=st.none() | st.lists(st.integers(1, 4), min_size=8, max_size=8),
    tolerance=st.floats(1e-6, 0.25),
    seed=st.integers(0, 2**31 - 1),
    learning_rate=st.floats(1e-12, 10),
    root=st.none() | st.text(max_size=40),
    flip=st.booleans(),
    phi=st.lists(st.floats(0.001, 12), min_size=1, max_size=9),
)
def test_specs_survive_yaml(
    description: str,
    width: float,
    strides: list[int] | None,
    tolerance: float,
    seed: int,
    learning_rate: float,
    root: str | None,
    flip: bool,
    phi: list[float],
) -> None:
    spec = StudySpec.model_validate(
        {
            "name": "x",
            "description": description,
            "base": {"width": width, "strides": strides},
            "budget": {"tolerance": tolerance},
            "search": {"seed": seed},
            "proxy": {"learning_rate": learning_rate, "root": root, "flip": flip},
            "family": {"phi": phi},
        }
    )
    again = parse(spec.to_yaml())
    assert again == spec
    assert again.hash() == spec.hash()


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


BROKEN = {
    # shape of the document
    "empty": ("", ["my.yaml is empty", "start with"]),
    "only a comment": ("# later\n", ["my.yaml is empty"]),
    "a list": ("- name: x", ["holds list", "name:"]),
    "a word": ("hello", ["holds str"]),
    "two documents": ("name: x\n---\nname: y\n", ["line 2", "document"]),
    "tab": ("name: x\nbase:\n\twidth: 1\n", ["line 3", "\\t", "spaces"]),
    "bad indent": ("name: x\n base: {}\n", ["line 2"]),
    "unclosed bracket": ("name: x\nbase: {width: 1\n", ["not YAML", "line 3"]),
    "unclosed quote": ('name: "x\n', ["not YAML", "line 2"]),
    "alias": ("name: &n x\ndescription: *n\n", ["line 2", "aliases"]),
    "alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nname: [*b, *b]\n", ["line 2", "aliases"]),
    "merged alias": ("base: &b {width: 1}\nproxy: {<<: *b}\n", ["line 2", "aliases"]),
    "key twice": ("name: x\nname: y\n", ["line 2", "'name'", "twice"]),
    "inner key twice": ("name: x\nsearch:\n  trials: 3\n  seed: 1\n  trials: 4\n", ["line 5", "'trials'", "twice"]),
    "list as key": ("name: x\n? [a, b]\n: 1\n", ["line 2", "key"]),
    "mapping as key": ("name: x\n? {a: b}\n: 1\n", ["line 2", "key"]),
    "control character": ("name: a\0b", ["#x0000"]),
    "lone surrogate": ("name: \ud800", ["#xd800"]),
    "deep nesting": ("name: " + "[" * 20_000, ["not YAML"]),
    "deep closed nesting": ("name: x\nbase: " + "{a: " * 5_000 + "1" + "}" * 5_000, ["not YAML"]),
    "too large": ("name: x\ndescription: " + "é" * (MAX_BYTES // 2), ["larger than 256 KiB"]),
    "python object": ("name: !!python/object/apply:os.getcwd []\n", ["line 1", "python/object"]),
    "tagged timestamp": ("name: !!timestamp soon\n", ["line 1"]),
    "tagged bool": ("name: !!bool perhaps\n", ["line 1"]),
    "tagged int": ("name: !!int ''\n", ["line 1"]),
    "tagged float": ("name: !!float ''\n", ["line 1"]),
    "impossible date": ("name: 2026-13-45\n", ["line 1"]),
    # unknown and missing keys
    "no name": ("budget: {target: 2}", ["name: is required"]),
    "unknown key": ("name: x\nbudgets: {}\n", ["budgets: unknown field"]),
    "unknown key of base": ("name: x\nbase: {depth: 2}\n", ["base.depth: unknown field"]),
    "unknown key of budget": ("name: x\nbudget: {macs: 2}\n", ["budget.macs: unknown field"]),
    "unknown key of search": ("name: x\nsearch: {trails: 9}\n", ["search.trails: unknown field"]),
    "unknown key of proxy": ("name: x\nproxy: {lr: 1}\n", ["proxy.lr: unknown field"]),
    "unknown key of family": ("name: x\nfamily: {phis: [1]}\n", ["family.phis: unknown field"]),
    "unknown key of run": ("name: x\nrun: {gpu: 1}\n", ["run.gpu: unknown field"]),
    "number as key": ("name: x\n1: 2\n", ["1: ", "string"]),
    "empty section": ("name: x\nbase:\n", ["base: is empty: give fields, or leave it out"]),
    "empty field": ("name: x\nproxy: {epochs: }\n", ["proxy.epochs: is empty: give a value, or leave it out"]),
    "empty unknown field": ("name: x\nsearhc:\n", ["searhc: unknown field\n"]),
    "section of another kind": ("name: x\nsearch: 12\n", ["search: should hold fields", "'12'"]),
    # types
    "number as name": ("name: 12", ["name: should be a string, and this is a number (12): quote it"]),
    "date as name": ("name: 2026-11-24", ["name: should be a string", "a date (2026-11-24): quote it"]),
    "word for a number": ("name: x\nproxy: {epochs: three}\n", ["proxy.epochs", "integer", "'three'"]),
    "half an epoch": ("name: x\nproxy: {epochs: 1.5}\n", ["proxy.epochs", "integer", "'1.5'"]),
    "list for a number": ("name: x\nproxy: {learning_rate: [1]}\n", ["proxy.learning_rate", "number", "[1]"]),
    "number for a flag": ("name: x\nproxy: {flip: 7}\n", ["proxy.flip", "boolean", "'7'"]),
    "flag for a number": ("name: x\nproxy: {epochs: true}\n", ["proxy.epochs", "'True'"]),
    "word in phi": ("name: x\nfamily: {phi: [1, two]}\n", ["family.phi.1", "number", "'two'"]),
    "number of 6,000 digits": ("name: x\nsearch: {trials: " + "9" * 6_000 + "}\n", ["line 2"]),
    "hexadecimal of 6,000 digits": ("name: x\nsearch: {trials: 0x" + "f" * 6_000 + "}\n", ["search.trials"]),
    # ranges
    "name with a space": ("name: my study", ["name", "pattern", "'my study'"]),
    "name with a slash": ("name: ../x", ["name", "pattern"]),
    "long name": (f"name: {'x' * 65}", ["name", "pattern"]),
    "endless description": (f"name: x\ndescription: {'x' * 10_001}", ["description", "10000"]),
    "no width": ("name: x\nbase: {width: 0}\n", ["base.width", "greater than 0", "'0'"]),
    "tiny px": ("name: x\nbase: {resolution: 3}\n", ["base.resolution", "equal to 4", "'3'"]),
    "stride 0": ("name: x\nbase: {strides: [0, 1, 1, 1, 1, 1, 1, 1]}\n", ["base.strides.0", "equal to 1"]),
    "seven strides": ("name: x\nbase: {strides: [1, 1, 1, 1, 1, 1, 1]}\n", ["base.strides", "7 given", "so 8"]),
    "nothing to spend": ("name: x\nbudget: {target: 1}\n", ["budget", "target (1) is about the base's own cost"]),
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
    "no slack": ("name: x\nbudget: {slack: 0}\n", ["budget.slack", "greater than 0", "'0'"]),
    "unknown sampler": ("name: x\nsearch: {sampler: grid}\n", ["search.sampler", "'lattice'", "'gp'", "'grid'"]),
    "unknown pruner": ("name: x\nsearch: {pruner: hyperband}\n", ["search.pruner", "'median'", "'hyperband'"]),
    "no patience": ("name: x\nsearch: {patience: 0}\n", ["search.patience", "equal to 1", "'0'"]),
    "no hours": ("name: x\nrun: {max_hours: 0}\n", ["run.max_hours", "greater than 0", "'0'"]),
    "negative seed": ("name: x\nsearch: {seed: -1}\n", ["search.seed", "'-1'"]),
    "stages of a nominal grid": (
        "name: x\nbudget: {mode: nominal}\nsearch: {stages: {}}\n",
        ["search.stages", "budget.mode: real"],
    ),
    "only replicates": ("name: x\nsearch: {trials: 6, replicates: 6}\n", ["search", "replicates (6)", "trials (6)"]),
    "unknown dataset": ("name: x\nproxy: {dataset: imagenet}\n", ["proxy.dataset", "'digits'", "'imagenet'"]),
    "unknown network": ("name: x\nbase: {network: resnet}\n", ["base.network", "'resnet'", *BASES]),
    "unknown family base": ("name: x\nfamily: {base: resnet}\n", ["family.base", "'resnet'", *BASES]),
    "more images than there are": ("name: x\nproxy: {train_size: 60000}\n", ["65000", "fashion_mnist", "60000"]),
    "more digits than there are": ("name: x\nproxy: {dataset: digits}\n", ["15000", "digits", "1437"]),
    "fewer classes than there are": (f"name: x\nproxy: {{{DIGITS}, classes: 3}}\n", ["proxy", "classes", "10"]),
    "batch beyond the images": (
        f"name: x\nproxy: {{{DIGITS}, batch_size: 257}}\n",
        ["batch_size (257)", "train_size (256)"],
    ),
    "batch of one": ("name: x\nproxy: {batch_size: 1}\n", ["proxy.batch_size", "equal to 2"]),
    "all warm-up": ("name: x\nproxy: {warmup: 1}\n", ["proxy.warmup", "less than 1"]),
    "rate 0": ("name: x\nproxy: {learning_rate: 0}\n", ["proxy.learning_rate", "greater than 0"]),
    "no phi": ("name: x\nfamily: {phi: []}\n", ["family.phi", "at least 1"]),
    "phi 0": ("name: x\nfamily: {phi: [0]}\n", ["family", "0 is the base itself"]),
    "no slots": ("name: x\nrun: {slots: 0}\n", ["run.slots", "equal to 1"]),
    "unknown engine": ("name: x\nrun: {engine: slurm}\n", ["run.engine", "'local'", "'slurm'"]),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_spec_is_refused_in_words(text: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "my.yaml")
    assert caught.value.message.startswith("my.yaml ")
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse("name: x y\nbase: {width: -1, colour: 2}\nproxy: {epochs: 0}\n")
    assert all(f in caught.value.message for f in ("name: ", "base.width: ", "base.colour: ", "proxy.epochs: "))


@given(st.text(max_size=60) | st.text("{}[]:,-&*!?|>'\"#%@` \n\tab01.~", max_size=40).map("name: ".__add__))
def test_any_text_is_a_spec_or_a_spec_error(text: str) -> None:
    with suppress(SpecError):
        assert isinstance(parse(text), StudySpec)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "not UTF-8"),
        (b"name: caf\xe9\n", "not UTF-8"),
        (b"\x00" * 64, "#x0000"),
    ],
    ids=["picture", "Latin-1", "zeros"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(SpecError, match=words) as caught:
        load(file)
    assert str(file) in caught.value.message


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "Is a directory"), ("a\0b", "null")):
        with pytest.raises(SpecError, match=words):
            load(path)


def test_errors_of_a_file_name_it(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("name: x\nsearch: {trials: 0}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load(file)
    assert str(file) in caught.value.message
    file.write_bytes(b"\xef\xbb\xbfname: x\r\n")
    assert load(file) == StudySpec(name="x")


def test_the_peak_rate_falls_with_depth_as_asked() -> None:
    proxy = ProxySpec(learning_rate=0.004, depth_exponent=0.5)
    assert proxy.at_depth(4.0) == proxy.model_copy(update={"learning_rate": 0.002})
    assert proxy.at_depth(1.0) == proxy
    assert ProxySpec(learning_rate=0.004).at_depth(4.0).learning_rate == 0.004


def test_class_count_is_the_datasets_unless_given() -> None:
    assert ProxySpec().class_count == 10
    assert ProxySpec(dataset="image_folder", classes=37).class_count == 37


@pytest.mark.parametrize(("kind", "field"), [(k, f) for k in (StagesSpec, ValidationSpec) for f in k.model_fields])
def test_optional_sections_say_their_defaults_too(kind: type[StagesSpec], field: str) -> None:
    info = kind.model_fields[field]
    assert len(info.description or "") > 20
    assert ("Default: " in (info.description or "")) == (not info.is_required())


STAGES = {
    "explore": 0.6, "refine": "gp", "confirm": 4, "confirm_epochs": 4, "training_tmacs": 5.0, "hours": 2.0, "stop_early": False,
}  # fmt: skip


@pytest.mark.parametrize("field", StagesSpec.model_fields)
def test_every_field_of_the_stages_is_in_the_hash(field: str) -> None:
    assert _with(f"search.stages.{field}", STAGES[field]).hash() != _with("search.stages", {}).hash()
