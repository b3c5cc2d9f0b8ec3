"""A study as a folder of files: Parquet and CSV tables, one JSON document, and a README that explains the columns."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from scaling_search.errors import InputError
from scaling_search.export.documents import csv_text, document
from scaling_search.export.frames import choice_frame, epoch_frame, family_frame, trial_frame
from scaling_search.records import Epochs, Recommendation, StudyRow, TrialRow


def tables(rows: Sequence[TrialRow], epochs: Epochs, choice: Mapping[str, Any] | None) -> dict[str, pd.DataFrame]:
    """File stem → table; without a choice, those of choice and family are absent."""
    frames = {"trials": trial_frame(rows).astype({"error": "string"}), "epochs": epoch_frame(epochs)}
    if choice:
        frames |= {
            "choice": choice_frame(Recommendation.model_validate(choice)),
            "family": family_frame(choice["family"]),
        }
    return frames


def study_json(study: StudyRow, choice: Mapping[str, Any] | None) -> str:
    """The JSON export with the study's spec, state and times."""
    rest = {k: v for k, v in (choice or {}).items() if k != "family"} or None
    family = choice["family"] if choice else None
    base = document(family, study.name, study.spec_hash, study.versions, rest)
    facts = {k: getattr(study, k) for k in ("description", "state", "reason", "spec")}
    times = {k: getattr(study, k) for k in ("created_at", "started_at", "finished_at")}
    iso_times = {k: t.isoformat() if t else None for k, t in times.items()}
    return json.dumps({**base, **facts, **iso_times}, indent=2, ensure_ascii=False) + "\n"


def bundle(
    study: StudyRow,
    rows: Sequence[TrialRow],
    epochs: Epochs,
    choice: Mapping[str, Any] | None,
) -> dict[str, bytes]:
    """File name → content."""
    files = {"study.json": study_json(study, choice).encode()}
    frames = tables(rows, epochs, choice)
    for stem, table in frames.items():
        files[f"{stem}.parquet"] = table.to_parquet(index=False)
        files[f"{stem}.csv"] = csv_text(table).encode()
    environment = Environment(
        loader=PackageLoader("scaling_search.export"), undefined=StrictUndefined, trim_blocks=True
    )
    readme = environment.get_template("bundle.txt").render(study=study, tables=frames)
    return files | {"README.txt": (readme + "\n").encode()}


def write_bundle(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files into a new or empty folder, or none: they are written beside it, then renamed in one step.

    Raises:
        InputError: the folder is not empty or cannot be written.
    """
    folder = folder.resolve()
    hint = "name a folder that does not exist yet"
    if folder.is_file() or folder == Path.cwd():
        raise InputError(f"--output: {folder} cannot be replaced by a folder", hint)
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"--output: {folder} is not empty", hint)
        partial.mkdir()
        for name, content in files.items():
            (partial / name).write_bytes(content)
        partial.replace(folder)
    except OSError as e:
        raise InputError(f"--output: cannot write {folder}: {e.strerror}", hint) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
