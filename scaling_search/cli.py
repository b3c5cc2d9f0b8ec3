"""The command line: each command is a few lines into the rooms below, which are imported only when a command needs them."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scaling_search.errors import InputError, NotFound, ScalingSearchError

if TYPE_CHECKING:
    from rich.console import Console

    from scaling_search.spec import StudySpec
    from scaling_search.store import Store

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__ and (
    "Finds how to spend a doubling of a convolutional network's cost on depth, width and resolution, and says how sure it is."
))  # fmt: skip
db_app = typer.Typer(no_args_is_help=True, help="The database's schema.")
data_app = typer.Typer(no_args_is_help=True, help="Datasets.")
app.add_typer(db_app, name="db")
app.add_typer(data_app, name="data")

SpecArgument = Annotated[
    str, typer.Argument(metavar="SPEC", help="A study file, or the name of a shipped one: quickstart, …")
]
StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="Name of a study in the database.")]
Db = Annotated[
    str | None, typer.Option("--db", help="Database file or URL. Default: $SCALING_SEARCH_DB, or ./scaling_search.db.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of the screen.")]


def _console() -> Console:
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 160)


def _print_json(values: Any) -> None:
    print(json.dumps(values, indent=2, default=str))


def _spec(given: str) -> StudySpec:
    """The spec at a path, or shipped under that name."""
    from scaling_search.spec import load

    here = Path(__file__).parent
    shipped = [folder / f"{given}.yaml" for folder in (here / "studies", here.parent / "studies")]
    path = Path(given)
    if not path.exists() and "/" not in given:
        path = next((p for p in shipped if p.exists()), path)
    return load(path)


def _store(db: str | None, create: bool = False) -> Store:
    from scaling_search.store import Store, open_database
    from scaling_search.tables import default_database

    return Store(open_database(db or default_database(), create))


def _write(text: str | bytes, output: Path | None) -> None:
    try:
        if output is not None:
            output.write_bytes(text if isinstance(text, bytes) else text.encode())
            return
    except OSError as e:
        raise InputError(f"--output: cannot write {output}: {e.strerror}", "choose another file") from None
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())


@app.command()
def plan(spec: SpecArgument, as_json: Json = False) -> None:
    """Say what a study will run and cost, before anything trains."""
    from scaling_search.candidates import candidates_of
    from scaling_search.console import plan_text
    from scaling_search.engine.local import default_slots
    from scaling_search.plan import plan as make_plan

    study = _spec(spec)
    made = make_plan(study, candidates_of(study), study.run.slots or default_slots())
    if as_json:
        _print_json(made)
    else:
        _console().print(plan_text(made), highlight=False)


@app.command()
def run(
    spec: SpecArgument,
    db: Db = None,
    slots: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time. Default: the spec's, the GPUs, or the cores.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a study, or go on with it, to its choice and its family."""
    from rich.console import Console

    from scaling_search.console import progress
    from scaling_search.engine.local import LocalEngine
    from scaling_search.search import ensure_study, run_study
    from scaling_search.tables import default_database

    study, where = _spec(spec), db or default_database()
    store = _store(where, create=True)
    ensure_study(store, study)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(stderr=True)
    folder = Path(f"{Path(where).with_suffix('')}.runs" if "://" not in where else "scaling_search.runs") / study.name
    try:
        with progress(console) as report:
            row = run_study(study, store, LocalEngine(slots or study.run.slots), folder, report)
    except KeyboardInterrupt:
        console.print(f"paused; go on with: scaling-search run {spec}", highlight=False)
        raise typer.Exit(130) from None
    if row.state == "failed":
        raise ScalingSearchError(
            f"study {study.name!r} failed: {row.reason}", f"see: scaling-search trials {study.name}"
        )
    _show(store, study.name, as_json)


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
        _print_json(shown)
        return
    from scaling_search.console import base_text, choice_text, family_table

    console = _console()
    counts = ", ".join(f"{n} {state}" for state, n in shown["counts"].items() if n) or "no trials yet"
    console.print(
        f"{name}: {shown['state']}{': ' + shown['reason'] if shown['reason'] else ''} ({counts})\n", highlight=False
    )
    if shown["choice"] is None:
        console.print("no choice yet: it is made when a round of runs is complete")
        return
    compared = base_text(store.trials(name))
    console.print(choice_text(shown["choice"]) + (f"\n{compared}" if compared else "") + "\n", highlight=False)
    console.print(family_table(shown["choice"]["family"]))


@app.command(name="list")
def list_studies(db: Db = None, as_json: Json = False) -> None:
    """List the studies in the database, newest first."""
    from scaling_search.console import table

    store = _store(db)
    counts = store.counts()
    studies = [
        {"study": s.name, "state": s.state, "counts": counts.get(s.name, {}), "created": s.created_at}
        for s in store.studies()
    ]
    if as_json:
        _print_json(studies)
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
    _console().print(table(["study", "state", "trials", "created"], rows))


@app.command()
def show(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Show a study's state, choice and family."""
    _show(_store(db), study, as_json)


@app.command()
def trials(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="csv, json or parquet.")] = "csv",
    output: Output = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write a study's trials, one row each, all columns."""
    from scaling_search.tables import trial_frame

    store = _store(db)
    store.study(study)
    frame = trial_frame(store.trials(study))
    form = "json" if as_json else form
    if form == "csv":
        _write(frame.to_csv(index=False), output)
    elif form == "json":
        _write(frame.to_json(orient="records", date_format="iso", indent=2) + "\n", output)
    elif form == "parquet":
        _write(frame.to_parquet(index=False), output)
    else:
        raise InputError(f"--format: unknown format {form!r}", "choose one of: csv, json, parquet")


