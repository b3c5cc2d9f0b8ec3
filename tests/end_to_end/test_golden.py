"""Databases and study files of earlier code, as golden files: what is written today can be used by all later code.

Only the command line and the two public functions are called, so these tests outlive any change inside.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import math
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from html import unescape
from pathlib import Path
from typing import Any

import optuna
import pytest
import typer.main
import yaml

import scaling_search
from scaling_search import cli
from scaling_search.spec import load

GOLDEN = Path(__file__).parents[1] / "golden"
STUDIES = GOLDEN / "studies"
HASHES, EXPECTED = (
    json.loads((GOLDEN / file).read_text(encoding="utf-8"))
    for file in ("studies/hashes.json", "databases/expected.json")
)
RECORDED: dict[str, Any] = {study: of for db in EXPECTED.values() for study, of in db["studies"].items()}
PLACES = {study: name for name, db in EXPECTED.items() for study in db["studies"]}
CHOSEN = [study for study, of in RECORDED.items() if of["show"]["choice"]]
UNFINISHED = [study for study, of in RECORDED.items() if of["show"]["state"] != "complete"]
FINISHED = [study for study in CHOSEN if study not in UNFINISHED]
DIFFERS = "second_staged"
"""Its file has another default of replicates since then, so that `run` refuses it: the study goes on by its name."""
DRAWN = {"accuracy_interval": 0.005, "expected_regret": 0.05, "probability_better_than": 0.05}
DRAWN |= {"cross_check": 0.05, "intervals": 0.3}
"""Fields of a choice that come of random draws, which differ from one CPU's linear algebra to another's: how far they may be off."""

Place = Callable[[str], str]
COMMANDS = typer.main.get_command(cli.app)  # built once: it takes longer than most commands


def contains(new: Any, old: Any, rel: float = 1e-9, within: float = 0.0, where: str = "") -> None:
    """Every field recorded is still there with the same value; there may be more fields."""
    if isinstance(old, dict):
        for key, value in old.items():
            assert key in new, f"{where}.{key} is gone"
            contains(new[key], value, rel, within, f"{where}.{key}")
    elif isinstance(old, list):
        assert len(new) == len(old), where
        for i, value in enumerate(old):
            contains(new[i], value, rel, within, f"{where}[{i}]")
    elif isinstance(old, float) and isinstance(new, int | float):
        assert math.isclose(new, old, rel_tol=rel, abs_tol=within), f"{where}: {new} is not {old}"
    else:
        assert new == old, f"{where}: {new!r} is not {old!r}"


def printed(*args: str, code: int | None = 0) -> str:
    """What a command writes to standard output, and to standard error if it fails; ``code`` must end it, None: any."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["scaling-search", *args])
        patch.setattr(cli, "app", COMMANDS)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    out.flush()
    text = out.buffer.getvalue().decode()
    assert code in (None, ended.value.code), f"{args}: {text}{err.getvalue()}"
    return text + (err.getvalue() if code else "")


def said(*args: str) -> Any:
    """The JSON that a command prints."""
    return json.loads(printed(*args, "--json"))


def table(text: str) -> list[dict[str, str]]:
    """The rows of CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def restore(name: str, where: str | Path) -> None:
    """A database file of a golden dump."""
    with closing(sqlite3.connect(where)) as connection:
        connection.executescript((GOLDEN / "databases" / f"{name}.sql").read_text(encoding="utf-8"))


def rows(db: str, study: str, which: str = "1 = 1") -> list[Any]:
    """All that is stored of a study's trials: a tuple for each, and one for each epoch."""
    of = f"JOIN study ON study.id = trial.study_id WHERE study.name = ? AND {which} ORDER BY number"
    epochs = f"SELECT epoch.* FROM epoch JOIN trial ON trial.id = epoch.trial_id {of}, attempt, epoch"
    with closing(sqlite3.connect(db)) as connection:
        return [connection.execute(query, (study,)).fetchall() for query in (f"SELECT trial.* FROM trial {of}", epochs)]


