"""Commands that run studies: plan, run, resume, extend, calibrate."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    Slots,
    SpecArgument,
    StudyArgument,
    console,
    find_spec,
    open_store,
    print_json,
    with_db,
)
from scaling_search.cli.results import show_study
from scaling_search.errors import ScalingSearchError
from scaling_search.paths import runs_folder

if TYPE_CHECKING:
    from scaling_search.spec.study import StudySpec
    from scaling_search.store import Store

app = typer.Typer()


@app.command()
def plan(spec: SpecArgument, as_json: Json = False) -> None:
    """Show what a study will run and what it will cost, without training."""
    from scaling_search.cli.display import plan_text
    from scaling_search.engine.local import default_slots
    from scaling_search.search.plan import plan as make_plan
    from scaling_search.spec.search_space import search_space

    study = find_spec(spec)
    result = make_plan(study, search_space(study), study.run.slots or default_slots())
    if as_json:
        print_json(result)
    else:
        console().print(plan_text(result), highlight=False)


@app.command()
def run(
    spec: SpecArgument,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Run a study to its end, or continue it, and show its choice and family."""
    study = find_spec(spec)
    store = open_store(db, create=True)
    run_live(study, store, db, slots, f"scaling-search run {spec}")
    show_study(store, study.name, as_json)


def run_live(study: StudySpec, store: Store, db: str | None, slots: int | None, again: str) -> None:
    """Run a study with live progress.

    ``again`` is the command that continues it after Ctrl-C.

    Raises:
        ScalingSearchError: the study failed.
        typer.Exit: it was interrupted.
    """
    from contextlib import redirect_stdout

    from rich.console import Console

    from scaling_search.cli.display import progress, untrained_text
    from scaling_search.engine import make_engine
    from scaling_search.search.run import run_study
    from scaling_search.search.studies import get_or_create_study
    from scaling_search.training.checkpoints import folder_of

    get_or_create_study(store, study)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Console(stderr=True)
    folder = folder_of(study, runs_folder(db))
    try:
        with (
            redirect_stdout(sys.stderr),
            progress(screen) as report,
        ):  # Ray prints to stdout, which is reserved for results
            row = run_study(study, store, make_engine(study.run, slots), folder, report)
    except KeyboardInterrupt:
        screen.print(f"paused; go on with: {with_db(again, db)}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(130) from None
    warning = untrained_text(store.trials(study.name))
    if warning:
        screen.print(warning, highlight=False, markup=False, soft_wrap=True)
    if row.state == "failed":
        raise ScalingSearchError(
            f"study {study.name!r} failed: {row.reason}",
            f"see: {with_db(f'scaling-search trials {study.name}', db)}; run it again to go on",
        )


@app.command()
def resume(study: StudyArgument, db: Db = None, slots: Slots = None, as_json: Json = False) -> None:
    """Continue a study by its name, as it is stored in the database."""
    from scaling_search.spec.study import StudySpec

    store = open_store(db)
    run_live(StudySpec.model_validate(store.study(study).spec), store, db, slots, f"scaling-search resume {study}")
    show_study(store, study, as_json)


@app.command()
def extend(
    study: StudyArgument,
    trials: Annotated[int, typer.Option(help="Number of trials to add.")],
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Add trials to a study and run them."""
    from scaling_search.search.studies import extend_study

    store = open_store(db)
    extended = extend_study(store, study, trials)
    run_live(extended, store, db, slots, f"scaling-search resume {study}")
    show_study(store, study, as_json)


@app.command()
def calibrate(
    spec: SpecArgument,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each network at each learning rate.")] = 2,
    judges: Annotated[int, typer.Option(min=1, help="New runs of each network with the rule, which test it.")] = 4,
    write_spec: Annotated[bool, typer.Option("--write/--no-write", help="Write the rule into the study file.")] = True,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Find a rule for the learning rate by depth, and check that every axis trains in runs this short."""
    from dataclasses import asdict

    from scaling_search.analysis.calibration import calibrate as compare_axes
    from scaling_search.analysis.calibration import find_rule, measured_arms, rate_specs, rule_spec
    from scaling_search.cli.display import calibration_table
    from scaling_search.spec.edit import write_rule

    study, store, again = find_spec(spec), open_store(db, create=True), f"scaling-search calibrate {spec}"
    rows = {}
    for part in rate_specs(study, seeds):
        run_live(part, store, db, slots, again)
        rows[part.proxy.learning_rate] = store.trials(part.name)
    arms = measured_arms(study, rows)
    rule_study = rule_spec(study, *find_rule(study, arms), judges)
    run_live(rule_study, store, db, slots, again)
    calibration = compare_axes(study, arms, store.trials(rule_study.name))
    if as_json:
        print_json(asdict(calibration))
    else:
        console().print(calibration_table(calibration))
    path = Path(spec)
    if write_spec and path.exists():
        text = write_rule(path.read_text(encoding="utf-8"), calibration.learning_rate, calibration.depth_exponent)
        path.write_text(text, encoding="utf-8")
