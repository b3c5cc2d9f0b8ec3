"""A validation on the digits, from the command line to the dashboard."""

from __future__ import annotations

import json
from contextlib import closing
from html import unescape
from pathlib import Path

import torch
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scaling_search.analysis.validation import arm_results, arms_of
from scaling_search.cli import app
from scaling_search.data.batches import load_test
from scaling_search.data.dataset import open_dataset
from scaling_search.engine import LocalEngine
from scaling_search.report.labels import ARMS
from scaling_search.report.validation_table import render
from scaling_search.search.run import run_study
from scaling_search.service import Settings, create_app
from scaling_search.service.sandbox import Sandbox
from scaling_search.spec.study import StudySpec
from scaling_search.store import Store, open_database
from tests.support.factories import tiny_spec


def test_the_test_images_are_in_no_other_split() -> None:
    proxy = tiny_spec().proxy
    test = load_test(proxy.data_request(), 8, torch.device("cpu"))
    development, held_out = (open_dataset("digits", proxy.root, split) for split in ("development", "test"))
    assert len(test) == len(held_out.labels) == 1797 - len(development.labels)
    _, labels = next(test.in_order(len(test)))
    assert labels.tolist() == held_out.labels.tolist()


def test_a_validation_is_run_once_stored_and_shown_again(tmp_path: Path) -> None:
    db = str(tmp_path / "v.db")
    store = Store(open_database(db, create=True))
    run_study(
        tiny_spec(search={"trials": 3, "replicates": 0}, proxy={"epochs": 1}), store, LocalEngine(2), tmp_path / "runs"
    )
    command = ["validate", "tiny", "--db", db, "--seeds", "1", "--epochs", "1", "--slots", "2"]
    figure = tmp_path / "v.svg"
    first = CliRunner().invoke(app, [*command, "--json", "--figure", str(figure)])
    assert first.exit_code == 0, first.output
    output = json.loads(first.stdout)
    rows = store.trials("tiny.validate")
    assert all(r.state == "complete" and r.test_accuracy is not None for r in rows)
    assert all(r.test_accuracy is None for r in store.trials("tiny"))
    assert {a["arm"] for a in output["arms"]} == set(arms_of(parse_stored(store)))
    assert [a["test"] for a in output["arms"]] == [r.test_accuracy for r in rows]
    assert "test accuracy" in figure.read_text()
    again = CliRunner().invoke(app, [*command, "--format", "markdown"])
    assert store.trials("tiny.validate") == rows
    assert again.stdout == render(parse_stored(store), arm_results(parse_stored(store), rows), {}, "markdown")
    assert store.choice("tiny.validate") is None
    check_cam(db, tmp_path, {a["arm"] for a in output["arms"]})


def check_cam(db: str, folder: Path, arms: set[str]) -> None:
    """`cam` reads the trained networks of a validation, and says so if their checkpoints are deleted."""
    command = ["cam", "tiny", "--db", db, "--images", "8", "--rows", "2"]
    result = CliRunner().invoke(app, [*command, "--json", "-o", str(folder / "cam.png")])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)["arms"]
    assert {f["arm"] for f in figures} == arms
    assert all(f["images"] == 8 and 0 <= f["insertion"]["mean"] <= 1 for f in figures)
    assert (folder / "cam.png").read_bytes().startswith(b"\x89PNG")
    check_pages(db, arms, folder / "cam.png")
    checkpoints = sorted((folder / "v.runs" / "tiny.validate").glob("*.pt"))
    assert len(checkpoints) == len(arms)
    checkpoints[0].unlink()
    assert "is gone" in str(CliRunner().invoke(app, command).exception)
    assert "was not validated" in str(CliRunner().invoke(app, [*command, "--phi", "2"]).exception)


def check_pages(db: str, arms: set[str], picture: Path) -> None:
    """The dashboard and the API show the results and the stored Grad-CAM maps, from the study and from its validation."""
    store, settings = Store(open_database(db)), Settings(db=db, hosts=("testserver",))
    with closing(Sandbox(seconds=240)) as sandbox, TestClient(create_app(store, settings, sandbox)) as client:
        for name in ("tiny", "tiny.validate"):
            (shown,) = client.get(f"/api/v1/studies/{name}/validations").raise_for_status().json()
            assert (shown["study"], shown["state"], shown["seeds"]) == ("tiny.validate", "complete", 1)
            assert {a["arm"] for a in shown["arms"]} == {a["arm"] for a in shown["maps"]} == arms
            page = unescape(client.get(f"/studies/{name}/validation").raise_for_status().text)
            assert "There is nothing yet to tell the networks apart by" in page
            assert all(page.count(f"<td>{ARMS[arm]}</td>") == 2 for arm in arms)
            assert "/api/v1/studies/tiny.validate/maps.png" in page
        assert client.get("/api/v1/studies/tiny.validate/maps.png").content == picture.read_bytes()
        assert client.get("/api/v1/studies/tiny/maps.png").status_code == 404
    store.close()


def parse_stored(store: Store) -> StudySpec:
    return StudySpec.model_validate(store.study("tiny.validate").spec)
