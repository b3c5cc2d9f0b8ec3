"""Validation: arms at equal real cost, and a real one on the digits."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scaling_search.analysis.validation import arms_of, propose, results, validation_spec
from scaling_search.cli import app
from scaling_search.data.batches import load_test
from scaling_search.data.dataset import open_dataset
from scaling_search.engine import LocalEngine
from scaling_search.errors import InputError
from scaling_search.report.labels import ARMS
from scaling_search.report.validation_figure import arms_svg
from scaling_search.report.validation_table import comparison_sentence, render, table_rows
from scaling_search.search.run import run_study
from scaling_search.service import Settings, create_app
from scaling_search.service.sandbox import Sandbox
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.support.factories import as_row

BASE = "name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"


@pytest.mark.parametrize("phi", [1.0, 2.0])
def test_the_arms_cost_the_same(phi: float) -> None:
    spec = validation_spec(parse(BASE), (0.4, 0.2, 0.4), 3, phi, None)
    arms = arms_of(spec)
    assert list(arms) == ["base", "depth", "width", "resolution", "paper", "chosen"]
    assert arms["base"].macs_ratio == 1
    assert all(abs(c.macs_ratio / 2**phi - 1) <= 0.02 for name, c in arms.items() if name != "base")
    least = 0.95 if phi == 1 else 0.8  # px step, so that at φ = 2 no network here spends all on resolution
    assert all(arms[axis].shares[i] > least for i, axis in enumerate(("depth", "width", "resolution")))
    assert np.allclose(arms["chosen"].shares, (0.4, 0.2, 0.4), atol=0.06)
    assert spec.proxy.epochs == 5 * parse(BASE).proxy.epochs


def test_a_choice_that_is_an_extreme_runs_once() -> None:
    arms = arms_of(validation_spec(parse(BASE), (0.0, 1.0, 0.0), 2, 1, None))
    assert list(arms) == ["base", "depth", "resolution", "paper", "chosen"]


def test_every_seed_is_fresh_and_shared_by_all_arms() -> None:
    spec = validation_spec(parse(BASE), (0.4, 0.2, 0.4), 3, 1, None)
    rounds = [propose([], spec, k) for k in range(4)]
    assert [len(r) for r in rounds] == [6, 6, 6, 0]
    assert [len({p.seed for p in r}) for r in rounds[:3]] == [1, 1, 1]
    assert [p.number for r in rounds for p in r] == list(range(18))
    searched = {parse(BASE).search.seed * 100_003 + n for n in range(200)}
    assert not searched & {p.seed for r in rounds for p in r}
    assert propose([as_row(p) for p in rounds[0][:2]], spec, 0) == rounds[0][2:]


def test_a_nominal_grid_cannot_be_validated() -> None:
    with pytest.raises(InputError, match="nominal"):
        validation_spec(parse(BASE.replace("divisor: 2", "mode: nominal")), (0.4, 0.2, 0.4), 2, 1, None)


def test_means_and_intervals_are_those_of_the_runs() -> None:
    spec = validation_spec(parse(BASE), (0.4, 0.2, 0.4), 4, 1, None)
    rows = [
        replace(as_row(p), state="complete", accuracy=0.5, seconds=2.0, test_accuracy=0.6 + 0.01 * (p.number % 7))
        for k in range(4)
        for p in propose([], spec, k)
    ]
    found = {r.arm: r for r in results(spec, rows)}
    test = {name: [r.test_accuracy or 0 for r in rows if r.key == c.key] for name, c in arms_of(spec).items()}
    for name, r in found.items():
        assert r.test == pytest.approx(np.mean(test[name]))
        mean, error = np.mean(test[name]), stats.sem(test[name])
        assert r.interval == pytest.approx(stats.t.interval(0.95, 3, mean, error))
    lead = found["depth"]
    assert lead.lead == pytest.approx(100 * (np.mean(test["chosen"]) - np.mean(test["depth"])))
    assert lead.lead_interval is not None
    assert lead.lead is not None
    assert lead.lead_interval[0] < lead.lead < lead.lead_interval[1]
    assert found["chosen"].lead is None
    svg = str(arms_svg(list(found.values())))
    assert all(r.key[:1] and f"{r.test:.2%}" in svg for r in found.values())
    one_each = results(spec, rows[:6])
    assert {r.interval for r in one_each} == {None}
    assert len(table_rows(one_each)) == 6


def test_the_finding_names_what_is_apart() -> None:
    nothing = {"width": (-1.0, 0.5), "paper": None}
    assert comparison_sentence(nothing) == "The chosen network cannot be told from the others"
    assert comparison_sentence({"width": None}) == "There is nothing yet to tell the networks apart by"
    leads = {"depth": (0.1, 2.0), "width": (0.2, 0.3), "resolution": (-2.0, -0.1), "paper": (-1.0, 1.0)}
    assert comparison_sentence(leads) == (
        "The chosen network is beaten by resolution only and beats depth only and width only; the rest cannot be told from it"
    )
    assert comparison_sentence({"depth": (0.1, 2.0)}) == "The chosen network beats depth only"


def test_the_test_images_are_those_of_no_other_split(tiny: Callable[..., str]) -> None:
    proxy = parse(tiny()).proxy
    test = load_test(proxy.data_request(), 8, torch.device("cpu"))
    whole, apart = (open_dataset("digits", proxy.root, split) for split in ("development", "test"))
    assert len(test) == len(apart.labels) == 1797 - len(whole.labels)
    _, labels = next(test.in_order(len(test)))
    assert labels.tolist() == apart.labels.tolist()


def test_a_validation_runs_is_kept_and_is_shown_again(tiny: Callable[..., str], tmp_path: Path) -> None:
    db = str(tmp_path / "v.db")
    store = Store(open_database(db, create=True))
    run_study(parse(tiny(trials="3", epochs="1", replicates="0")), store, LocalEngine(2), tmp_path / "runs")
    command = ["validate", "tiny", "--db", db, "--seeds", "1", "--epochs", "1", "--slots", "2"]
    figure = tmp_path / "v.svg"
    first = CliRunner().invoke(app, [*command, "--json", "--figure", str(figure)])
    assert first.exit_code == 0, first.output
    made = json.loads(first.stdout)
    rows = store.trials("tiny.validate")
    assert all(r.state == "complete" and r.test_accuracy is not None for r in rows)
    assert all(r.test_accuracy is None for r in store.trials("tiny"))
    assert {a["arm"] for a in made["arms"]} == set(arms_of(parse_stored(store)))
    assert [a["test"] for a in made["arms"]] == [r.test_accuracy for r in rows]
    assert "test accuracy" in figure.read_text()
    again = CliRunner().invoke(app, [*command, "--format", "markdown"])
    assert store.trials("tiny.validate") == rows
    assert again.stdout == render(parse_stored(store), results(parse_stored(store), rows), {}, "markdown")
    assert store.choice("tiny.validate") is None
    _look(db, tmp_path, {a["arm"] for a in made["arms"]})


def _look(db: str, folder: Path, arms: set[str]) -> None:
    """Its trained networks are there for `cam`, until they are deleted."""
    command = ["cam", "tiny", "--db", db, "--images", "8", "--rows", "2"]
    looked = CliRunner().invoke(app, [*command, "--json", "-o", str(folder / "cam.png")])
    assert looked.exit_code == 0, looked.output
    figures = json.loads(looked.stdout)["arms"]
    assert {f["arm"] for f in figures} == arms
    assert all(f["images"] == 8 and 0 <= f["insertion"]["mean"] <= 1 for f in figures)
    assert (folder / "cam.png").read_bytes().startswith(b"\x89PNG")
    _seen_by_browsers(db, arms, folder / "cam.png")
    kept = sorted((folder / "v.runs" / "tiny.validate").glob("*.pt"))
    assert len(kept) == len(arms)
    kept[0].unlink()
    assert "is gone" in str(CliRunner().invoke(app, command).exception)
    assert "was not validated" in str(CliRunner().invoke(app, [*command, "--phi", "2"]).exception)


def _seen_by_browsers(db: str, arms: set[str], picture: Path) -> None:
    """The dashboard and the API show the same results, and the maps that `cam` kept; from the study and from the validation."""
    store, settings = Store(open_database(db)), Settings(db=db, hosts=("testserver",))
    with closing(Sandbox(seconds=240)) as kitchen, TestClient(create_app(store, settings, kitchen)) as client:
        for name in ("tiny", "tiny.validate"):
            (found,) = client.get(f"/api/v1/studies/{name}/validations").raise_for_status().json()
            assert (found["study"], found["state"], found["seeds"]) == ("tiny.validate", "complete", 1)
            assert {a["arm"] for a in found["arms"]} == {a["arm"] for a in found["maps"]} == arms
            page = unescape(client.get(f"/studies/{name}/validation").raise_for_status().text)
            assert "There is nothing yet to tell the networks apart by" in page
            assert all(page.count(f"<td>{ARMS[arm]}</td>") == 2 for arm in arms)
            assert "/api/v1/studies/tiny.validate/maps.png" in page
        assert client.get("/api/v1/studies/tiny.validate/maps.png").content == picture.read_bytes()
        assert client.get("/api/v1/studies/tiny/maps.png").status_code == 404
    store.close()


def parse_stored(store: Store) -> StudySpec:
    return StudySpec.model_validate(store.study("tiny.validate").spec)
