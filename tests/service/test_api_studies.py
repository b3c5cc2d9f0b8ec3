"""The API of specs and studies, on a study that was really run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import yaml
from starlette.testclient import TestClient

from scaling_search.spec.study import StudySpec
from scaling_search.store import Control, Store
from tests.support.service import STUDY, V1, ok, printed


def test_a_study_is_launched_steered_extended_and_deleted(client: TestClient, tiny: Callable[..., str]) -> None:
    answer = client.post(f"{V1}/studies", json={"spec": tiny("fresh"), "slots": 1, "priority": 3})
    assert answer.headers["location"] == f"{V1}/studies/fresh"
    launched = ok(answer, 201)
    assert (launched["state"], launched["launched_by"], launched["slots"], launched["priority"]) == (
        "queued",
        "local",
        1,
        3,
    )
    assert launched["total"] == 11
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


def test_a_request_that_the_state_does_not_allow_is_a_conflict(client: TestClient, tiny: Callable[..., str]) -> None:
    for verb in ("pause", "stop", "cancel", "resume"):
        error = ok(client.post(f"{STUDY}/{verb}"), 409)["error"]
        assert error["code"] == "conflict"
        assert "complete" in error["message"]
    assert "already" in ok(client.post(f"{V1}/studies", json={"spec": tiny()}), 409)["error"]["message"]


def test_a_plan_is_what_the_command_line_prints(client: TestClient, tiny: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(tiny())
    wanted = json.loads(printed("plan", str(file), "--json"))
    plan = ok(client.post(f"{V1}/specs/plan", json={"spec": tiny()}))
    assert plan.pop("svg").startswith("<svg")
    assert plan == wanted
    as_fields = StudySpec.model_validate(yaml.safe_load(tiny())).model_dump(mode="json")
    assert ok(client.post(f"{V1}/specs/plan", json={"spec": as_fields}))["runs"] == 11


def test_a_spec_is_checked_field_by_field(client: TestClient, tiny: Callable[..., str]) -> None:
    invalid = ok(client.post(f"{V1}/specs/check", json={"spec": tiny(trials="0", epochs="x")}))
    assert not invalid["valid"]
    assert {"search.trials", "proxy.epochs"} <= {f["field"] for f in invalid["faults"]}
    good = ok(client.post(f"{V1}/specs/check", json={"spec": tiny(), "changes": {"search.trials": 30, "run.slots": 2}}))
    assert good["valid"]
    assert (good["values"]["search"]["trials"], good["values"]["run"]["slots"]) == (30, 2)
    again = ok(client.post(f"{V1}/specs/check", json={"spec": good["text"], "changes": {"run.slots": None}}))
    assert "run:" not in again["text"]
    broken = ok(client.post(f"{V1}/specs/check", json={"spec": "name: [1"}))
    assert "line" in broken["faults"][0]["message"]


def test_every_shipped_spec_can_be_planned_from_the_page(client: TestClient) -> None:
    specs = ok(client.get(f"{V1}/specs"))
    assert {"quickstart", "fashion_mnist_b0"} <= set(specs)
    assert ok(client.post(f"{V1}/specs/check", json={"spec": specs["quickstart"]}))["valid"]
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


def test_a_request_to_a_running_study_waits_for_its_coordinator(client: TestClient, store: Store) -> None:
    Control(store).extend("tiny", store.study("tiny").spec, "h", "ann")
    claim = store.claim("tiny", "elsewhere:1", 60)
    assert claim is not None
    store.move_study(claim, "running")
    assert ok(client.post(f"{STUDY}/pause"))["request"] == "pause"
    assert ok(client.post(f"{STUDY}/resume"))["request"] is None
    assert client.delete(STUDY).status_code == 409
    assert ok(client.patch(STUDY, json={"slots": 7}))["slots"] == 7
