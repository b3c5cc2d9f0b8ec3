"""The API of trials, choices, families, plots and exports, on a study that was really run."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from scaling_search.records import TrialEnd
from scaling_search.store import Control, Store
from tests.support.service import STUDY, V1, ok, printed


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_trials_download_as_the_command_line_writes_them(
    client: TestClient, db: Path, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"cli.{form}"
    printed("trials", "tiny", "--db", str(db), "--format", form, "-o", str(file))
    answer = client.get(f"{STUDY}/trials.{form}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="tiny-trials.{form}"'
    if form == "parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(answer.content)), pd.read_parquet(file))
    else:
        assert answer.content == file.read_bytes()


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "python", "yaml", "html"])
def test_exports_are_those_of_the_command_line(client: TestClient, db: Path, form: str) -> None:
    assert client.get(f"{STUDY}/export/{form}").content == printed("export", "tiny", "--db", str(db), "--format", form)


def test_the_bundle_is_that_of_the_command_line(client: TestClient, db: Path, tmp_path: Path) -> None:
    printed("export", "tiny", "--db", str(db), "--format", "bundle", "-o", str(tmp_path / "b"))
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{STUDY}/export/bundle").content))
    files = {p.name: p.read_bytes() for p in (tmp_path / "b").iterdir()}
    assert {n.removeprefix("tiny/"): archive.read(n) for n in archive.namelist()} == files


def test_trials_are_filtered_sorted_and_paged(client: TestClient) -> None:
    best = ok(client.get(f"{STUDY}/trials?sort=accuracy&descending=true&role=candidate&limit=4"))
    accuracies = [t["accuracy"] for t in best["trials"]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert best["matching"] == 10
    following = {"sort": "accuracy", "descending": True, "role": "candidate", "limit": 6, "after": best["next"]}
    rest = ok(client.get(f"{STUDY}/trials", params=following))
    assert len({t["number"] for t in best["trials"] + rest["trials"]}) == 10
    assert ok(client.get(f"{STUDY}/trials?state=failed"))["matching"] == 0
    assert "sort" in ok(client.get(f"{STUDY}/trials?sort=nothing"), 422)["error"]["message"]
    lines = client.get(f"{STUDY}/trials.csv?role=base").text.splitlines()
    assert len(lines) == 2


def test_one_trial_has_its_epochs_network_and_log(client: TestClient, store: Store) -> None:
    row = store.trials("tiny")[4]
    trial = ok(client.get(f"{STUDY}/trials/4"))
    assert trial["accuracy"] == row.accuracy
    assert trial["architecture"] == json.loads(json.dumps(row.architecture.to_dict()))
    assert [e["epoch"] for e in trial["curve"]] == [0, 1]
    assert trial["curve"][-1]["accuracy"] == row.accuracy
    assert trial["log"][-1].endswith("complete")
    assert ok(client.get(f"{STUDY}/trials/99"), 404)["error"]["code"] == "not_found"


def test_a_longer_run_of_a_validation_says_so(client: TestClient, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE trial SET planned = 5, test_accuracy = 0.625 WHERE number = 4")
    trial = ok(client.get(f"{STUDY}/trials/4"))
    assert (trial["planned"], trial["test_accuracy"]) == (5, 0.625)
    page = client.get("/studies/tiny/trials/4", headers={"accept": "text/html"}).text
    assert "5 epochs: a longer run" in page
    assert "62.50%" in page


def test_the_choice_comes_with_its_surface(client: TestClient, store: Store) -> None:
    choice = ok(client.get(f"{STUDY}/choice"))
    assert choice["result"] == store.choice("tiny")
    assert len(choice["portrait"]["mean"]) == (choice["portrait"]["steps"] + 1) * (choice["portrait"]["steps"] + 2) / 2
    assert len(choice["portrait"]["paragraphs"]) == 4


def test_the_family_of_any_phi_and_rounding(client: TestClient, store: Store) -> None:
    choice = store.choice("tiny")
    assert choice is not None
    assert ok(client.get(f"{STUDY}/family")) == choice["family"]
    other = ok(client.get(f"{STUDY}/family?phi=1&phi=2&rounding=official"))
    assert [m["phi"] for m in other["models"]] == [0, 1, 2]
    assert other["rounding"] == "official"
    triple = {"alpha": 1.2, "beta": 1.1, "gamma": 1.15}
    line = ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--json"]
    assert ok(client.post(f"{V1}/family", json=triple)) == json.loads(printed(*line))
    small = ["--phi=-1", *line[1:]]
    assert ok(client.post(f"{V1}/family", json={**triple, "phi": [-1]})) == json.loads(printed("family", *small))
    for phi in (99, 0, -7):
        assert client.get(f"{STUDY}/family?phi={phi}").status_code == 422
        assert client.post(f"{V1}/family", json={**triple, "phi": [phi]}).status_code == 422
        assert client.get(f"/studies/tiny/family?phi={phi}").status_code == 422


def test_plots_hold_every_network_and_thinned_curves(client: TestClient, store: Store) -> None:
    plots = ok(client.get(f"{STUDY}/plots"))
    rows = [r for r in store.trials("tiny") if r.role == "candidate"]
    assert {n[0] for n in plots["networks"]} == {r.key for r in rows}
    assert len(plots["curves"]) == 11
    assert {b["lane"] for b in plots["timeline"]} <= {0, 1}
    assert plots["best"][-1][1] == pytest.approx(max(r.accuracy or 0 for r in rows), abs=1e-5)


def test_a_csv_holds_no_formula(client: TestClient, store: Store) -> None:
    Control(store).extend("tiny", store.study("tiny").spec, "h", "ann")
    claim = store.claim("tiny", "x:1", 60)
    assert claim is not None
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE trial SET state = 'waiting', finished_at = NULL WHERE number = 3")
    store.write(claim, started=[3])
    store.write(claim, ended=[TrialEnd(3, "failed", '=HYPERLINK("http://evil.example","x")')])
    text = client.get(f"{STUDY}/trials.csv").text
    assert "'=HYPERLINK" in text
    assert not re.search(r'(^|,)"?=', text, re.MULTILINE)
