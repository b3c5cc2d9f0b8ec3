"""`family` without a study."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PX_ONLY = "family --base efficientnet_v2_s --alpha 1 --beta 1 --gamma 1.41"
TRIPLE = "family --alpha 1.2 --beta 1.1 --gamma 1.15"
MODEL = ["name", "phi", "depth", "width", "resolution", "dropout", "repeats", "channels", "params", "macs"]
MODEL += ["macs_ratio", "target_ratio"]


REFUSED: list[tuple[str, int, str]] = [
    ("family --preset efficientnet -o nowhere/x", 2, "cannot write nowhere/x"),
    ("family --preset efficientnet --format bogus --json", 2, "choose one of: json, csv, markdown, python"),
    ("family --preset efficientnet --format xml", 2, "choose one of: json, csv, markdown, python"),
    ("family", 2, "--alpha, --beta and --gamma are needed"),
    ("family --alpha 1.2 --beta 1.1", 2, "--alpha, --beta and --gamma are needed"),
    ("family --preset resnet", 2, "unknown preset 'resnet'"),
    ("family --alpha deep --beta 1.1 --gamma 1.15", 2, "--alpha"),
    ("family --alpha 0.9 --beta 1.1 --gamma 1.15", 2, "alpha is 0.9; it must be from 1 to 4"),
    ("family --alpha nan --beta 1.1 --gamma 1.15", 2, "alpha is nan"),
    ("family --alpha 1 --beta 1 --gamma 1", 2, "nothing grows"),
    (f"{PX_ONLY} --phi 2", 2, "φ = 2 needs 769 px where nothing else grows, and efficientnet_v2_s stops at 480 px"),
    (f"{TRIPLE} --phi one,two", 2, "--phi: 'one,two'"),
    (f"{TRIPLE} --phi 0", 2, "--phi: '0'"),
    (f"{TRIPLE} --phi 1,,2", 2, "--phi: '1,,2'"),
    (f"{TRIPLE} --phi nan", 2, "--phi: 'nan'"),
    (f"{TRIPLE} --phi 99", 2, "from −6 to 12"),
    (f"{TRIPLE} --rounding floor", 2, "choose one of: nearest, official"),
    (f"{TRIPLE} --base resnet", 2, "unknown base network 'resnet'"),
    (f"{TRIPLE} --resolution 2", 2, "--resolution"),
]


def test_the_preset_is_the_released_family(printed_json: Callable[..., Any], tmp_path: Path) -> None:
    result = printed_json("family", "--preset", "efficientnet", cwd=tmp_path)
    head = {"base": "efficientnet_b0", "rounding": "official", "alpha": 1.2, "beta": 1.1, "gamma": 1.15}
    assert {key: result[key] for key in head} == head
    golden = json.loads((Path(__file__).parents[1] / "golden" / "efficientnet.json").read_text())["models"]
    same = ("name", "params", "macs", "repeats")
    assert [[m[k] for k in same] for m in result["models"]] == [[m[k] for k in same] for m in golden]
    assert all(set(m) == {*MODEL, "phi_fitted"} and m["phi"] is None for m in result["models"])


def test_a_family_of_any_triple(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    triple = ("family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--phi", "1,2")
    solved, official = (printed_json(*triple, "--rounding", policy, cwd=tmp_path) for policy in ("nearest", "official"))
    assert [list(m) for m in solved["models"]] == [MODEL] * 3
    assert [m["phi"] for m in solved["models"]] == [0, 1, 2]
    assert [m["macs_ratio"] for m in solved["models"]] == pytest.approx([1, 2, 4], rel=0.01)
    assert (official["rounding"], official["models"][1]["depth"]) == ("official", 1.2)
    small = printed_json(*triple, "--base", "efficientnet_b0", "--resolution", "96", cwd=tmp_path)
    assert small["models"][0]["resolution"] == 96
    assert "B2" in printed(*triple, cwd=tmp_path).decode()


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "python"])
def test_a_family_is_exported_without_a_study(printed: Callable[..., bytes], tmp_path: Path, form: str) -> None:
    shown = printed("family", "--preset", "efficientnet", "--format", form, cwd=tmp_path)
    assert printed("family", "--preset", "efficientnet", "--format", form, "-o", "result", cwd=tmp_path) == b""
    assert (tmp_path / "result").read_bytes() == shown
    assert b"66347960" in shown or b"66.35" in shown


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
