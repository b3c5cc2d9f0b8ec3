"""`show`, `list`, `choose`, `trials` and `export` on a finished study."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import scaling_search
from scaling_search.records import TRIAL_STATES
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.support.cli import STUDY, rows_of_table

CHOICE = {"alpha", "beta", "gamma", "shares", "product", "accuracy", "method", "tie_region", "probability_better_than"}
TRIAL = {"number", "round", "role", "state", "seed", "alpha", "beta", "gamma", "key", "share_depth", "share_width"}
TRIAL |= {"share_resolution", "depth", "width", "resolution_ratio", "blocks", "channels", "resolution", "macs"}
TRIAL |= {"macs_ratio", "params", "activations", "counted_macs", "attempts", "epochs", "accuracy", "loss", "seconds"}
TRIAL |= {"error", "started_at", "finished_at"}


REFUSED: list[tuple[str, int, str]] = [
    ("show", 2, "Missing argument 'STUDY'"),
    ("show nope --db s.db", 2, "there is no study 'nope'"),
    ("show nope --db s.db", 2, "known: queued"),
    ("trials nope --db s.db", 2, "there is no study 'nope'"),
    ("choose nope --db s.db", 2, "there is no study 'nope'"),
    ("export nope --db s.db", 2, "there is no study 'nope'"),
    ("export queued --db s.db", 2, "has no choice yet"),
    ("export queued --db s.db --format bundle", 2, "--format bundle needs --output"),
    ("export queued --db s.db --format curves", 2, "nothing to draw in curves yet"),
    ("choose queued --db s.db", 1, "nothing to choose from"),
    ("trials queued --db s.db --format xml", 2, "choose one of: csv, json, parquet"),
    ("trials queued --db s.db -o nowhere/x.csv", 2, "cannot write nowhere/x.csv"),
    ("trials queued --db s.db -o folder", 2, "cannot write folder"),
    ("trials queued --db s.db --format bogus --json", 2, "choose one of: csv, json, parquet"),
]


def test_show_keeps_its_contract(printed_json: Callable[..., Any], study_dir: Path) -> None:
    shown = printed_json("show", *STUDY, cwd=study_dir)
    assert {"study", "state", "counts", "choice", "started", "finished"} <= set(shown)
    assert (shown["study"], shown["state"]) == ("tiny", "complete")
    assert shown["counts"] == dict.fromkeys(TRIAL_STATES, 0) | {"complete": 11}
    result = shown["choice"]
    assert set(result) >= CHOICE
    assert result["product"] == pytest.approx(result["alpha"] * result["beta"] ** 2 * result["gamma"] ** 2)
    assert sum(result["shares"]) == pytest.approx(1)
    assert result["method"] == "mixture quadratic and Gaussian process"
    assert set(result["probability_better_than"]) == {"paper", "fast", "equal", "depth", "width", "resolution"}
    assert result["tie_region"]
    began, ended = pd.Timestamp(shown["started"]), pd.Timestamp(shown["finished"])
    assert began < ended
    assert began.tz is not None


def test_show_and_list_in_words(printed: Callable[..., bytes], study_dir: Path, choice: dict[str, Any]) -> None:
    words = printed("show", *STUDY, cwd=study_dir).decode()
    assert "tiny: complete (11 complete)" in words
    assert f"α = {choice['alpha']:.4f}" in words
    assert choice["verdict"] in words
    assert "the unscaled base reached" in words
    assert "B7" in words
    listed = printed("list", "--db", "s.db", cwd=study_dir).decode()
    assert "tiny" in listed
    assert "11 complete" in listed


def test_a_reason_is_shown_as_it_is(printed: Callable[..., bytes], tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    store.create_study("tiny", "", {}, "", {})
    claim = store.claim("tiny", "me", 60)
    assert claim is not None
    store.move_study(claim, "running")
    store.move_study(claim, "failed", "no such file: /data[/b]/[red]x")  # Rich would take these for markup
    store.close()
    assert "no such file: /data[/b]/[red]x" in printed("show", *STUDY, cwd=tmp_path).decode()


def test_list_gives_each_study_its_state_and_counts(printed_json: Callable[..., Any], study_dir: Path) -> None:
    (study,) = printed_json("list", "--db", "s.db", cwd=study_dir)
    assert (study["study"], study["state"], study["counts"]) == ("tiny", "complete", {"complete": 11})


def test_choose_gives_the_stored_choice_and_stores_nothing(
    printed_json: Callable[..., Any], study_dir: Path, choice: dict[str, Any]
) -> None:
    before = rows_of_table(study_dir, "choice")
    assert printed_json("choose", *STUDY, cwd=study_dir) == choice
    assert rows_of_table(study_dir, "choice") == before


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_trials_in_every_format_say_the_same(printed: Callable[..., bytes], study_dir: Path, form: str) -> None:
    shown = printed("trials", *STUDY, "--format", form, cwd=study_dir)
    assert printed("trials", *STUDY, "--format", form, "-o", f"trials.{form}", cwd=study_dir) == b""
    assert (study_dir / f"trials.{form}").read_bytes() == shown
    stored = scaling_search.trials("tiny", str(study_dir / "s.db"))
    readers: dict[str, Callable[[io.BytesIO], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "json": pd.read_json,
        "parquet": pd.read_parquet,
    }
    read = readers[form](io.BytesIO(shown))
    assert list(read.columns) == list(stored.columns)
    for column in ("number", "macs", "macs_ratio", "share_width", "accuracy", "loss", "seconds"):
        assert read[column].tolist() == pytest.approx(stored[column].tolist(), nan_ok=True), column
    assert read["key"].tolist() == stored["key"].tolist()


def test_a_study_is_a_data_frame(study_dir: Path) -> None:
    frame = scaling_search.trials("tiny", str(study_dir / "s.db"))
    assert set(frame.columns) >= TRIAL
    assert len(frame) == 11
    assert frame.dtypes["accuracy"] == frame.dtypes["share_depth"] == "float64"
    candidates = frame[frame["role"] == "candidate"]
    shares = candidates[["share_depth", "share_width", "share_resolution"]]
    assert candidates["macs_ratio"].between(1.96, 2.04).all()
    assert shares.sum(axis=1).to_list() == pytest.approx([1] * 10)
    assert frame[frame["role"] == "base"]["share_depth"].isna().all()


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "python"])
def test_export_in_every_format(printed: Callable[..., bytes], study_dir: Path, form: str) -> None:
    shown = printed("export", *STUDY, "--format", form, cwd=study_dir)
    assert printed("export", *STUDY, "--format", form, "-o", f"family.{form}", cwd=study_dir) == b""
    assert (study_dir / f"family.{form}").read_bytes() == shown
    assert all(f"b{i}" in shown.decode() for i in range(8))


@pytest.mark.parametrize(("form", "marks"), [("triangle", "circle"), ("curves", "path"), ("cost", "circle")])
def test_a_figure_is_an_image_of_its_own(printed: Callable[..., bytes], study_dir: Path, form: str, marks: str) -> None:
    image = ElementTree.fromstring(printed("export", *STUDY, "--format", form, cwd=study_dir))
    names = [element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in image.iter()]
    assert names[:2] == ["svg", "style"]
    assert "prefers-color-scheme" in (image[0].text or "")
    assert names.count(marks) >= 8


def test_the_json_export_says_where_it_comes_from(
    printed: Callable[..., bytes], study_dir: Path, choice: dict[str, Any]
) -> None:
    result = json.loads(printed("export", *STUDY, cwd=study_dir))
    spec = parse((study_dir / "study.yaml").read_text())
    assert (result["study"], result["spec_hash"]) == ("tiny", spec.hash())
    assert set(result["versions"]) >= {"torch", "torchvision", "optuna", "scaling-search"}
    assert {**result["choice"], "family": result["family"]} == choice
    for m, phi in zip(result["family"]["models"][1:], spec.family.phi, strict=True):
        assert m["macs_ratio"] == pytest.approx(2**phi, rel=0.01)


@pytest.mark.parametrize(("command", "code", "message"), REFUSED)
def test_it_is_refused_with_one_message(
    assert_refused: Callable[[str, int, str], None], command: str, code: int, message: str
) -> None:
    assert_refused(command, code, message)
