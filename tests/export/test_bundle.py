"""The bundle: no digit is lost, every column is explained, and a folder is written whole or not at all."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scaling_search.errors import InputError
from scaling_search.export.bundle import bundle, write_bundle
from scaling_search.export.frames import epoch_frame
from scaling_search.networks.bases import EFFICIENTNET_B0
from scaling_search.networks.candidates import candidate
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.family import family
from scaling_search.records import EpochResult, StudyRow, TrialRow
from tests.support.factories import trial_row

WHEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STUDY = StudyRow(
    "fashion", "=1+1", "complete", None, {"name": "fashion"}, "0a1b", {"torch": "2.14.1"}, WHEN, WHEN, None
)
CHOICE: dict[str, Any] = {
    "alpha": 1.2, "beta": 1.1, "gamma": 1.15, "product": 1.92, "shares": [0.2, 0.3, 0.5], "key": "d16-w9-r8-abc",
    "accuracy": 0.8, "accuracy_interval": [0.79, 0.81], "method": "mixture quadratic", "runs": 12, "networks": 10,
    "seed_noise": None, "network_effect": 0.1, "expected_regret": 0.2, "tie_fraction": 0.5, "verdict": "half tie",
    "tie_region": [{"key": "d16-w9-r8-abc", "shares": [0.2, 0.3, 0.5]}],
    "probability_better_than": {"paper": 0.9, "equal": None}, "family": family(PAPER, phi=(1.0,)).to_dict(),
}  # fmt: skip
ERROR = '=HYPERLINK("http://x")\nsecond line'


@pytest.fixture(scope="module")
def rows() -> list[TrialRow]:
    """A complete run, and a failed one whose error looks like a formula."""
    c = candidate(EFFICIENTNET_B0, EFFICIENTNET_B0.resized(256))
    done = trial_row(c, counted_macs=c.cost.macs, accuracy=0.1 + 0.2, started_at=WHEN, finished_at=WHEN)
    return [done, replace(done, number=1, state="failed", accuracy=None, loss=None, error=ERROR, finished_at=None)]


EPOCHS = [(0, 1, EpochResult(0, 1.0, 0.9, 0.1 + 0.2, -0.0, 15.0, 500.0))]


@pytest.fixture(scope="module")
def files(rows: list[TrialRow]) -> dict[str, bytes]:
    return bundle(STUDY, rows, EPOCHS, CHOICE)


def test_it_has_each_table_twice_and_says_what_is_in_it(files: dict[str, bytes]) -> None:
    stems = ("trials", "epochs", "choice", "family")
    assert set(files) == {*(f"{s}.{e}" for s in stems for e in ("csv", "parquet")), "study.json", "README.txt"}
    assert files["README.txt"].decode().startswith("Study fashion: complete.")


@pytest.mark.parametrize("stem", ["trials", "epochs", "choice", "family"])
def test_csv_and_parquet_agree_to_the_digit(files: dict[str, bytes], stem: str) -> None:
    parquet = pd.read_parquet(io.BytesIO(files[f"{stem}.parquet"]))
    read = pd.read_csv(io.BytesIO(files[f"{stem}.csv"]))
    assert list(read.columns) == list(parquet.columns)
    numbers = parquet.select_dtypes("number").columns
    assert len(numbers) >= 8
    pd.testing.assert_frame_equal(read[numbers], parquet[numbers], check_dtype=False, check_exact=True)


def test_numbers_are_those_that_were_stored(files: dict[str, bytes], rows: list[TrialRow]) -> None:
    trials = pd.read_parquet(io.BytesIO(files["trials.parquet"]))
    assert trials["accuracy"][0] == rows[0].accuracy
    assert trials["channels"][0].tolist() == rows[0].channels
    assert trials["error"][1] == ERROR
    assert pd.read_csv(io.BytesIO(files["trials.csv"]))["blocks"][0] == "-".join(map(str, rows[0].blocks))
    choice = pd.read_parquet(io.BytesIO(files["choice.parquet"])).iloc[0]
    assert (choice["share_width"], choice["accuracy_low"], choice["better_than_paper"]) == (0.3, 0.79, 0.9)
    assert choice["tie_networks"] == 1
    assert pd.isna(choice["seed_noise"])


def test_no_text_in_a_csv_is_a_formula(files: dict[str, bytes]) -> None:
    assert pd.read_csv(io.BytesIO(files["trials.csv"]))["error"][1] == "'" + ERROR


def test_the_json_document_holds_choice_family_and_study(files: dict[str, bytes]) -> None:
    study = json.loads(files["study.json"])
    assert {**study["choice"], "family": study["family"]} == CHOICE
    assert (study["spec"], study["description"], study["finished_at"]) == ({"name": "fashion"}, "=1+1", None)
    assert study["created_at"] == "2026-11-24T12:00:00+00:00"


@pytest.mark.parametrize("stem", ["trials", "epochs", "choice", "family"])
def test_every_column_is_explained(files: dict[str, bytes], stem: str) -> None:
    parts = files["README.txt"].decode().split("\n\n")
    (part,) = [p for p in parts if p.startswith(f"{stem}:")]
    words = part.replace(",", " ").split()
    for column in pd.read_parquet(io.BytesIO(files[f"{stem}.parquet"])).columns:
        assert column in words or (column.startswith("better_than_") and "better_than_*" in words), column


def test_a_study_without_a_choice_has_a_bundle(rows: list[TrialRow]) -> None:
    files = bundle(STUDY, rows[1:], [], None)
    assert not {"choice.csv", "family.csv"} & set(files)
    assert "no choice and no family" in files["README.txt"].decode()
    assert json.loads(files["study.json"])["choice"] is None
    assert list(pd.read_csv(io.BytesIO(files["epochs.csv"])).columns) == list(epoch_frame(EPOCHS).columns)


@pytest.mark.parametrize("exists", [True, False])
def test_a_new_or_empty_folder_gets_all_files(files: dict[str, bytes], tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "out").mkdir()
    write_bundle(files, tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == files
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_holds_something_is_refused_and_left_alone(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="is not empty"):
        write_bundle(files, tmp_path)
    with pytest.raises(InputError, match="cannot be replaced"):
        write_bundle(files, tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_working_directory_is_not_pulled_from_under_the_user(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="cannot be replaced"):
        write_bundle(files, Path())


def test_a_full_disk_leaves_nothing(files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "README.txt":
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_bundle(files, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(files: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        write_bundle(files, tmp_path / "nowhere" / "out")
