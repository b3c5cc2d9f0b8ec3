"""Commands that read results: list, show, trials, choose, export, optuna."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    ModelOption,
    Output,
    StudyArgument,
    check_known_format,
    console,
    open_store,
    print_json,
    rendered,
    study_json,
    with_db,
    write,
)
from scaling_search.errors import InputError, NotFound

if TYPE_CHECKING:
    from scaling_search.records import Epochs, StudyRow, TrialRow
    from scaling_search.store import Store

app = typer.Typer()
FIGURES = ("triangle", "curves", "cost")


def show_study(store: Store, name: str, as_json: bool) -> None:
    """Print a study's state, choice and family."""
    values = study_json(store, name)
    if as_json:
        print_json(values)
        return
    from scaling_search.cli.display import base_text, choice_text, family_table, price_table
    from scaling_search.report.cost_table import chosen_prices
    from scaling_search.spec.study import StudySpec

    screen = console()
    counts = ", ".join(f"{n} {state}" for state, n in values["counts"].items() if n) or "no trials yet"
    screen.print(
        f"{name}: {values['state']}{': ' + values['reason'] if values['reason'] else ''} ({counts})\n",
        highlight=False,
        markup=False,
    )
    if values["choice"] is None:
        screen.print("no choice yet: it is made when a round of runs is complete")
        return
    comparison = base_text(store.trials(name))
    screen.print(choice_text(values["choice"]) + (f"\n{comparison}" if comparison else "") + "\n", highlight=False)
    costs = chosen_prices(StudySpec.model_validate(store.study(name).spec), values["choice"])
    if costs:
        screen.print(price_table(costs))
        screen.print()
    screen.print(family_table(values["choice"]["family"]))


@app.command(name="list")
def list_studies(db: Db = None, as_json: Json = False) -> None:
    """List the studies in the database, newest first."""
    from scaling_search.cli.display import table
    from scaling_search.report.format import utc_minute

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
            s.name,
            s.state,
            ", ".join(f"{n} {k}" for k, n in counts.get(s.name, {}).items()),
            utc_minute(s.created_at),
        ]
        for s in store.studies()
    ]
    console().print(table(["study", "state", "trials", "created"], rows))


@app.command()
def show(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Show a study's state, choice and family."""
    show_study(open_store(db), study, as_json)


@app.command()
def trials(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="csv, json or parquet.")] = "csv",
    output: Output = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write a study's trials: one row per trial, all columns."""
    from scaling_search.export.documents import csv_text
    from scaling_search.export.frames import trial_frame

    check_known_format(form, ("csv", "json", "parquet"))
    store = open_store(db)
    store.study(study)
    frame = trial_frame(store.trials(study))
    form = "json" if as_json else form
    if form == "csv":
        write(csv_text(frame), output)
    elif form == "json":
        write(frame.to_json(orient="records", date_format="iso", indent=2) + "\n", output)
    else:
        write(frame.to_parquet(index=False), output)


@app.command()
def choose(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Choose again from the runs that are complete now. The new choice is not stored."""
    from scaling_search.analysis.recommendation import recommend
    from scaling_search.cli.display import choice_text
    from scaling_search.spec.study import StudySpec

    store = open_store(db)
    spec = StudySpec.model_validate(store.study(study).spec)
    choice = recommend(store.trials(study), spec).to_dict()
    if as_json:
        print_json(choice)
    else:
        console().print(choice_text(choice), highlight=False)


@app.command()
def export(
    study: StudyArgument,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="Coefficients and family: json, csv, markdown, python, yaml. Networks: pytorch, torchvision, timm, keras, pycls, tensorflow, onnx. The report: html. One of its figures (SVG): triangle, curves, cost. All data: bundle.",
        ),
    ] = "json",
    model: ModelOption = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="Another study whose choice the html report shows too. Repeatable.")
    ] = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Write a study's coefficients and family, its networks for a framework, its report, or all of its data."""
    from scaling_search.export.documents import ALL_FORMATS, check_format, study_document

    check_format(form, [*ALL_FORMATS, "onnx", "html", *FIGURES, "bundle"])
    if form == "bundle" and output is None:
        raise InputError("--format bundle needs --output", "give a folder that does not exist yet: --output NAME")
    store = open_store(db)
    if form == "html":
        write(_report(store, study, beside or ()), output)
    elif form in FIGURES:
        write(_figure(store, study, form, db), output)
    elif form == "bundle" and output is not None:
        from scaling_search.export.bundle import bundle, write_bundle

        write_bundle(bundle(*_study_data(store, study)), output)
    else:
        write(rendered(study_document(store.study(study), store.choice(study)), form, model), output)


def _report(store: Store, study: str, beside: Sequence[str]) -> str:
    from scaling_search.report import collect_study_data, report_html

    first, *others = (collect_study_data(*_study_data(store, name)) for name in (study, *beside))
    return report_html(first, others)


def _figure(store: Store, study: str, name: str, db: str | None) -> str:
    from scaling_search.report import collect_study_data, figures
    from scaling_search.report.svg import standalone

    image = figures(collect_study_data(*_study_data(store, study)))[name]["svg"]
    if not image:
        hint = f"run: {with_db(f'scaling-search resume {study}', db)}"
        raise NotFound(f"study {study!r} has nothing to draw in {name} yet", hint)
    return standalone(image)


def _study_data(store: Store, name: str) -> tuple[StudyRow, list[TrialRow], Epochs, dict[str, Any] | None]:
    return store.study(name), store.trials(name), store.epochs(name), store.choice(name)


@app.command()
def optuna(
    study: StudyArgument,
    to: Annotated[str, typer.Option(help="URL of an Optuna storage, for example sqlite:///optuna.db.")],
    db: Db = None,
) -> None:
    """Copy a study to an Optuna storage, for optuna-dashboard and optuna.visualization."""
    from scaling_search import optuna_study

    copied = optuna_study(study, db, to)
    print(f"{len(copied.trials)} trials copied; look at them with: optuna-dashboard {to}")
