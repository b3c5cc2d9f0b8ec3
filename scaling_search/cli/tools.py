"""Commands that need no study: family, spec, db, data."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    ModelOption,
    Output,
    console,
    find_spec,
    is_path,
    nearest,
    open_store,
    print_json,
    rendered,
    shipped_studies,
    with_db,
    write,
)
from scaling_search.errors import InputError, StudyExists

if TYPE_CHECKING:
    from scaling_search.spec.proxy import ProxySpec

app = typer.Typer()
db_app = typer.Typer(no_args_is_help=True, help="The database: its schema, and copies of studies.")
data_app = typer.Typer(no_args_is_help=True, help="Datasets.")
app.add_typer(db_app, name="db")
app.add_typer(data_app, name="data")


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
    form: Annotated[str | None, typer.Option("--format", help="As for `export`, but html and bundle.")] = None,
    model: ModelOption = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Print B1 … Bn of any triple, with real cost; no study is needed."""
    if form is not None:
        from scaling_search.export.documents import ALL_FORMATS, check_format

        check_format(form, (*ALL_FORMATS, "onnx"))
    made = _family(preset, alpha, beta, gamma, phi, rounding, base, resolution)
    if any((m["phi"] or 0) < 0 for m in made["models"]):
        from scaling_search.networks.family import SMALLER

        print(f"note: {SMALLER}", file=sys.stderr)
    for words in made.get("notes", ()):
        print(f"note: {words}", file=sys.stderr)
    if as_json:
        write(json.dumps(made, indent=2) + "\n", output)
    elif form is not None or output is not None:
        from scaling_search.export.documents import document

        write(rendered(document(made), form or "json", model), output)
    else:
        from scaling_search.console import family_table

        console().print(family_table(made))


def _family(
    preset: str | None,
    alpha: float | None,
    beta: float | None,
    gamma: float | None,
    phi: str,
    rounding: str,
    base: str,
    resolution: int | None,
) -> dict[str, Any]:
    """The family that the options of `family` describe, in JSON form."""
    from scaling_search.networks.bases import base_network
    from scaling_search.networks.coefficients import Triple
    from scaling_search.networks.family import family as make_family
    from scaling_search.networks.family import released

    if preset is not None:
        if preset != "efficientnet":
            raise InputError(f"--preset: unknown preset {preset!r}", "choose: efficientnet")
        return released().to_dict()
    if alpha is None or beta is None or gamma is None:
        raise InputError("--alpha, --beta and --gamma are needed", "or give --preset efficientnet")
    if rounding not in ("nearest", "official"):
        raise InputError(f"--rounding: unknown policy {rounding!r}", "choose one of: nearest, official")
    network = base_network(base)
    network = network.resized(resolution) if resolution else network
    return make_family(Triple(alpha, beta, gamma), network, _phis(phi), rounding).to_dict()  # type: ignore[arg-type]


def _phis(text: str) -> list[float]:
    from scaling_search.networks.coefficients import is_phi

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(map(is_phi, values)):
        raise InputError(
            f"--phi: {text!r} is no list of numbers from −6 to 12 without 0", "for example: --phi 0.5,1,2, or --phi=-1"
        )
    return values


@app.command()
def spec(
    spec: Annotated[str | None, typer.Argument(metavar="SPEC", help="A study file.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of study files.")] = False,
    as_json: Json = False,
) -> None:
    """Print a study file filled in with every default, or the schema of all."""
    if schema:
        from scaling_search.spec.study import StudySpec

        print_json(StudySpec.model_json_schema())
    elif spec is None:
        raise InputError("give a study file, or --schema")
    elif as_json:
        print_json(find_spec(spec).model_dump(mode="json"))
    else:
        print(find_spec(spec).to_yaml(), end="")


@db_app.command("upgrade")
def db_upgrade(db: Db = None) -> None:
    """Bring the database to the newest schema, creating it if there is none."""
    from scaling_search.paths import default_database
    from scaling_search.store import upgrade_database
    from scaling_search.store.database import shown

    where = db or default_database()
    before, after = upgrade_database(where)
    print(
        f"{shown(where)}: schema {after}" + (" (nothing to do)" if before == after else f" (was {before or 'empty'})")
    )