@pytest.fixture(scope="module", autouse=True)
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with the user's network in it, and a cache of its own."""
    folder = tmp_path_factory.mktemp("golden")
    shutil.copy(GOLDEN / "golden_nets.py", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("COLUMNS", "200")
        for name in ("SCALING_SEARCH_DB", "SCALING_SEARCH_CHECKPOINTS"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="module")
def upgraded(here: Path) -> Place:
    """A study's database with today's schema; nobody writes to it."""

    def make(study: str) -> str:
        where = here / f"{PLACES[study]}.db"
        if not where.exists():
            restore(PLACES[study], where)
            printed("db", "upgrade", "--db", str(where))
        return str(where)

    return make


@pytest.fixture
def own(upgraded: Place, tmp_path: Path) -> Place:
    """The same as a copy that a test may write to."""
    return lambda study: str(shutil.copy(upgraded(study), tmp_path / "own.db"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_database_is_upgraded_listed_and_copied(name: str, tmp_path: Path) -> None:
    old, new = str(tmp_path / "old.db"), str(tmp_path / "new.db")
    restore(name, old)
    found = json.loads(printed("db", "current", "--db", old, "--json", code=None))
    assert found["schema"] == EXPECTED[name]["schema"]
    if found["schema"] != found["newest"]:
        assert found["state"] == "older"
        assert "db upgrade" in printed("list", "--db", old, code=1)
    printed("db", "upgrade", "--db", old)
    assert said("db", "current", "--db", old)["state"] == "newest"
    contains(said("list", "--db", old), EXPECTED[name]["list"])
    contains(said("db", "copy", old, new), EXPECTED[name]["copied"])
    for study in EXPECTED[name]["studies"]:
        assert len(rows(new, study)[0]) == len(RECORDED[study]["trials"])
        contains(said("show", study, "--db", new), RECORDED[study]["show"])


@pytest.mark.parametrize("study", PLACES)
def test_a_study_is_shown_with_its_trials(study: str, upgraded: Place) -> None:
    db, then = upgraded(study), RECORDED[study]
    contains(said("show", study, "--db", db), then["show"])
    words = printed("show", study, "--db", db)
    assert f"{study}: {then['show']['state']}" in words
    if then["show"]["choice"]:
        assert f"α = {then['show']['choice']['alpha']:.4f}" in words
        assert then["show"]["choice"]["verdict"] in words
    contains(said("trials", study, "--db", db), then["trials"])
    text = table(printed("trials", study, "--format", "csv", "--db", db))
    contains(text, [{key: "" if value is None else str(value) for key, value in t.items()} for t in then["trials"]])
    contains(scaling_search.trials(study, db)["key"].tolist(), [t["key"] for t in then["trials"]])


@pytest.mark.parametrize("study", CHOSEN)
def test_a_choice_is_exported_as_text(study: str, upgraded: Place) -> None:
    db, choice = upgraded(study), RECORDED[study]["show"]["choice"]
    family = choice["family"]
    made, text, cells, markdown, python = (
        printed("export", study, "--format", form, "--db", db) for form in ("json", "yaml", "csv", "markdown", "python")
    )
    document = json.loads(made)
    contains(document, RECORDED[study]["export"])
    contains({**document["choice"], "family": document["family"]}, choice)
    contains(yaml.safe_load(text), document)
    contains(table(cells), table(RECORDED[study]["csv"]))
    assert f"α = {family['alpha']:.4f}, β = {family['beta']:.4f}, γ = {family['gamma']:.4f}" in markdown
    values: dict[str, Any] = {}
    exec(python, values)  # a module that people import
    contains(values["COEFFICIENTS"], {axis: family[axis] for axis in ("alpha", "beta", "gamma")})
    for model in family["models"]:
        contains(values["MODELS"][model["name"]], {k: v for k, v in model.items() if k != "name"})
        assert f"{model['params'] / 1e6:.2f}" in markdown


@pytest.mark.parametrize("study", CHOSEN)
def test_a_choice_is_exported_as_networks(study: str, upgraded: Place) -> None:
    command = ("export", study, "--format", "pytorch", "--db", upgraded(study))
    if study == "factory":  # whose networks are the user's to build
        assert "golden_nets:plain" in printed(*command, code=2)
    else:
        constants = {n.value for n in ast.walk(ast.parse(printed(*command))) if isinstance(n, ast.Constant)}
        assert constants >= {m["name"] for m in RECORDED[study]["show"]["choice"]["family"]["models"]}


@pytest.mark.parametrize("study", PLACES)
def test_a_report_is_made(study: str, upgraded: Place) -> None:
    page = unescape(printed("export", study, "--format", "html", "--db", upgraded(study)))
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert study in page
    assert study not in CHOSEN or RECORDED[study]["show"]["choice"]["key"] in page


@pytest.mark.parametrize("study", PLACES)
def test_a_bundle_is_made(study: str, upgraded: Place, tmp_path: Path) -> None:
    made, then = tmp_path / "bundle", RECORDED[study]
    printed("export", study, "--format", "bundle", "-o", str(made), "--db", upgraded(study))
    assert {file.name for file in made.iterdir()} >= set(then["bundle"])
    kept = table((made / "trials.csv").read_text(encoding="utf-8"))
    assert [(t["key"], t["seed"]) for t in kept] == [(t["key"], str(t["seed"])) for t in then["trials"]]


@pytest.mark.parametrize("study", CHOSEN)
def test_the_same_is_chosen_anew(study: str, upgraded: Place) -> None:
    made = said("choose", study, "--db", upgraded(study))
    then = RECORDED[study]["show"]["choice"] | RECORDED[study]["chosen"]
    contains(made, {k: v for k, v in then.items() if k not in DRAWN and k != "optima"}, 1e-6, 1e-6)
    for name, within in DRAWN.items():
        contains({name: made[name]}, {name: then[name]}, within=within)
    likely = {o["key"]: o["probability"] for o in then["optima"] if o["probability"] >= 0.05}
    contains({o["key"]: o["probability"] for o in made["optima"]}, likely, within=0.03)


@pytest.mark.parametrize("study", UNFINISHED)
def test_an_unfinished_study_goes_on_to_its_end(study: str, own: Place) -> None:
    db, then = own(study), RECORDED[study]
    done = [t["number"] for t in then["trials"] if t["state"] == "complete"]
    those = f"number IN ({', '.join(map(str, done)) or -1})"
    before = rows(db, study, those)
    assert len(before[0]) == len(done)
    shown = said("resume", study, "--db", db, "--slots", "2")
    assert (shown["state"], shown["choice"]["family"]["models"][0]["name"]) == ("complete", "b0")
    assert rows(db, study, those) == before
    trials = scaling_search.trials(study, db)
    assert set(trials["state"]) == {"complete"}
    assert len(trials) == load(STUDIES / f"{study}.yaml").search.trials + 1
    proposed = [(t["number"], t["key"], t["seed"]) for t in then["trials"]]
    assert list(zip(trials["number"], trials["key"], trials["seed"], strict=True))[: len(proposed)] == proposed


@pytest.mark.parametrize("study", FINISHED)
def test_a_finished_study_is_not_run_again(study: str, own: Place) -> None:
    db = own(study)
    before = rows(db, study)
    again = ("resume", study) if study == DIFFERS else ("run", str(STUDIES / f"{study}.yaml"))
    contains(said(*again, "--db", db), RECORDED[study]["show"] | {"state": "complete"})
    assert rows(db, study) == before


def test_a_finished_study_is_extended(own: Place) -> None:
    db = own("complete")
    before = rows(db, "complete")
    shown = said("extend", "complete", "--trials", "1", "--db", db)
    assert (shown["state"], shown["counts"]["complete"]) == ("complete", len(before[0]) + 1)
    assert rows(db, "complete", f"number < {len(before[0])}") == before


def test_a_validation_is_shown_again_with_its_maps(own: Place) -> None:
    name, command = "validated.validate", ("validate", "validated", "--seeds", "2", "--epochs", "2")
    db = own(name)
    before = rows(db, name)
    contains(said(*command, "--db", db), EXPECTED["validated"]["arms"])
    assert rows(db, name) == before
    assert EXPECTED["validated"]["copied"][name]["activation_maps"] == 1
    with closing(sqlite3.connect(db)) as connection:
        ((picture,),) = connection.execute("SELECT picture FROM activation_maps").fetchall()
    assert picture.startswith(b"\x89PNG")


def test_a_study_is_copied_for_optuna(upgraded: Place, tmp_path: Path) -> None:
    db, url = upgraded("staged"), f"sqlite:///{tmp_path}/optuna.db"
    candidates = [t for t in RECORDED["staged"]["trials"] if t["role"] == "candidate"]
    assert f"{len(candidates)} trials copied" in printed("optuna", "staged", "--to", url, "--db", db)
    for made in (optuna.load_study(study_name="staged", storage=url), scaling_search.optuna_study("staged", db)):
        assert [t.value for t in made.trials] == [t["accuracy"] for t in candidates]
        assert [t.user_attrs["key"] for t in made.trials] == [t["key"] for t in candidates]


@pytest.mark.parametrize("file", HASHES)
def test_a_study_file_means_what_it_meant(file: str) -> None:
    spec = load(STUDIES / file)
    contains(spec.model_dump(mode="json"), HASHES[file]["filled_in"])
    assert spec.hash() == HASHES[file]["hash"]


def test_every_golden_file_is_read() -> None:
    assert set(HASHES) == {p.name for p in STUDIES.glob("*.yaml")}
    assert set(EXPECTED) == {p.stem for p in (GOLDEN / "databases").glob("*.sql")}
    assert {PLACES[study] for study in UNFINISHED} >= {f"schema_000{i}" for i in range(1, 5)}
