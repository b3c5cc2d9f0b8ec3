"""Commands about studies: plan, run, list, show, trials, choose, export."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    Output,
    Slots,
    SpecArgument,
    StudyArgument,
    console,
    find_spec,
    open_store,
    print_json,
    runs_folder,
    write,
)
from scaling_search.errors import InputError, ScalingSearchError

if TYPE_CHECKING:
    from scaling_search.spec import StudySpec
    from scaling_search.store import Store

app = typer.Typer()


@app.command()
def plan(spec: SpecArgument, as_json: Json = False) -> None:
    """Say what a study will run and cost, before anything trains."""
    from scaling_search.candidates import candidates_of
    from scaling_search.console import plan_text
    from scaling_search.engine.local import default_slots
    from scaling_search.plan import plan as make_plan

    study = find_spec(spec)
    made = make_plan(study, candidates_of(study), study.run.slots or default_slots())
    if as_json:
        print_json(made)
    else:
        console().print(plan_text(made), highlight=False)


@app.command()
def run(
    spec: SpecArgument,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Run a study, or go on with it, to its choice and its family."""
    study = find_spec(spec)
    store = open_store(db, create=True)
    _run(study, store, db, slots, f"scaling-search run {spec}")
    _show(store, study.name, as_json)


def _run(study: StudySpec, store: Store, db: str | None, slots: int | None, again: str) -> None:
    """Run a study with live progress; ``again`` is the command that goes on after Ctrl-C."""
    from rich.console import Console

    from scaling_search.console import progress
    from scaling_search.engine.local import LocalEngine
    from scaling_search.enrol import ensure_study
    from scaling_search.search import run_study

    ensure_study(store, study)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Console(stderr=True)
    where_words, folder = f" --db {db}" if db else "", runs_folder(db) / study.name
    try:
        with progress(screen) as report:
            row = run_study(study, store, LocalEngine(slots or study.run.slots), folder, report)
    except KeyboardInterrupt:
        screen.print(f"paused; go on with: {again}{where_words}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(130) from None
    if row.state == "failed":
        raise ScalingSearchError(
            f"study {study.name!r} failed: {row.reason}",
            f"see: scaling-search trials {study.name}{where_words}; run it again to go on",
        )


@app.command()
def resume(study: StudyArgument, db: Db = None, slots: Slots = None, as_json: Json = False) -> None:
    """Go on with a study by its name, with the spec that is stored."""
    from scaling_search.spec import StudySpec

    store = open_store(db)
    _run(StudySpec.model_validate(store.study(study).spec), store, db, slots, f"scaling-search resume {study}")
    _show(store, study, as_json)


@app.command()
def extend(
    study: StudyArgument,
    trials: Annotated[int, typer.Option(help="How many trials to add.")],
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Add trials to a study and run them."""
    from scaling_search.enrol import extend_study

    store = open_store(db)
    longer = extend_study(store, study, trials)
    _run(longer, store, db, slots, f"scaling-search resume {study}")
    _show(store, study, as_json)


@app.command()
def optuna(
    study: StudyArgument,
    to: Annotated[str, typer.Option(help="URL of Optuna's own storage, for example sqlite:///optuna.db.")],
    db: Db = None,
) -> None:
    """Copy a study into Optuna's own tables, for optuna-dashboard and optuna.visualization."""
    from scaling_search import optuna_study

    made = optuna_study(study, db, to)
    print(f"{len(made.trials)} trials copied; look at them with: optuna-dashboard {to}")


def _shown(store: Store, name: str) -> dict[str, Any]:
    """The JSON form of `show`."""
    from scaling_search.records import TRIAL_STATES

    row, counts, choice = store.study(name), store.counts().get(name, {}), store.choice(name)
    times = {"started": row.started_at, "finished": row.finished_at}
    state = {
        "study": name,
        "state": row.state,
        "reason": row.reason,
        "counts": {s: counts.get(s, 0) for s in TRIAL_STATES},
    }
    return {**state, "choice": choice, **times}


def _show(store: Store, name: str, as_json: bool) -> None:
    shown = _shown(store, name)
    if as_json:
        print_json(shown)
        return
    from scaling_search.console import base_text, choice_text, family_table

    screen = console()
    counts = ", ".join(f"{n} {state}" for state, n in shown["counts"].items() if n) or "no trials yet"
    screen.print(
        f"{name}: {shown['state']}{': ' + shown['reason'] if shown['reason'] else ''} ({counts})\n",
        highlight=False,
        markup=False,
    )
    if shown["choice"] is None:
        screen.print("no choice yet: it is made when a round of runs is complete")
        return
    compared = base_text(store.trials(name))
    screen.print(choice_text(shown["choice"]) + (f"\n{compared}" if compared else "") + "\n", highlight=False)
    screen.print(family_table(shown["choice"]["family"]))


@app.command()
def calibrate(
    spec: SpecArgument,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each network at each rate.")] = 2,
    write_spec: Annotated[bool, typer.Option("--write/--no-write", help="Write the rule into the study file.")] = True,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Find the learning rate by depth, and whether every axis trains in runs this short."""
    from dataclasses import asdict

    from scaling_search.calibration import arms_of, rate_specs, write_rule
    from scaling_search.calibration import calibrate as find_rule
    from scaling_search.console import calibration_table

    study, store = find_spec(spec), open_store(db, create=True)
    rows = {}
    for part in rate_specs(study, seeds):
        _run(part, store, db, slots, f"scaling-search calibrate {spec}")
        rows[part.proxy.learning_rate] = store.trials(part.name)
    found = find_rule(study, arms_of(study, rows))
    if as_json:
        print_json(asdict(found))
    else:
        console().print(calibration_table(found))
    path = Path(spec)
    if write_spec and path.exists():
        path.write_text(write_rule(path.read_text(encoding="utf-8"), found), encoding="utf-8")


@app.command(name="list")
def list_studies(db: Db = None, as_json: Json = False) -> None:
    """List the studies in the database, newest first."""
    from scaling_search.console import table

    store = open_store(db)
    counts = store.counts()
    studies = [
        {"study": s.name, "state": s.state, "counts": counts.get(s.name, {}), "created": s.created_at}
        for s in store.studies()
    ]
    if as_json:
        print_json(studies)
        return
    rows = [
        [
            str(s["study"]),
            str(s["state"]),
            ", ".join(f"{n} {k}" for k, n in counts.get(str(s["study"]), {}).items()),
            f"{s['created']:%Y-%m-%d %H:%M} UTC",
        ]
        for s in studies
    ]
    console().print(table(["study", "state", "trials", "created"], rows))


@app.command()
def show(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Show a study's state, choice and family."""
    _show(open_store(db), study, as_json)


@app.command()
def trials(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="csv, json or parquet.")] = "csv",
    output: Output = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write a study's trials, one row each, all columns."""
    from scaling_search.export import csv_text
    from scaling_search.tables import trial_frame

    store = open_store(db)
    store.study(study)
    frame = trial_frame(store.trials(study))
    form = "json" if as_json else form
    if form == "csv":
        write(csv_text(frame), output)
    elif form == "json":
        write(frame.to_json(orient="records", date_format="iso", indent=2) + "\n", output)
    elif form == "parquet":
        write(frame.to_parquet(index=False), output)
    else:
        raise InputError(f"--format: unknown format {form!r}", "choose one of: csv, json, parquet")


@app.command()
def choose(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Choose anew from the runs that are complete now; nothing is stored."""
    from scaling_search.conclude import conclude
    from scaling_search.console import choice_text
    from scaling_search.spec import StudySpec

    store = open_store(db)
    spec = StudySpec.model_validate(store.study(study).spec)
    choice, _ = conclude(store.trials(study), spec)
    if as_json:
        print_json(choice)
    else:
        console().print(choice_text(choice), highlight=False)


@app.command()
def export(
    study: StudyArgument,
    form: Annotated[
        str, typer.Option("--format", help="json, csv, markdown, python or yaml; html: a report; bundle: all data.")
    ] = "json",
    output: Output = None,
    db: Db = None,
) -> None:
    """Write a study's coefficients and family for training code, a report to read, or all of its data."""
    from scaling_search.export import FORMATS, check_format, study_document
    from scaling_search.export import export as render

    check_format(form, [*FORMATS, "html", "bundle"])
    if form == "bundle" and output is None:
        raise InputError("--format bundle needs --output", "name a folder that does not exist yet")
    store = open_store(db)
    row, rows, epochs, choice = store.study(study), store.trials(study), store.epochs(study), store.choice(study)
    if form == "html":
        from scaling_search.report import findings, html  # jinja2 is loaded for these two alone

        write(html(findings(row, rows, epochs, choice)), output)
    elif form == "bundle" and output is not None:
        from scaling_search.bundle import bundle, write_bundle

        write_bundle(bundle(row, rows, epochs, choice), output)
    else:
        write(render(study_document(row, choice), form), output)
