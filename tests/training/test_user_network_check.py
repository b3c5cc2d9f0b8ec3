"""The checks of a base find every planted fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.errors import InputError
from scaling_search.networks import user_network_cost as measured
from scaling_search.training.user_network import import_factory
from scaling_search.training.user_network_check import check_base
from tests.support.user_networks import HEADLESS, OWN_NETS_DIR, write_factory

FAULTS = {
    "no_depth": ("depth", "depth is ignored: at 2× depth the network has the same"),
    "no_width": ("width", "width is ignored: at 2× width the network has the same"),
    "fixed_size": ("any resolution", "images of 33 px fail"),
    "falls": ("monotone in depth", "cost falls as depth grows: from"),
    "drawn": ("same network", "built three times at depth 1 and width 1, it is not the same network"),
}


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


@pytest.fixture
def cache_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache of measured costs, with the folder of ``own_nets`` as the working directory."""
    monkeypatch.chdir(OWN_NETS_DIR)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    measured.measured_costs.cache_clear()
    return tmp_path


@pytest.fixture
def empty_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(fault: str, cache_dir: Path) -> None:
    found = check_base(import_factory(f"own_nets:{fault}"), channels=1)
    name, words = FAULTS[fault]
    wrong = {f.check: f.sentence for f in found if not f.ok}
    assert name in wrong
    assert words in wrong[name]
    assert fault in ("drawn", "fixed_size", "falls") or list(wrong) == [name]


def test_sound_bases_pass(cache_dir: Path) -> None:
    assert all(f.ok for f in check_base(import_factory("own_nets:sound"), channels=1))
    run = CliRunner().invoke
    passed = run(app, ["base", "check", "resnet18", "--json"])
    assert passed.exit_code == 0
    assert all(f["ok"] for f in json.loads(passed.stdout))
    failed = run(app, ["base", "check", "own_nets:no_depth", "--channels", "1"])
    assert "FAIL  depth: depth is ignored" in failed.stdout
    assert isinstance(failed.exception, InputError)


@pytest.mark.parametrize("fault", BROKEN)
def test_what_a_factory_raises_is_a_finding(fault: str, empty_dir: Path) -> None:
    code, words = BROKEN[fault]
    name = write_factory(empty_dir, fault, code.replace("{here!r}", repr(str(OWN_NETS_DIR))))
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


def test_a_study_is_checked_with_its_own_images_classes_and_divisor(cache_dir: Path) -> None:
    (cache_dir / "study.yaml").write_text(HEADLESS)
    (cache_dir / "own.yaml").write_text(
        "name: own\nbase: {factory: 'own_nets:sound', resolution: 12, width: 0.5}\nfamily: {base: own, phi: [1]}\n"
        "proxy: {dataset: digits, train_size: 128, validation_size: 128, batch_size: 64}\n"
    )
    for study, sides in (("study", "18, 19, 21, 27, 36"), ("own", "12, 13, 15, 18, 24")):
        done = CliRunner().invoke(app, ["base", "check", str(cache_dir / f"{study}.yaml")])  # images of one channel
        assert done.exit_code == 0, done.output
        assert f"images of {sides} px work" in done.stdout
    wrong = CliRunner().invoke(app, ["base", "check", str(cache_dir / "own.yaml"), "--channels", "3", "--px", "40"])
    assert "images of 40 px fail (RuntimeError" in wrong.stdout
