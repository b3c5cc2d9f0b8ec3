"""Hostile specs: malformed text, and names of paths, datasets and code that the server does not allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from scaling_search.errors import SpecError
from scaling_search.service.spec_intake import with_changes
from tests.support.service import V1, refused

BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


@pytest.mark.parametrize(
    "text",
    [BOMB, "[" * 20_000, "{a: " * 20_000, "- " * 50_000, "a: !!python/object/apply:os.system ['true']", "name: x\nname: y", "\x00", "a: " + "9" * 5000, "%", "? [a]\n: b"],
    ids=["bomb", "deep list", "deep mapping", "deep dashes", "python object", "twice", "nul", "huge number", "directive", "odd key"],
)  # fmt: skip
def test_hostile_yaml_is_refused_quickly(client: TestClient, text: str) -> None:
    answer = client.post(f"{V1}/specs/check", json={"spec": text})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert not answer.json()["valid"]
    refused(client.post(f"{V1}/studies", json={"spec": text}), 422)


def test_deeply_nested_json_is_refused(client: TestClient) -> None:
    body = '{"spec": ' + "[" * 60_000 + "]" * 60_000 + "}"
    answer = client.post(f"{V1}/specs/check", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    nested: Any = 1
    for _ in range(900):
        nested = {"a": nested}
    refused(client.post(f"{V1}/studies", json={"spec": {"name": "x", "base": nested}}), 422)


@pytest.mark.parametrize(
    "root", ["/etc", "../../etc", "~/x", "s3://bucket/x", "C:\\data", "{root}/../..", "/proc/self/root"]
)
def test_a_spec_that_names_another_folder_is_refused(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, root: str
) -> None:
    text = tiny("fresh", root=repr(root.replace("{root}", str(digits_root))))
    for path in ("studies", "specs/plan"):
        assert "does not allow" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    check = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in check["faults"]] == ["proxy.root"]


@pytest.mark.parametrize("dataset", ["torchvision:os.system", "torchvision:../x", "os:system", "my_module:Data"])
def test_a_spec_that_names_a_python_object_is_refused(
    client: TestClient, tiny: Callable[..., str], dataset: str
) -> None:
    refused(client.post(f"{V1}/studies", json={"spec": tiny("fresh", dataset=repr(dataset))}), 422)


@pytest.mark.parametrize("where", ["mnist", "/etc", "saved", "../saved"])
def test_a_hugging_face_dataset_is_refused_even_in_an_allowed_folder(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(digits_root)
    text = tiny("fresh", dataset=repr(f"huggingface:{where}"))
    assert "does not allow" in refused(client.post(f"{V1}/studies", json={"spec": text}), 422)


def test_a_spec_that_would_measure_for_minutes_is_refused(client: TestClient, tiny: Callable[..., str]) -> None:
    text = tiny("fresh").replace("divisor: 2", "divisor: 2, cost: latency")
    for path in ("studies", "specs/plan"):
        assert "measured on the machine" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    check = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in check["faults"]] == ["budget.cost"]


def test_user_code_is_not_run_even_from_an_allowed_folder(
    client: TestClient, tiny: Callable[..., str], digits_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (digits_root / "planted.py").write_text(f"open({str(digits_root / 'was_run')!r}, 'w').close()\n")
    monkeypatch.chdir(digits_root)
    text = re.sub(r"base: \{.*\}", "base: {factory: 'planted:make', resolution: 8}", tiny("fresh"))
    for path in ("studies", "specs/plan"):
        assert "not run" in refused(client.post(f"{V1}/{path}", json={"spec": text}), 422)
    check = client.post(f"{V1}/specs/check", json={"spec": text}).json()
    assert [f["field"] for f in check["faults"]] == ["base.factory"]
    assert not (digits_root / "was_run").exists()


def test_changes_set_and_remove_fields_and_sections() -> None:
    values = {"name": "s", "search": {"trials": 8}, "run": {"slots": 2}}
    changes = {"search.trials": 9, "run.slots": None, "proxy.epochs": 3, "name": "t"}
    assert with_changes(values, changes) == {"name": "t", "search": {"trials": 9}, "proxy": {"epochs": 3}}
    assert values == {"name": "s", "search": {"trials": 8}, "run": {"slots": 2}}
    with pytest.raises(SpecError, match="search: expected a mapping"):
        with_changes({"search": 1}, {"search.trials": 9})


def test_changes_of_a_deeply_nested_spec_touch_only_their_own_path() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    values = {"name": "t", "search": {"stages": {"confirm": 4}}, "run": deep}
    changed = with_changes(values, {"search.stages.confirm": 5})
    assert changed["search"] == {"stages": {"confirm": 5}}
    assert changed["run"] is deep
    assert values["search"] == {"stages": {"confirm": 4}}
