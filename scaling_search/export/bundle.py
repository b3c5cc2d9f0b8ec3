"""A whole study as a folder of files for other tools: Parquet and CSV tables, one JSON document, and what the columns mean."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from scaling_search.errors import InputError
from scaling_search.export.documents import csv_text, document, frame
from scaling_search.export.frames import trial_frame
from scaling_search.networks.coefficients import AXES
from scaling_search.records import EpochResult, Epochs, StudyRow, TrialRow

NESTED = ("optima", "cross_check", "lack_of_fit", "movement", "warnings", "intervals", "network", "macs_shares", "held")
TEXT = ("key", "method", "verdict")
"""Columns of the choice that hold no numbers."""


def epoch_frame(epochs: Epochs) -> pd.DataFrame:
    """One row an epoch of an attempt at a trial."""
    columns = ["number", "attempt", *(f.name for f in fields(EpochResult))]
    return pd.DataFrame([[n, attempt, *asdict(e).values()] for n, attempt, e in epochs], columns=columns)


def choice_frame(choice: Mapping[str, Any]) -> pd.DataFrame:
    """The choice as one row; of its tie region only the size (study.json has all of it)."""
    nested = ("family", "shares", "accuracy_interval", "probability_better_than", "tie_region", *NESTED)
    values = {k: v for k, v in choice.items() if k not in nested}
    values |= {f"share_{a}": s for a, s in zip(AXES, choice["shares"], strict=True)}
    values["accuracy_low"], values["accuracy_high"] = choice["accuracy_interval"]
    values |= {f"better_than_{k}": p for k, p in choice["probability_better_than"].items()}
    table = pd.DataFrame([values | {"tie_networks": len(choice["tie_region"])}])
    return table.assign(**{name: pd.to_numeric(table[name]) for name in table.columns if name not in TEXT})


def tables(rows: Sequence[TrialRow], epochs: Epochs, choice: Mapping[str, Any] | None) -> dict[str, pd.DataFrame]:
    """File stem → table; those of choice and family only when something is chosen."""
    trials = trial_frame(rows).astype({"error": "string"})
    found = {"trials": trials, "epochs": epoch_frame(epochs)}
    return found | ({"choice": choice_frame(choice), "family": frame(choice["family"])} if choice else {})


def study_json(study: StudyRow, choice: Mapping[str, Any] | None) -> str:
    """The JSON export, and with it the spec, state and times."""
    rest = {k: v for k, v in (choice or {}).items() if k != "family"} or None
    family = choice["family"] if choice else None
    made = document(family, study.name, study.spec_hash, study.versions, rest)
    about = {k: getattr(study, k) for k in ("description", "state", "reason", "spec")}
    times = {k: getattr(study, k) for k in ("created_at", "started_at", "finished_at")}
    text = {k: t.isoformat() if t else None for k, t in times.items()}
    return json.dumps({**made, **about, **text}, indent=2, ensure_ascii=False) + "\n"


def bundle(
    study: StudyRow,
    rows: Sequence[TrialRow],
    epochs: Epochs,
    choice: Mapping[str, Any] | None,
) -> dict[str, bytes]:
    """File name → content."""
    files = {"study.json": study_json(study, choice).encode()}
    made = tables(rows, epochs, choice)
    for stem, table in made.items():
        files[f"{stem}.parquet"] = table.to_parquet(index=False)
        files[f"{stem}.csv"] = csv_text(table).encode()
    environment = Environment(
        loader=PackageLoader("scaling_search.export"), undefined=StrictUndefined, trim_blocks=True
    )
    readme = environment.get_template("bundle.txt").render(study=study, tables=made)
    return files | {"README.txt": (readme + "\n").encode()}


def write_bundle(files: Mapping[str, bytes], folder: Path) -> None:
    """All files into a folder that is new or empty, or nothing: they are written beside it, then renamed in one step.

    Raises:
        InputError: the folder holds something or cannot be written.
    """
    folder = folder.resolve()
    remedy = "name a folder that does not exist yet"
    if folder.is_file() or folder == Path.cwd():
        raise InputError(f"--output: {folder} cannot be replaced by a folder", remedy)
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"--output: {folder} is not empty", remedy)
        partial.mkdir()
        for name, content in files.items():
            (partial / name).write_bytes(content)
        partial.replace(folder)
    except OSError as e:
        raise InputError(f"--output: cannot write {folder}: {e.strerror}", remedy) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
