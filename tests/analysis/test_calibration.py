"""The rate rule and its words, from accuracies; and a real, tiny calibration."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaling_search.analysis.calibration import Arm, Calibration, differences, find_rule, rate_specs, rule_spec
from scaling_search.errors import InputError
from scaling_search.networks.candidates import extremes
from scaling_search.spec.edit import write_rule
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import load, parse


def arms(best: dict[str, float], spread: float = 0.001) -> list[Arm]:
    """Accuracy 0.8 at each network's best rate, 2 points less for each factor of two away from it."""
    import math

    return [
        Arm(axis, rate, (level - spread, level + spread))
        for axis, top in best.items()
        for rate in (0.002, 0.004, 0.008)
        for level in [0.8 - 0.02 * abs(math.log2(rate / top))]
    ]


def test_the_exponent_gives_the_deep_network_its_own_best_rate(tiny: Callable[..., str]) -> None:
    spec = parse(tiny())
    rate, exponent = find_rule(spec, arms({"base": 0.004, "width": 0.004, "resolution": 0.004, "depth": 0.002}))
    depth = extremes(search_space(spec))["depth"].depth
    assert rate == 0.004
    assert rate * depth**-exponent == pytest.approx(0.002, rel=0.02)
    recipe = spec.proxy.model_copy(update={"learning_rate": 0.004, "depth_exponent": exponent})
    assert recipe.at_depth(depth).learning_rate == pytest.approx(0.002, rel=0.02)
    assert recipe.at_depth(1.0).learning_rate == 0.004


def test_equal_best_rates_need_no_exponent(tiny: Callable[..., str]) -> None:
    found = arms(dict.fromkeys(("base", "width", "resolution", "depth"), 0.008))
    assert find_rule(parse(tiny()), found) == (0.008, 0.0)


def test_a_network_without_runs_is_named(tiny: Callable[..., str]) -> None:
    with pytest.raises(InputError, match="no run of depth"):
        find_rule(parse(tiny()), arms(dict.fromkeys(("base", "width", "resolution"), 0.004)))


@pytest.mark.parametrize(("extreme", "base", "words"), [
    ([0.800, 0.801, 0.802], [0.790, 0.791, 0.792], "depth trains"),
    ([0.700, 0.701, 0.702], [0.790, 0.791, 0.792], "does not train"),
    ([0.78, 0.82], [0.79, 0.81], "not proven"),
    ([0.8], [0.8], "not proven"),
])  # fmt: skip
def test_an_axis_is_judged_by_its_bound(extreme: list[float], base: list[float], words: str) -> None:
    depth, *_ = differences({"base": base, "depth": extreme, "width": base, "resolution": base})
    assert words in depth.words


def test_the_bound_is_student_s_with_the_spread_of_all_networks() -> None:
    """Four groups of 3, sd 1 point, means 1 apart: 1 − 1.860·√(2/3) (Student's t of 8 degrees, 95 %)."""
    low, high = [0.79, 0.80, 0.81], [0.80, 0.81, 0.82]
    found = {d.axis: d for d in differences({"base": low, "depth": low, "width": high, "resolution": low})}
    assert set(found) == {"depth", "width", "resolution"}
    assert found["width"].points == pytest.approx(1.0)
    assert found["width"].bound == pytest.approx(1 - 1.8595 * (2 / 3) ** 0.5, abs=1e-3)
    assert found["depth"].points == pytest.approx(0.0)


def test_the_rule_is_judged_by_other_seeds_than_those_that_found_it(tiny: Callable[..., str]) -> None:
    spec = parse(tiny())
    judged = rule_spec(spec, 0.002, 0.5, seeds=5)
    assert (judged.proxy.learning_rate, judged.proxy.depth_exponent) == (0.002, 0.5)
    assert (judged.search.trials, judged.search.base_runs) == (15, 5)
    assert judged.search.seed not in {s.search.seed for s in rate_specs(spec, seeds=2)}


def test_the_rule_is_written_into_the_file_and_nothing_else_changes(tiny: Callable[..., str]) -> None:
    text = "name: w  # kept\nproxy:\n  epochs: 4   # kept too\n  learning_rate: 0.1\n\nsearch:\n  trials: 8\n"
    found = Calibration(0.002, 0.0, (), (), ())
    written = write_rule(text, found.learning_rate, found.depth_exponent)
    before, after = parse(text), parse(written)
    assert (after.proxy.learning_rate, after.proxy.depth_exponent) == (0.002, 0.0)
    assert after.proxy.model_copy(update={"learning_rate": 0.1}) == before.proxy
    assert after.search == before.search
    assert "# kept" in written
    assert "# kept too" in written
    assert write_rule(written, found.learning_rate, found.depth_exponent) == written
    assert parse(write_rule("name: w\n", found.learning_rate, found.depth_exponent)).proxy.learning_rate == 0.002
    with pytest.raises(InputError, match="not in block style"):
        write_rule("name: w\nproxy: {epochs: 1}\n", found.learning_rate, found.depth_exponent)


def test_rates_are_three_studies_of_the_base_and_the_extremes(tiny: Callable[..., str]) -> None:
    made = rate_specs(parse(tiny()), seeds=3)
    assert [s.proxy.learning_rate for s in made] == [0.002, 0.004, 0.008]
    assert all(s.search.trials == 9 and s.search.base_runs == 3 and s.search.sampler == "extremes" for s in made)
    assert len({s.name for s in made}) == 3
    assert all(StudySpec.model_validate(s.model_dump()) == s for s in made)


def test_calibrate_for_real(tiny: Callable[..., str], digits_root: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    block = f"proxy:\n  dataset: digits\n  root: {digits_root}\n  train_size: 64\n  validation_size: 64\n  epochs: 1\n  batch_size: 32\n"
    file.write_text(tiny().split("proxy:")[0] + block)
    command = [
        sys.executable,
        "-m",
        "scaling_search.cli",
        "calibrate",
        str(file),
        "--db",
        str(tmp_path / "c.db"),
        "--seeds",
        "1",
        "--judges",
        "2",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["arms"]) == 12
    assert [len(a["accuracies"]) for a in found["confirmed"]] == [2, 2, 2, 2]
    assert all(d["bound"] < d["points"] for d in found["differences"])
    assert load(file).proxy.learning_rate == found["learning_rate"]
    assert load(file).proxy.depth_exponent == found["depth_exponent"]
