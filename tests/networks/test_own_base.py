"""A user's own base: a stage table or a factory in the spec, measured, checked and refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import CostMismatch, InputError, SpecError
from scaling_search.export.frameworks import CODE_FORMATS, network
from scaling_search.networks import architecture
from scaling_search.networks import user_network_cost as measured
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.bases import FACTS
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.cost import cost
from scaling_search.networks.family import Family, family
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.training.build import build_model
from scaling_search.training.count import verify_cost
from scaling_search.training.user_network import import_factory
from scaling_search.training.user_network_check import check_base

HERE = Path(__file__).parents[1] / "support"
FAULTS = {
    "no_depth": ("depth", "depth is ignored: at 2× depth the network has the same"),
    "no_width": ("width", "width is ignored: at 2× width the network has the same"),
    "fixed_size": ("any resolution", "images of 33 px fail"),
    "falls": ("monotone in depth", "cost falls as depth grows: from"),
    "drawn": ("same network", "built three times at depth 1 and width 1, it is not the same network"),
}
TABLE = """
  table:
    style: mobilenet_v2
    stem: 8
    stem_stride: 1
    head: 32
    fixed: [stem]
    stages:
      - {block: inverted, expand: 1, channels: 8, blocks: 1}
      - {block: inverted_se, expand: 4, channels: 16, blocks: 3, stride: 2, kernel: 5}
"""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The tests' folder as working directory, and a cache of measured costs of this test's own."""
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    measured.measured_costs.cache_clear()
    return tmp_path


HEADLESS = """
name: headless
base:
  resolution: 18
  table:
    stem: 16
    stages:
      - {block: mbconv, expand: 1, kernel: 3, stride: 1, channels: 16, blocks: 1}
      - {block: mbconv, expand: 4, kernel: 3, stride: 2, channels: 24, blocks: 2}
      - {block: mbconv, expand: 4, kernel: 5, stride: 2, channels: 40, blocks: 2}
budget: {divisor: 2}
proxy: {dataset: digits, train_size: 128, validation_size: 128, batch_size: 64}
"""
"""Its head is the default, none."""

BROKEN = {
    "signature": ("def f(depth): ...", "depth 1, width 1 it raises TypeError: f() takes 1 positional argument but 3"),
    "dict": ("def f(depth, width, classes): return {}", "depth 1, width 1 it returns dict, not a torch.nn.Module"),
    "float": (
        "def f(depth, width, classes): return nn.Conv2d(3, 8 * width, 3)",
        "depth 1, width 1 it raises TypeError: empty(): argument 'size'",
    ),
    "parameters": ("def f(depth, width, classes): return nn.Flatten()", "it returns a network without parameters"),
    "lazy": ("def f(depth, width, classes): return nn.LazyLinear(classes)", "it returns a network with lazy layers"),
    "leaves": ("def f(depth, width, classes): raise SystemExit(0)", "depth 1, width 1 it raises SystemExit: 0"),
    "steps": (
        "import sys\nsys.path.insert(0, {here!r})\nfrom own_nets import sound\n"
        "def f(depth, width, classes):\n"
        "    if width == 1.25: raise ValueError('8 does not divide\\n10 channels')\n"
        "    return sound(depth, width, classes, 3)",
        "depth 1, width 1.25 it raises ValueError: 8 does not divide 10 channels",
    ),
}
"""A module's code, and what is said of its factory f."""

UNHEARD = {
    "syntax": ("def f(:", "SyntaxError: invalid syntax"),
    "raises": ("raise RuntimeError('no GPU here')", "RuntimeError: no GPU here"),
    "exits": ("import sys\nsys.exit(0)", "SystemExit: 0"),
}
"""Modules that cannot be imported, and what is said of them."""


def _with_table(tiny: Callable[..., str]) -> StudySpec:
    lines = [line for line in tiny().splitlines() if not line.startswith("base:")]
    return parse("\n".join(lines) + f"\nbase:\n  resolution: 8{TABLE}\nfamily: {{base: own, resolution: 16, phi: [1]}}")


