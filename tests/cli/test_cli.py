"""The command line on a real, finished study: what each command prints, and what it must not load."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
import typer.main
import yaml

import scaling_search
from scaling_search.cli import app, main
from scaling_search.records import TRIAL_STATES
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Accounts, Store, open_database
from scaling_search.store.database import HEAD

COMMANDS = {"plan", "run", "list", "show", "trials", "choose", "export", "family", "spec", "db upgrade"}
MODEL = ["name", "phi", "depth", "width", "resolution", "dropout", "repeats", "channels", "params", "macs"]
MODEL += ["macs_ratio", "target_ratio"]
CHOICE = {"alpha", "beta", "gamma", "shares", "product", "accuracy", "method", "tie_region", "probability_better_than"}
PLAN = {"study", "base", "target", "tolerance", "iso_cost_networks", "candidates", "runs", "training_macs"}
PLAN |= {"estimated_seconds", "detectable_difference"}
TRIAL = {"number", "round", "role", "state", "seed", "alpha", "beta", "gamma", "key", "share_depth", "share_width"}
TRIAL |= {"share_resolution", "depth", "width", "resolution_ratio", "blocks", "channels", "resolution", "macs"}
TRIAL |= {"macs_ratio", "params", "activations", "counted_macs", "attempts", "epochs", "accuracy", "loss", "seconds"}
TRIAL |= {"error", "started_at", "finished_at"}
STUDY = ("tiny", "--db", "s.db")

Printed = Callable[..., bytes]
Said = Callable[..., Any]


def started(*args: str, cwd: Path) -> subprocess.Popen[bytes]:
    """The command line in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "SCALING_SEARCH_DB"}
    return subprocess.Popen(
        [sys.executable, "-m", "scaling_search.cli", *args],
        cwd=cwd,
        env=kept | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def printed(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What a command that succeeds writes to standard output: ``main`` in this process, which is quicker than another."""
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*args: str, cwd: Path) -> bytes:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["scaling-search", *args])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        assert (ended.value.code, err) == (0, b"")
        return out

    return call


@pytest.fixture
def said(printed: Printed) -> Said:
    """The JSON that a command prints."""

    def call(*args: str, cwd: Path) -> Any:
        return json.loads(printed(*args, "--json", cwd=cwd))

    return call


@pytest.fixture(scope="module")
def ran(tiny: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with study.yaml, run to its end in s.db, and what `run --json` wrote: out.json, err.txt."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "study.yaml").write_text(tiny(epochs="1", round="4"))
    process = started("run", "study.yaml", "--db", "s.db", "--json", cwd=folder)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err.decode()
    (folder / "out.json").write_bytes(out)
    (folder / "err.txt").write_bytes(err)
    return folder


@pytest.fixture(scope="module")
def choice(ran: Path) -> dict[str, Any]:
    """The choice that `run` ended with."""
    made: dict[str, Any] = json.loads((ran / "out.json").read_text())["choice"]
    return made


def rows(folder: Path, table: str) -> list[Any]:
    """A whole table of s.db."""
    connection = sqlite3.connect(folder / "s.db")
    found = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return found


# --- run


def test_run_ends_with_what_show_prints_and_tells_of_each_run(said: Said, ran: Path) -> None:
    assert json.loads((ran / "out.json").read_text()) == said("show", *STUDY, cwd=ran)
    *lines, warning = (ran / "err.txt").read_text().splitlines()
    assert warning.startswith("warning: ")  # two epochs of 128 digits train no extreme network
    assert lines[0].startswith("0/11 done, ")
    assert lines[-1].startswith("11/11 done, 0 running, best ")
    assert " left" not in lines[-1]
    assert any("elapsed" in line and " left" in line for line in lines)


def test_a_second_run_changes_nothing_and_prints_the_same(ran: Path) -> None:
    before = {table: rows(ran, table) for table in ("study", "trial", "epoch", "choice", "family_member")}
    process = started("run", "study.yaml", "--db", "s.db", "--json", cwd=ran)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, (ran / "out.json").read_bytes())
    assert {table: rows(ran, table) for table in before} == before


def test_a_changed_spec_is_refused_with_what_differs(ran: Path) -> None:
    changed = (ran / "study.yaml").read_text().replace("epochs: 1", "epochs: 2") + "run: {slots: 1}\n"
    (ran / "changed.yaml").write_text(changed)
    process = started("run", "changed.yaml", "--db", "s.db", cwd=ran)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert "proxy.epochs: 1 → 2" in err.decode()
    assert "slots" not in err.decode()
    assert "Traceback" not in err.decode()


def test_ctrl_c_pauses_and_says_how_to_go_on(said: Said, tiny: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(tiny())
    process = started("run", "study.yaml", "--db", "s.db", "--slots", "1", cwd=tmp_path)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(b"1/11 done"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert "go on with: scaling-search run study.yaml --db s.db" in err.decode()
    shown = said("show", *STUDY, cwd=tmp_path)
    assert (shown["state"], shown["choice"], shown["finished"]) == ("paused", None, None)
    assert shown["counts"]["running"] == 0
    assert shown["counts"]["complete"] >= 1


def test_a_study_that_fails_says_why(printed: Printed, diverging: str, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(diverging + "run: {max_failures: 0}\n")
    process = started("run", "study.yaml", "--db", "s.db", cwd=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert "study 'tiny' failed" in err.decode()
    assert "the loss is not finite" in err.decode()
    assert "Traceback" not in err.decode()
    assert "tiny: failed: 1 trials failed" in printed("show", *STUDY, cwd=tmp_path).decode()


# --- reading a study


def test_show_keeps_its_contract(said: Said, ran: Path) -> None:
    shown = said("show", *STUDY, cwd=ran)
    assert {"study", "state", "counts", "choice", "started", "finished"} <= set(shown)
    assert (shown["study"], shown["state"]) == ("tiny", "complete")
    assert shown["counts"] == dict.fromkeys(TRIAL_STATES, 0) | {"complete": 11}
    made = shown["choice"]
    assert set(made) >= CHOICE
    assert made["product"] == pytest.approx(made["alpha"] * made["beta"] ** 2 * made["gamma"] ** 2)
    assert sum(made["shares"]) == pytest.approx(1)
    assert made["method"] == "mixture quadratic and Gaussian process"
    assert set(made["probability_better_than"]) == {"paper", "fast", "equal", "depth", "width", "resolution"}
    assert made["tie_region"]
    began, ended = pd.Timestamp(shown["started"]), pd.Timestamp(shown["finished"])
    assert began < ended
    assert began.tz is not None


def test_show_and_list_in_words(printed: Printed, ran: Path, choice: dict[str, Any]) -> None:
    words = printed("show", *STUDY, cwd=ran).decode()
    assert "tiny: complete (11 complete)" in words
    assert f"α = {choice['alpha']:.4f}" in words
    assert choice["verdict"] in words
    assert "the unscaled base reached" in words
    assert "B7" in words
    listed = printed("list", "--db", "s.db", cwd=ran).decode()
    assert "tiny" in listed
    assert "11 complete" in listed


def test_a_reason_is_shown_as_it_is(printed: Printed, tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    store.create_study("tiny", "", {}, "", {})
    claim = store.claim("tiny", "me", 60)
    assert claim is not None
    store.move_study(claim, "running")
    store.move_study(claim, "failed", "no such file: /data[/b]/[red]x")  # Rich would take these for markup
    store.close()
    assert "no such file: /data[/b]/[red]x" in printed("show", *STUDY, cwd=tmp_path).decode()


def test_list_gives_each_study_its_state_and_counts(said: Said, ran: Path) -> None:
    (study,) = said("list", "--db", "s.db", cwd=ran)
    assert (study["study"], study["state"], study["counts"]) == ("tiny", "complete", {"complete": 11})


def test_the_database_may_be_named_by_the_environment(
    said: Said, ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALING_SEARCH_DB", str(ran / "s.db"))
    (study,) = said("list", cwd=tmp_path)
    assert study["study"] == "tiny"


def test_choose_gives_the_stored_choice_and_stores_nothing(said: Said, ran: Path, choice: dict[str, Any]) -> None:
    before = rows(ran, "choice")
    assert said("choose", *STUDY, cwd=ran) == choice
    assert rows(ran, "choice") == before


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_trials_in_every_format_say_the_same(printed: Printed, ran: Path, form: str) -> None:
    shown = printed("trials", *STUDY, "--format", form, cwd=ran)
    assert printed("trials", *STUDY, "--format", form, "-o", f"trials.{form}", cwd=ran) == b""
    assert (ran / f"trials.{form}").read_bytes() == shown
    stored = scaling_search.trials("tiny", str(ran / "s.db"))
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


def test_a_study_is_a_data_frame(ran: Path) -> None:
    frame = scaling_search.trials("tiny", str(ran / "s.db"))
    assert set(frame.columns) >= TRIAL
    assert len(frame) == 11
    assert frame.dtypes["accuracy"] == frame.dtypes["share_depth"] == "float64"
    candidates = frame[frame["role"] == "candidate"]
    shares = candidates[["share_depth", "share_width", "share_resolution"]]
    assert candidates["macs_ratio"].between(1.96, 2.04).all()
    assert shares.sum(axis=1).to_list() == pytest.approx([1] * 10)
    assert frame[frame["role"] == "base"]["share_depth"].isna().all()


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "python"])
def test_export_in_every_format(printed: Printed, ran: Path, form: str) -> None:
    shown = printed("export", *STUDY, "--format", form, cwd=ran)
    assert printed("export", *STUDY, "--format", form, "-o", f"family.{form}", cwd=ran) == b""
    assert (ran / f"family.{form}").read_bytes() == shown
    assert all(f"b{i}" in shown.decode() for i in range(8))


@pytest.mark.parametrize(("form", "marks"), [("triangle", "circle"), ("curves", "path"), ("cost", "circle")])
def test_a_figure_is_an_image_of_its_own(printed: Printed, ran: Path, form: str, marks: str) -> None:
    image = ElementTree.fromstring(printed("export", *STUDY, "--format", form, cwd=ran))
    names = [element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in image.iter()]
    assert names[:2] == ["svg", "style"]
    assert "prefers-color-scheme" in (image[0].text or "")
    assert names.count(marks) >= 8


def test_the_json_export_says_where_it_comes_from(printed: Printed, ran: Path, choice: dict[str, Any]) -> None:
    made = json.loads(printed("export", *STUDY, cwd=ran))
    spec = parse((ran / "study.yaml").read_text())
    assert (made["study"], made["spec_hash"]) == ("tiny", spec.hash())
    assert set(made["versions"]) >= {"torch", "torchvision", "optuna", "scaling-search"}
    assert {**made["choice"], "family": made["family"]} == choice
    for m, phi in zip(made["family"]["models"][1:], spec.family.phi, strict=True):
        assert m["macs_ratio"] == pytest.approx(2**phi, rel=0.01)


# --- without a study


def test_plan_keeps_its_contract(printed: Printed, said: Said, tmp_path: Path) -> None:
    made = said("plan", "quickstart", cwd=tmp_path)
    assert set(made) >= PLAN
    words = printed("plan", "quickstart", cwd=tmp_path).decode()
    assert f"{made['iso_cost_networks']} networks" in words
    assert f"{made['runs']} runs" in words


def test_the_preset_is_the_released_family(said: Said, tmp_path: Path) -> None:
    made = said("family", "--preset", "efficientnet", cwd=tmp_path)
    head = {"base": "efficientnet_b0", "rounding": "official", "alpha": 1.2, "beta": 1.1, "gamma": 1.15}
    assert {key: made[key] for key in head} == head
    golden = json.loads((Path(__file__).parents[1] / "golden" / "efficientnet.json").read_text())["models"]
    same = ("name", "params", "macs", "repeats")
    assert [[m[k] for k in same] for m in made["models"]] == [[m[k] for k in same] for m in golden]
    assert all(set(m) == {*MODEL, "phi_fitted"} and m["phi"] is None for m in made["models"])


def test_a_family_of_any_triple(printed: Printed, said: Said, tmp_path: Path) -> None:
    triple = ("family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15", "--phi", "1,2")
    solved, official = (said(*triple, "--rounding", policy, cwd=tmp_path) for policy in ("nearest", "official"))
    assert [list(m) for m in solved["models"]] == [MODEL] * 3
    assert [m["phi"] for m in solved["models"]] == [0, 1, 2]
    assert [m["macs_ratio"] for m in solved["models"]] == pytest.approx([1, 2, 4], rel=0.01)
    assert (official["rounding"], official["models"][1]["depth"]) == ("official", 1.2)
    small = said(*triple, "--base", "efficientnet_b0", "--resolution", "96", cwd=tmp_path)
    assert small["models"][0]["resolution"] == 96
    assert "B2" in printed(*triple, cwd=tmp_path).decode()


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "python"])
def test_a_family_is_exported_without_a_study(printed: Printed, tmp_path: Path, form: str) -> None:
    shown = printed("family", "--preset", "efficientnet", "--format", form, cwd=tmp_path)
    assert printed("family", "--preset", "efficientnet", "--format", form, "-o", "made", cwd=tmp_path) == b""
    assert (tmp_path / "made").read_bytes() == shown
    assert b"66347960" in shown or b"66.35" in shown


def test_spec_fills_in_every_default(printed: Printed, said: Said, ran: Path) -> None:
    filled = printed("spec", "study.yaml", cwd=ran).decode()
    given = parse((ran / "study.yaml").read_text())
    assert parse(filled) == given
    assert yaml.safe_load(filled) == said("spec", "study.yaml", cwd=ran) == given.model_dump(mode="json")


def test_the_schema_describes_every_field(printed: Printed, tmp_path: Path) -> None:
    schema = json.loads(printed("spec", "--schema", cwd=tmp_path))
    assert set(schema["properties"]) == set(StudySpec.model_fields)
    assert schema["additionalProperties"] is False
    for section in schema["$defs"].values():
        assert all(field["description"] for field in section["properties"].values())


def test_db_upgrade_makes_a_database_and_leaves_a_current_one_alone(
    printed: Printed, said: Said, tmp_path: Path
) -> None:
    upgrade = ("db", "upgrade", "--db", "s.db")
    assert printed(*upgrade, cwd=tmp_path).decode() == f"s.db: schema {HEAD} (was empty)\n"
    tables = rows(tmp_path, "sqlite_master")
    assert printed(*upgrade, cwd=tmp_path).decode() == f"s.db: schema {HEAD} (nothing to do)\n"
    assert rows(tmp_path, "sqlite_master") == tables
    assert said("list", "--db", "s.db", cwd=tmp_path) == []


@pytest.mark.parametrize("name", ["a?b.db", "100%25.db"])
def test_the_path_of_a_database_is_taken_as_it_is(printed: Printed, tmp_path: Path, name: str) -> None:
    assert printed("db", "upgrade", "--db", name, cwd=tmp_path).decode() == f"{name}: schema {HEAD} (was empty)\n"
    assert [file.name for file in tmp_path.iterdir()] == [name]


# --- for scripts


def test_the_version_is_that_of_the_package(printed: Printed, tmp_path: Path) -> None:
    assert printed("--version", cwd=tmp_path).decode() == f"scaling-search {metadata.version('scaling-search')}\n"


def test_submit_and_token_create_in_json(said: Said, tiny: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(tiny())
    queued = said("submit", "study.yaml", "--db", "s.db", "--priority", "3", cwd=tmp_path)
    assert queued == {"study": "tiny", "state": "queued", "priority": 3, "slots": None}
    made = said("token", "create", "ann", "--role", "operator", "--days", "9", "--db", "s.db", cwd=tmp_path)
    store = Store(open_database(str(tmp_path / "s.db")))
    actor = Accounts(store).actor(made.pop("token"))
    store.close()
    assert actor is not None
    assert made == {"name": "ann", "role": "operator", "days": 9}
    assert (actor.name, actor.role) == ("ann", "operator")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody without a name")
def test_who_has_no_name_is_a_number() -> None:
    code = "import os; from scaling_search.cli.service import _user; os.setuid(54321); print(_user())"
    nameless = {k: v for k, v in os.environ.items() if k not in ("LOGNAME", "USER", "LNAME", "USERNAME")}
    done = subprocess.run([sys.executable, "-c", code], env=nameless, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("54321\n", "")


def test_a_study_named_twice_is_copied_once(printed: Printed, said: Said, tmp_path: Path) -> None:
    store = Store(open_database(str(tmp_path / "s.db"), create=True))
    for name in ("tiny", "other"):
        store.create_study(name, "", {}, "", {})
    store.close()
    assert printed("db", "copy", "s.db", "t.db", "--study", "tiny", "--study", "tiny", cwd=tmp_path) == b"tiny: \n"
    assert [s["study"] for s in said("list", "--db", "t.db", cwd=tmp_path)] == ["tiny"]


# --- what is loaded, and help

WATCH = """
import contextlib, io, json, sys
from scaling_search.cli import app
found = {}
for args in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")), contextlib.suppress(SystemExit):
        app(args, standalone_mode=False)
    found[" ".join(args)] = sorted({"torch", "torchvision", "fvcore"} & set(sys.modules))
print(json.dumps(found))
"""


def test_reading_and_planning_never_load_torch(ran: Path) -> None:
    commands = [
        ["--help"],
        ["plan", "study.yaml"],
        ["plan", "imagenet_b0", "--json"],
        ["family", "--alpha", "1.2", "--beta", "1.1", "--gamma", "1.15"],
        ["family", "--preset", "efficientnet", "--json"],
        ["spec", "study.yaml"],
        ["spec", "--schema"],
        ["list", "--db", "s.db"],
        ["show", *STUDY],
        ["show", *STUDY, "--json"],
        *(["trials", *STUDY, "--format", form] for form in ("csv", "json", "parquet")),
        *(["export", *STUDY, "--format", form] for form in ("json", "csv", "markdown", "python")),
        ["choose", *STUDY],
        ["db", "upgrade", "--db", "s.db"],
    ]
    watch = [sys.executable, "-c", WATCH, json.dumps(commands)]
    done = subprocess.run(watch, cwd=ran, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {" ".join(args): [] for args in commands}


def groups(command: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every command and group by its words."""
    found = {" ".join(path): command}
    for name, inner in getattr(command, "commands", {}).items():
        found |= groups(inner, (*path, name))
    return found


EVERY = groups(typer.main.get_command(app))


def test_the_promised_commands_are_there() -> None:
    assert set(EVERY) >= COMMANDS


@pytest.mark.parametrize("words", EVERY)
def test_help_explains_every_command_and_option(printed: Printed, tmp_path: Path, words: str) -> None:
    command = EVERY[words]
    shown = " ".join(printed(*words.split(), "--help", cwd=tmp_path).decode().replace("│", " ").split())
    assert command.help
    assert command.help.split(".")[0] in shown
    for option in (p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)):
        assert option.help
        assert all(name in shown for name in option.opts)
    assert all(inner in shown for inner in getattr(command, "commands", {}))