@db_app.command("current")
def db_current(db: Db = None, as_json: Json = False) -> None:
    """Say which schema the database has, and whether it is the newest; change nothing. The exit code is 1 if it is not."""
    from scaling_search.paths import default_database
    from scaling_search.store import current_schema
    from scaling_search.store.database import HEAD, schema_state, shown

    where = db or default_database()
    found = current_schema(where)
    state = schema_state(found)
    upgrade = f"the newest is {HEAD}; run: {with_db('scaling-search db upgrade', db)}"
    too_old = f"this program knows {HEAD} and is too old for it; upgrade scaling-search"
    words = {"empty": upgrade, "older": upgrade, "newest": "the newest", "newer": too_old}[state]
    if as_json:
        print_json({"database": shown(where), "schema": found, "newest": HEAD, "state": state})
    else:
        print(f"{shown(where)}: schema {found or 'empty'} ({words})")
    if state != "newest":
        raise typer.Exit(1)


@db_app.command("copy")
def db_copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Database file or URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Database file or URL; created if there is none.")],
    study: Annotated[list[str] | None, typer.Option(help="Only this study. Repeatable. Default: all.")] = None,
    as_json: Json = False,
) -> None:
    """Copy studies to another database, SQLite or PostgreSQL, and verify every row. Tokens and audit trail stay."""
    from scaling_search.store import copy_studies

    try:
        made = copy_studies(open_store(source), open_store(target, create=True), study or ())
    except StudyExists as e:
        raise StudyExists(
            e.message, f"{e.hint}; for its pages run: {with_db('scaling-search serve', target)}"
        ) from None
    if as_json:
        print_json(made)
    for name, rows in made.items() if not as_json else ():
        print(f"{name}: " + ", ".join(f"{n} {table}" for table, n in rows.items() if n and table != "study"))


@data_app.command("check")
def data_check(
    name: Annotated[str, typer.Argument(help="A dataset's name, or a study file, whose data must be what it says.")],
    root: Annotated[str | None, typer.Option(help="Its folder. Default: the user's cache folder.")] = None,
    as_json: Json = False,
) -> None:
    """Get a dataset if it is not there, and say what is in it; damaged images of a folder are named."""
    from scaling_search.errors import DataError

    dataset, proxy = _dataset(name)
    from scaling_search.data.check import check

    found = check(dataset, root or (proxy.root if proxy else None), proxy.data_request() if proxy else None)
    corrupt = found.get("corrupt", [])
    if as_json:
        print_json(found)
    else:
        print("\n".join(f"{key}: {_shown(value)}" for key, value in found.items() if key != "corrupt"))
        print("".join(f"corrupt: {bad['reason']}\n" for bad in corrupt), end="")
    if corrupt:
        raise DataError(f"{len(corrupt)} of {found['images']} images cannot be read", "replace or delete them")


def _dataset(name: str) -> tuple[str, ProxySpec | None]:
    """(a dataset's own name, None), or that of the study file of this path or name and the file's section.

    Raises:
        InputError: it is neither.
    """
    from scaling_search.data.catalog import DATASETS, HUGGINGFACE, TORCHVISION, resolve

    if name in DATASETS or name.startswith((TORCHVISION, HUGGINGFACE)):
        try:
            return resolve(name), None
        except ValueError as e:
            raise InputError(str(e)) from None
    studies = shipped_studies()
    if not is_path(name) and name not in studies:
        known = f"datasets: {', '.join(DATASETS)}, {TORCHVISION}ClassName, {HUGGINGFACE}NAME; or give a study file"
        raise InputError(f"there is no dataset {name!r}", nearest(name, [*DATASETS, *studies]) + known)
    proxy = find_spec(name).proxy
    return proxy.dataset, proxy


def _shown(value: object) -> str:
    if isinstance(value, list):
        few = ", ".join(map(_shown, value[:10]))
        return few if len(value) <= 10 else f"{few}, … ({len(value)})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