@app.command()
def choose(study: StudyArgument, db: Db = None, as_json: Json = False) -> None:
    """Choose anew from the runs that are complete now; nothing is stored."""
    from scaling_search.conclude import conclude
    from scaling_search.console import choice_text
    from scaling_search.spec import StudySpec

    store = _store(db)
    spec = StudySpec.model_validate(store.study(study).spec)
    choice, _ = conclude(store.trials(study), spec)
    if as_json:
        _print_json(choice)
    else:
        _console().print(choice_text(choice), highlight=False)


@app.command()
def export(
    study: StudyArgument,
    form: Annotated[str, typer.Option("--format", help="json, csv, markdown or python.")] = "json",
    output: Output = None,
    db: Db = None,
) -> None:
    """Write a study's coefficients and family for training code."""
    from scaling_search.export import document
    from scaling_search.export import export as render

    store = _store(db)
    row, choice = store.study(study), store.choice(study)
    if choice is None:
        raise NotFound(f"study {study!r} has no choice yet", "run it further")
    family = choice.pop("family")
    _write(render(document(family, study, row.spec_hash, row.versions, choice), form), output)


@app.command()
def family(
    alpha: Annotated[float | None, typer.Option(help="Growth of depth for each unit of φ.")] = None,
    beta: Annotated[float | None, typer.Option(help="Growth of width.")] = None,
    gamma: Annotated[float | None, typer.Option(help="Growth of resolution.")] = None,
    phi: Annotated[str, typer.Option(help="φ of B1, B2, …, separated by commas.")] = "0.5,1,2,3.5,5,6,7",
    rounding: Annotated[
        str, typer.Option(help="nearest (solved to 2^φ real MACs) or official (the released code's).")
    ] = "nearest",
    base: Annotated[str, typer.Option(help="Base network.")] = "efficientnet_b0",
    resolution: Annotated[int | None, typer.Option(min=4, max=4096, help="Its px at φ = 0. Default: its own.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="efficientnet: the released B0–B7, whatever else is given.")
    ] = None,
    form: Annotated[str | None, typer.Option("--format", help="json, csv, markdown or python.")] = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Print B1 … Bn of any triple, with real cost; no study is needed."""
    from scaling_search.bases import base_network
    from scaling_search.coefficients import Triple
    from scaling_search.export import document
    from scaling_search.export import export as render
    from scaling_search.family import family as make_family
    from scaling_search.family import released

    if preset is not None:
        if preset != "efficientnet":
            raise InputError(f"--preset: unknown preset {preset!r}", "choose: efficientnet")
        made = released().to_dict()
    else:
        if alpha is None or beta is None or gamma is None:
            raise InputError("--alpha, --beta and --gamma are needed", "or give --preset efficientnet")
        if rounding not in ("nearest", "official"):
            raise InputError(f"--rounding: unknown policy {rounding!r}", "choose one of: nearest, official")
        network = base_network(base)
        network = network.resized(resolution) if resolution else network
        made = make_family(Triple(alpha, beta, gamma), network, _phis(phi), rounding).to_dict()  # type: ignore[arg-type]
    if as_json:
        _write(json.dumps(made, indent=2) + "\n", output)
    elif form is not None or output is not None:
        _write(render(document(made), form or "json"), output)
    else:
        from scaling_search.console import family_table

        _console().print(family_table(made))


def _phis(text: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(0 < v <= 12 for v in values):
        raise InputError(f"--phi: {text!r} is no list of numbers from 0 to 12", "for example: --phi 0.5,1,2")
    return values


@app.command()
def spec(
    spec: Annotated[str | None, typer.Argument(metavar="SPEC", help="A study file.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of study files.")] = False,
    as_json: Json = False,
) -> None:
    """Print a study file filled in with every default, or the schema of all."""
    if schema:
        from scaling_search.spec import StudySpec

        _print_json(StudySpec.model_json_schema())
    elif spec is None:
        raise InputError("give a study file, or --schema")
    elif as_json:
        _print_json(_spec(spec).model_dump(mode="json"))
    else:
        print(_spec(spec).to_yaml(), end="")


@db_app.command("upgrade")
def db_upgrade(db: Db = None) -> None:
    """Bring the database to the newest schema, creating it if there is none."""
    from scaling_search.store import upgrade_database
    from scaling_search.tables import default_database

    where = db or default_database()
    before, after = upgrade_database(where)
    print(f"{where}: schema {after}" + (" (nothing to do)" if before == after else f" (was {before or 'empty'})"))


@data_app.command("check")
def data_check(
    name: Annotated[str, typer.Argument(help="A dataset's name, or a study file.")],
    root: Annotated[str | None, typer.Option(help="Its folder. Default: the user's cache folder.")] = None,
    as_json: Json = False,
) -> None:
    """Get a dataset if it is not there, and say what is in it."""
    from scaling_search.data import check
    from scaling_search.datasets import DATASETS

    if name not in DATASETS:
        proxy = _spec(name).proxy
        name, root = proxy.dataset, root or proxy.root
    found = check(name, root)
    if as_json:
        _print_json(found)
    else:
        print("\n".join(f"{key}: {value}" for key, value in found.items()))


def _fail(error: ScalingSearchError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)


def main() -> None:
    """The console script: errors become one readable message and an exit code."""
    try:
        app()
    except ScalingSearchError as error:
        _fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
