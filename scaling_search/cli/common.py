"""Arguments and options that several commands share, and functions that read input and write output."""

from __future__ import annotations

import atexit
import json
import os
import shlex
import sys
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.errors import InputError, SpecError

if TYPE_CHECKING:
    from rich.console import Console

    from scaling_search.spec.study import StudySpec
    from scaling_search.store import Store

SpecArgument = Annotated[
    str, typer.Argument(metavar="SPEC", help="A study file, or the name of a shipped study, such as quickstart.")
]
StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="Name of a study in the database.")]
Db = Annotated[
    str | None, typer.Option("--db", help="Database file or URL. Default: $SCALING_SEARCH_DB, or ./scaling_search.db.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Slots = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Number of runs at a time. Default: that of the study file, else the number of GPUs, else of CPU cores.",
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of the screen.")]


def console() -> Console:
    """Rich's standard output: as wide as the terminal, or 160 columns if it is not a terminal."""
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 160)


def print_json(values: Any) -> None:
    """Print values as JSON."""
    print(json.dumps(values, indent=2, default=str))


def is_path(given: str) -> bool:
    """Whether a SPEC is a path rather than the name of a shipped study."""
    return os.path.exists(given) or "/" in given or bool(Path(given).suffix)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The beginning of a hint with the most similar known names; empty if there are none."""
    close = get_close_matches(given.lower(), list(known), 3)
    return f"did you mean {' or '.join(close)}? " if close else ""


def find_spec(given: str) -> StudySpec:
    """The study at a path, or the shipped study of that name.

    Raises:
        SpecError: there is no such study, or the file is invalid.
    """
    from scaling_search.paths import shipped_studies
    from scaling_search.spec.study_file import load

    if is_path(given):
        return load(given)
    shipped = shipped_studies()
    if given not in shipped:
        hint = f"give a path, or a shipped study: {', '.join(sorted(shipped))}"
        raise SpecError(f"there is no study file {given!r}", did_you_mean(given, shipped) + hint)
    return load(shipped[given])


def open_store(db: str | None, create: bool = False) -> Store:
    """The store at --db, $SCALING_SEARCH_DB or the default; closed when the process ends."""
    from scaling_search.paths import default_database
    from scaling_search.store import Store, open_database

    store = Store(open_database(db or default_database(), create))
    atexit.register(store.close)
    return store


def check_known_format(form: str | None, known: Collection[str]) -> None:
    """Check a --format, if it is given.

    Raises:
        InputError: it is unknown.
    """
    if form is not None and form not in known:
        raise InputError(f"--format: unknown format {form!r}", f"choose one of: {', '.join(known)}")


def no_choice(study: str, db: str | None) -> InputError:
    """The error for a study without a choice."""
    return InputError(f"study {study!r} has no choice yet", f"run: {with_db(f'scaling-search resume {study}', db)}")


def with_db(command: str, db: str | None) -> str:
    """A command for a hint, with the --db that was given, without its password."""
    from scaling_search.store.database import shown

    return f"{command} --db {shlex.quote(shown(db))}" if db else command


def study_json(store: Store, name: str) -> dict[str, Any]:
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
    return {**state, "choice": choice, "costs": _costs(row.spec, choice), **times}


def _costs(spec: dict[str, Any], choice: dict[str, Any] | None) -> list[dict[str, Any]]:
    from scaling_search.report.cost_table import chosen_prices
    from scaling_search.spec.study import StudySpec

    return [p.to_dict() for p in chosen_prices(StudySpec.model_validate(spec), choice)] if choice else []


ModelOption = Annotated[
    str | None, typer.Option("--model", help="Network of the family to write: b0, b1, … Needed for onnx.")
]


def rendered(document: dict[str, Any], form: str, model: str | None) -> str | bytes:
    """A document in a text format, or one network of its family as ONNX.

    Raises:
        InputError: the format is onnx, and no model is named.
    """
    from scaling_search.export.documents import export

    if form != "onnx":
        return export(document, form)
    if model is None:
        raise InputError("--format onnx writes one network", "name it: --model b1")
    from scaling_search.export.frameworks import network
    from scaling_search.export.onnx import to_onnx
    from scaling_search.networks.family import Family

    return to_onnx(network(Family.model_validate(document["family"]), model))


def write(text: str | bytes, output: Path | None) -> None:
    """Write to a file, or to standard output.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        if output is not None:
            output.write_bytes(text if isinstance(text, bytes) else text.encode())
            return
    except OSError as e:
        raise InputError(f"--output: cannot write {output}: {e.strerror}", "choose another file") from None
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
