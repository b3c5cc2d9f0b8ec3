"""The API, operation by operation, over a study that was really run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scaling_search.cli import app
from scaling_search.spec.study import StudySpec
from scaling_search.store import Control, Store

V1 = "/api/v1"
STUDY = f"{V1}/studies/tiny"


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def printed(*arguments: str) -> bytes:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def test_a_study_is_launched_steered_extended_and_deleted(client: TestClient, tiny: Callable[..., str]) -> None:
    made = client.post(f"{V1}/studies", json={"spec": tiny("fresh"), "slots": 1, "priority": 3})
    assert made.headers["location"] == f"{V1}/studies/fresh"
    shown = ok(made, 201)
    assert (shown["state"], shown["launched_by"], shown["slots"], shown["priority"]) == ("queued", "local", 1, 3)
    assert shown["total"] == 11
    fresh = f"{V1}/studies/fresh"
    assert ok(client.post(f"{fresh}/pause"))["state"] == "paused"
    assert ok(client.post(f"{fresh}/resume"))["state"] == "queued"
    assert ok(client.post(f"{fresh}/stop"))["state"] == "stopped"
    longer = ok(client.post(f"{fresh}/extend", json={"trials": 10}))
    assert (longer["state"], longer["total"], longer["spec"]["search"]["replicates"]) == ("queued", 21, 4)
    assert ok(client.patch(fresh, json={"slots": None, "archived": True}))["slots"] is None
    assert [s["name"] for s in ok(client.get(f"{V1}/studies?archived=true"))["studies"]] == ["fresh"]
    assert ok(client.delete(fresh), 204) is None
    assert client.get(fresh).status_code == 404
    actions = [(a["action"], a["study"]) for a in ok(client.get(f"{V1}/audit"))]
    wanted = ["delete", "change", "extend", "stop", "resume", "pause", "launch"]
    assert actions == [(a, "fresh") for a in wanted]


def test_states_that_do_not_allow_it_are_a_conflict(client: TestClient, tiny: Callable[..., str]) -> None:
    for verb in ("pause", "stop", "cancel", "resume"):
        error = ok(client.post(f"{STUDY}/{verb}"), 409)["error"]
        assert error["code"] == "conflict"
        assert "complete" in error["message"]
    assert "already" in ok(client.post(f"{V1}/studies", json={"spec": tiny()}), 409)["error"]["message"]


def test_a_plan_is_what_the_command_line_prints(client: TestClient, tiny: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(tiny())
    wanted = json.loads(printed("plan", str(file), "--json"))
    found = ok(client.post(f"{V1}/specs/plan", json={"spec": tiny()}))
    assert found.pop("svg").startswith("<svg")
    assert found == wanted
    as_fields = StudySpec.model_validate(yaml.safe_load(tiny())).model_dump(mode="json")
    assert ok(client.post(f"{V1}/specs/plan", json={"spec": as_fields}))["runs"] == 11


def test_a_spec_is_checked_field_by_field(client: TestClient, tiny: Callable[..., str]) -> None:
    found = ok(client.post(f"{V1}/specs/check", json={"spec": tiny(trials="0", epochs="x")}))
    assert not found["valid"]
    assert {"search.trials", "proxy.epochs"} <= {f["field"] for f in found["faults"]}
    good = ok(client.post(f"{V1}/specs/check", json={"spec": tiny(), "changes": {"search.trials": 30, "run.slots": 2}}))
    assert good["valid"]
    assert (good["values"]["search"]["trials"], good["values"]["run"]["slots"]) == (30, 2)
    again = ok(client.post(f"{V1}/specs/check", json={"spec": good["text"], "changes": {"run.slots": None}}))
    assert "run:" not in again["text"]
    broken = ok(client.post(f"{V1}/specs/check", json={"spec": "name: [1"}))
    assert "line" in broken["faults"][0]["message"]


def test_every_shipped_spec_can_be_planned_from_the_page(client: TestClient) -> None:
    found = ok(client.get(f"{V1}/specs"))
    assert {"quickstart", "fashion_mnist_b0"} <= set(found)
    assert ok(client.post(f"{V1}/specs/check", json={"spec": found["quickstart"]}))["valid"]
    assert ok(client.get(f"{V1}/specs/schema"))["properties"]["search"]


def test_studies_are_listed_in_pages(client: TestClient, tiny: Callable[..., str]) -> None:
    for i in range(3):
        ok(client.post(f"{V1}/studies", json={"spec": tiny(f"more{i}")}), 201)
    first = ok(client.get(f"{V1}/studies?limit=3"))
    rest = ok(client.get(f"{V1}/studies", params={"limit": 3, "after": first["next"]}))
    assert [s["name"] for s in first["studies"] + rest["studies"]] == ["more2", "more1", "more0", "tiny"]
    assert rest["next"] is None
    assert [s["name"] for s in ok(client.get(f"{V1}/studies?q=more1"))["studies"]] == ["more1"]
    assert [s["name"] for s in ok(client.get(f"{V1}/studies?state=complete"))["studies"]] == ["tiny"]
    (tiny_one,) = ok(client.get(f"{V1}/studies?sort=best&limit=1"))["studies"]
    assert tiny_one["best"] is not None
    assert tiny_one["choice"]["shares"]


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


def test_the_bundle_is_the_command_line_s_folder(client: TestClient, db: Path, tmp_path: Path) -> None:
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
    shown = client.get(f"{STUDY}/trials.csv?role=base").text.splitlines()
    assert len(shown) == 2


def test_one_trial_has_its_epochs_network_and_log(client: TestClient, store: Store) -> None:
    row = store.trials("tiny")[4]
    found = ok(client.get(f"{STUDY}/trials/4"))
    assert found["accuracy"] == row.accuracy
    assert found["architecture"] == json.loads(json.dumps(row.architecture.to_dict()))
    assert [e["epoch"] for e in found["curve"]] == [0, 1]
    assert found["curve"][-1]["accuracy"] == row.accuracy
    assert found["log"][-1].endswith("complete")
    assert ok(client.get(f"{STUDY}/trials/99"), 404)["error"]["code"] == "not_found"


def test_a_longer_run_of_a_validation_says_so(client: TestClient, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE trial SET planned = 5, test_accuracy = 0.625 WHERE number = 4")
    found = ok(client.get(f"{STUDY}/trials/4"))
    assert (found["planned"], found["test_accuracy"]) == (5, 0.625)
    shown = client.get("/studies/tiny/trials/4", headers={"accept": "text/html"}).text
    assert "5 epochs: a longer run" in shown
    assert "62.50%" in shown


def test_the_choice_comes_with_its_surface(client: TestClient, store: Store) -> None:
    found = ok(client.get(f"{STUDY}/choice"))
    assert found["result"] == store.choice("tiny")
    assert len(found["portrait"]["mean"]) == (found["portrait"]["steps"] + 1) * (found["portrait"]["steps"] + 2) / 2
    assert len(found["portrait"]["paragraphs"]) == 4


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
    found = ok(client.get(f"{STUDY}/plots"))
    rows = [r for r in store.trials("tiny") if r.role == "candidate"]
    assert {n[0] for n in found["networks"]} == {r.key for r in rows}
    assert len(found["curves"]) == 11
    assert {b["lane"] for b in found["timeline"]} <= {0, 1}
    assert found["best"][-1][1] == pytest.approx(max(r.accuracy or 0 for r in rows), abs=1e-5)


def test_health_readiness_and_metrics(client: TestClient, store: Store) -> None:
    assert ok(client.get(f"{V1}/health")) == {"status": "ok", "schema_version": None}
    assert ok(client.get(f"{V1}/ready"))["schema_version"]
    text = client.get(f"{V1}/metrics").text
    assert 'scaling_search_trials{state="complete"} 11.0' in text
    assert 'scaling_search_requests_total{method="GET",route="/api/v1/health",status="200"} 1.0' in text
    store.close()


def test_every_operation_is_documented_with_its_errors(client: TestClient) -> None:
    document = ok(client.get(f"{V1}/openapi.json"))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert "401" in operation["responses"], (method, path)
    launch = document["components"]["schemas"]["Launch"]["properties"]["spec"]
    assert "name: tiny" in launch["examples"][0]


def test_what_is_asked_of_a_running_study_waits_for_its_coordinator(client: TestClient, store: Store) -> None:
    Control(store).extend("tiny", store.study("tiny").spec, "h", "ann")
    claim = store.claim("tiny", "elsewhere:1", 60)
    assert claim is not None
    store.move_study(claim, "running")
    assert ok(client.post(f"{STUDY}/pause"))["request"] == "pause"
    assert ok(client.post(f"{STUDY}/resume"))["request"] is None
    assert client.delete(STUDY).status_code == 409
    assert ok(client.patch(STUDY, json={"slots": 7}))["slots"] == 7