def _with_factory(tiny: Callable[..., str], name: str = "own_nets:sound") -> StudySpec:
    lines = [line for line in tiny().splitlines() if not line.startswith("base:")]
    made = f"base: {{factory: '{name}', resolution: 8}}\nfamily: {{base: own, resolution: 16, phi: [1]}}"
    return parse("\n".join([*lines, made]).replace("divisor: 2", "divisor: 2, tolerance: 0.05"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(fault: str, here: Path) -> None:
    found = check_base(import_factory(f"own_nets:{fault}"), channels=1)
    name, words = FAULTS[fault]
    wrong = {f.check: f.sentence for f in found if not f.ok}
    assert name in wrong
    assert words in wrong[name]
    assert fault in ("drawn", "fixed_size", "falls") or list(wrong) == [name]


def test_sound_bases_pass(here: Path) -> None:
    assert all(f.ok for f in check_base(import_factory("own_nets:sound"), channels=1))
    run = CliRunner().invoke
    passed = run(app, ["base", "check", "resnet18", "--json"])
    assert passed.exit_code == 0
    assert all(f["ok"] for f in json.loads(passed.stdout))
    failed = run(app, ["base", "check", "own_nets:no_depth", "--channels", "1"])
    assert "FAIL  depth: depth is ignored" in failed.stdout
    assert isinstance(failed.exception, InputError)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], str]:
    """Writes a module in a working directory of this test's own; its factory f by name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def write(name: str, code: str) -> str:
        (tmp_path / f"own_{name}.py").write_text(f"from torch import nn\nprint('imported')\n{code}\n")
        return f"own_{name}:f"

    return write


@pytest.mark.parametrize("fault", BROKEN)
def test_what_a_factory_raises_is_a_finding(fault: str, module: Callable[[str, str], str]) -> None:
    code, words = BROKEN[fault]
    name = module(fault, code.replace("{here!r}", repr(str(HERE))))
    done = CliRunner().invoke(app, ["base", "check", name, "--json"])
    assert isinstance(done.exception, InputError)
    assert done.exception.exit_code == 2
    *before, last = json.loads(done.stdout)
    assert last["check"] == "builds"
    assert not last["ok"]
    assert words in last["sentence"]
    assert "\n" not in last["sentence"]
    assert all(f["ok"] for f in before)
    assert bool(before) is (fault == "steps")


@pytest.mark.parametrize("fault", UNHEARD)
def test_a_module_that_cannot_be_imported_is_one_error(
    fault: str, tiny: Callable[..., str], module: Callable[[str, str], str]
) -> None:
    code, words = UNHEARD[fault]
    name = module(fault, code)
    done = CliRunner().invoke(app, ["base", "check", name])
    assert isinstance(done.exception, InputError)
    assert f"cannot import {name}: {words}" in done.exception.message
    assert "FAIL" not in done.stdout
    with pytest.raises(InputError, match=f"base.factory {name}: cannot import {name}: {words}"):
        search_space(_with_factory(tiny, name))


def test_a_broken_package_around_a_factory_and_one_without_a_file_are_said(
    tiny: Callable[..., str], module: Callable[[str, str], str]
) -> None:
    package = Path("own_package")
    package.mkdir()
    (package / "__init__.py").write_text("1 / 0")
    (package / "nets.py").touch()
    with pytest.raises(InputError, match=r"cannot import 'own_package.nets': ZeroDivisionError"):
        search_space(_with_factory(tiny, "own_package.nets:f"))
    with pytest.raises(InputError, match="module 'sys' has no file"):
        search_space(_with_factory(tiny, "sys:exit"))
    with pytest.raises(InputError, match=r"base\.factory own_dict:f: returns dict, not a torch.nn.Module"):
        search_space(_with_factory(tiny, module("dict", BROKEN["dict"][0])))


@pytest.mark.parametrize("name", [":b", "../x:y", "a b:c", "x:"])
def test_what_names_no_factory_is_said(name: str) -> None:
    done = CliRunner().invoke(app, ["base", "check", name])
    assert isinstance(done.exception, InputError)
    assert "invalid factory" in done.exception.message


def test_a_study_is_checked_with_its_own_images_classes_and_divisor(here: Path) -> None:
    (here / "study.yaml").write_text(HEADLESS)
    (here / "own.yaml").write_text(
        "name: own\nbase: {factory: 'own_nets:sound', resolution: 12, width: 0.5}\nfamily: {base: own, phi: [1]}\n"
        "proxy: {dataset: digits, train_size: 128, validation_size: 128, batch_size: 64}\n"
    )
    for study, sides in (("study", "18, 19, 21, 27, 36"), ("own", "12, 13, 15, 18, 24")):
        done = CliRunner().invoke(app, ["base", "check", str(here / f"{study}.yaml")])  # images of one channel
        assert done.exit_code == 0, done.output
        assert f"images of {sides} px work" in done.stdout
    wrong = CliRunner().invoke(app, ["base", "check", str(here / "own.yaml"), "--channels", "3", "--px", "40"])
    assert "images of 40 px fail (RuntimeError" in wrong.stdout


def test_a_table_without_a_head_is_searched() -> None:
    spec = parse(HEADLESS)
    base = spec.base_architecture()
    assert base.head == 0
    for arch in (base, *(c.architecture for c in search_space(spec)[::8])):
        assert verify_cost(build_model(arch), arch) == cost(arch)


def test_a_factory_is_measured_cached_and_searched(
    tiny: Callable[..., str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(architecture, "FACTORY_STEP", 0.1)  # a quarter of the networks to measure
    spec = _with_factory(tiny)
    found = search_space(spec)
    assert len({c.key for c in found}) >= 4
    assert all(abs(c.macs_ratio / 2 - 1) <= 0.05 for c in found)
    arch = found[0].architecture
    assert verify_cost(build_model(arch), arch) == found[0].cost
    assert Architecture.from_dict(json.loads(json.dumps(arch.to_dict()))) == arch
    (file,) = (here / "scaling_search" / "measured").iterdir()
    child = measured.measured_costs("own_nets:sound").process
    assert child.process is not None
    child.close()
    measured.measured_costs.cache_clear()
    assert cost(arch) == found[0].cost
    assert measured.measured_costs("own_nets:sound").process.process is None
    file.write_text(file.read_text().replace(str(found[0].cost.macs), "12345"))
    measured.measured_costs.cache_clear()
    with pytest.raises(CostMismatch, match="when it was measured"):
        verify_cost(build_model(arch), arch)


def test_a_familys_networks_of_a_factory_are_the_users_to_build(tiny: Callable[..., str], here: Path) -> None:
    made = family(PAPER, _with_factory(tiny).export_architecture(), (1,)).to_dict()
    assert made["models"][1]["macs_ratio"] == pytest.approx(2, rel=0.1)
    with pytest.raises(InputError, match="own_nets:sound makes this family's networks"):
        CODE_FORMATS["pytorch"](Family.model_validate(made))


def test_a_factory_that_cannot_be_had_is_said(tiny: Callable[..., str], here: Path) -> None:
    with pytest.raises(InputError, match="no module 'no_such_nets'"):
        search_space(_with_factory(tiny, "no_such_nets:f"))
    with pytest.raises(InputError, match="has no attribute 'f'"):
        search_space(_with_factory(tiny, "own_nets:f"))
    with pytest.raises(InputError, match="cannot import own_nets:f"):
        import_factory("own_nets:f")
    with pytest.raises(SpecError, match=r"base\.factory"):
        parse("name: x\nbase: {factory: 'os.system'}")


def test_a_factory_can_be_refused_in_one_place(tiny: Callable[..., str]) -> None:
    with pytest.raises(SpecError, match=r"names code \(own_nets:sound\)"):
        _with_factory(tiny).refuse_user_code()
    _with_table(tiny).refuse_user_code()


def test_a_stage_table_is_searched_and_exported(tiny: Callable[..., str]) -> None:
    spec = _with_table(tiny)
    base = spec.base_architecture()
    assert (base.base, base.stem, base.head, base.blocks, base.classes) == ("own", 8, 32, (1, 3), 10)
    assert verify_cost(build_model(base), base) == cost(base)
    found = search_space(spec)
    assert {c.architecture.stem for c in found} == {8}
    again = parse(spec.to_yaml())
    assert again.hash() == spec.hash()
    made = json.loads(json.dumps(family(PAPER, spec.export_architecture(), (1,)).to_dict()))
    assert cost(network(Family.model_validate(made), "b1")).macs == made["models"][1]["macs"]
    assert "'inverted_se'" in CODE_FORMATS["pytorch"](Family.model_validate(made))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"base:{TABLE}  factory: 'a:b'\n", "a table or a factory, not both"),
        (f"base:{TABLE}  strides: [1, 2]\n", "own has a stem and 2 stages, so 3"),
        ("base: {factory: 'a:b', strides: [1]}\n", "a factory's network has its own"),
        (f"base:{TABLE}".replace("block: inverted,", "block: dense,") + "\n", "unknown block 'dense'"),
        ("family: {base: own}\n", "unknown network 'own'"),
        (f"base:{TABLE}".replace("mobilenet_v2", "mobilenet_v3").replace("head: 32", "head: 0"), "hidden layer"),
    ],
)
def test_a_wrong_base_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"name: x\n{text}")
    assert words in str(caught.value)


def test_names_and_hashes_are_apart() -> None:
    assert "own" not in FACTS
    assert parse(f"name: x\nbase:{TABLE}").hash() != parse("name: x").hash()
