"""`plan`, `run` and what happens when a run is repeated, changed, interrupted or fails."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import STUDY, rows_of_table, start_cli
from tests.support.factories import tiny_yaml

PLAN = {"study", "base", "target", "tolerance", "iso_cost_networks", "candidates", "runs", "training_macs"}
PLAN |= {"estimated_seconds", "detectable_difference"}


REFUSED: list[tuple[str, int, str]] = [
    ("plan", 2, "Missing argument 'SPEC'"),
    ("run good.yaml --slots 0", 2, "--slots"),
    ("run good.yaml --slots two", 2, "--slots"),
]


def test_plan_keeps_its_contract(
    printed: Callable[..., bytes], printed_json: Callable[..., Any], tmp_path: Path
) -> None:
    result = printed_json("plan", "quickstart", cwd=tmp_path)
    assert set(result) >= PLAN
    words = printed("plan", "quickstart", cwd=tmp_path).decode()
    assert f"{result['iso_cost_networks']} networks" in words
    assert f"{result['runs']} runs" in words


def test_run_ends_with_what_show_prints_and_reports_each_run(printed_json: Callable[..., Any], study_dir: Path) -> None:
    assert json.loads((study_dir / "out.json").read_text()) == printed_json("show", *STUDY, cwd=study_dir)
    *lines, warning = (study_dir / "err.txt").read_text().splitlines()
    assert warning.startswith("warning: ")  # two epochs of 128 digits train no extreme network
    assert lines[0].startswith("0/11 done, ")
    assert lines[-1].startswith("11/11 done, 0 running, best ")
    assert " left" not in lines[-1]
    assert any("elapsed" in line and " left" in line for line in lines)


def test_a_second_run_changes_nothing_and_prints_the_same(study_dir: Path) -> None:
    before = {
        table: rows_of_table(study_dir, table) for table in ("study", "trial", "epoch", "choice", "family_member")
    }
    process = start_cli("run", "study.yaml", "--db", "s.db", "--json", cwd=study_dir)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, (study_dir / "out.json").read_bytes())
    assert {table: rows_of_table(study_dir, table) for table in before} == before


def test_a_changed_spec_is_refused_with_what_differs(study_dir: Path) -> None:
    changed = (study_dir / "study.yaml").read_text().replace("epochs: 1", "epochs: 2") + "run: {slots: 1}\n"
    (study_dir / "changed.yaml").write_text(changed)
    process = start_cli("run", "changed.yaml", "--db", "s.db", cwd=study_dir)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert "proxy.epochs: 1 → 2" in err.decode()
    assert "slots" not in err.decode()
    assert "Traceback" not in err.decode()


def test_ctrl_c_pauses_and_says_how_to_go_on(printed_json: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(tiny_yaml())
    process = start_cli("run", "study.yaml", "--db", "s.db", "--slots", "1", cwd=tmp_path)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(b"1/11 done"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert "go on with: scaling-search run study.yaml --db s.db" in err.decode()
    shown = printed_json("show", *STUDY, cwd=tmp_path)
    assert (shown["state"], shown["choice"], shown["finished"]) == ("paused", None, None)
    assert shown["counts"]["running"] == 0
    assert shown["counts"]["complete"] >= 1


def test_a_study_that_fails_says_why(printed: Callable[..., bytes], diverging: str, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(diverging + "run: {max_failures: 0}\n")
    process = start_cli("run", "study.yaml", "--db", "s.db", cwd=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert "study 'tiny' failed" in err.decode()
    assert "the loss is not finite" in err.decode()
    assert "Traceback" not in err.decode()
    assert "tiny: failed: 1 trials failed" in printed("show", *STUDY, cwd=tmp_path).decode()


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
