"""A family, with the choice that it comes from, as JSON, YAML, CSV, Markdown or Python."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection
from typing import Any

import pandas as pd
import yaml

from scaling_search.errors import InputError, NotFound
from scaling_search.export.frames import family_frame
from scaling_search.export.frameworks import CODE_FORMATS
from scaling_search.networks.family import Family
from scaling_search.records import StudyRow

SCHEMA = "scaling-search/1"
"""Version of the JSON export; a change that breaks readers raises it."""

Document = dict[str, Any]
"""{"schema", "study", "spec_hash", "versions", "choice", "family"}; study, spec_hash and choice are null without a study."""


def document(
    family: Document | None,
    study: str | None = None,
    spec_hash: str | None = None,
    versions: Document | None = None,
    choice: Document | None = None,
) -> Document:
    """A document from its parts."""
    head = {"schema": SCHEMA, "study": study, "spec_hash": spec_hash, "versions": versions or {}}
    return {**head, "choice": choice, "family": family}


def study_document(study: StudyRow, choice: Document | None) -> Document:
    """The document of a stored study; ``choice`` is the stored one, which holds its family.

    Raises:
        NotFound: the study has no choice yet.
    """
    if choice is None:
        raise NotFound(f"study {study.name!r} has no choice yet", "run it until a round of candidates is complete")
    rest = {k: v for k, v in choice.items() if k != "family"}
    return document(choice["family"], study.name, study.spec_hash, study.versions, rest)


def to_json(doc: Document) -> str:
    """The whole document."""
    return json.dumps(doc, indent=2) + "\n"


def to_yaml(doc: Document) -> str:
    """The whole document; reading it gives the same values as the JSON."""
    return yaml.safe_dump(json.loads(json.dumps(doc)), sort_keys=False, allow_unicode=True, default_flow_style=None)


def _cell(value: object) -> object:
    """A list as 1-2-2; text that a spreadsheet would run as a formula after an apostrophe; line ends as LF."""
    if isinstance(value, list):
        return "-".join(map(str, value))
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # csv does not quote a bare CR, which would end the row
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, with lists as 1-2-2 and formulas made harmless."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    out = io.StringIO()
    safe = table.assign(**{name: table[name].astype(object).map(_cell) for name in texts})
    safe.to_csv(out, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    return out.getvalue()


def to_csv(doc: Document) -> str:
    """One row a network; lists as 1-2-2."""
    table = family_frame(doc["family"])
    table.insert(0, "base", doc["family"]["base"])
    return csv_text(table)


def to_markdown(doc: Document) -> str:
    """A heading, the coefficients, and a table."""
    family = doc["family"]
    columns = {
        "": [m["name"] for m in family["models"]],
        "φ": [f"{m['phi_fitted']:.2f} (fit)" if m["phi"] is None else f"{m['phi']:g}" for m in family["models"]],
        "depth": [f"{m['depth']:.3f}" for m in family["models"]],
        "width": [f"{m['width']:.3f}" for m in family["models"]],
        "px": [m["resolution"] for m in family["models"]],
        "dropout": [f"{m['dropout']:g}" for m in family["models"]],
        "params (M)": [f"{m['params'] / 1e6:.2f}" for m in family["models"]],
        "MACs (G)": [f"{m['macs'] / 1e9:.3f}" for m in family["models"]],
        "real ratio": [f"{m['macs_ratio']:.2f}" for m in family["models"]],
        "target": [f"{m['target_ratio']:.2f}" for m in family["models"]],
    }
    title = f"## {doc['study'] or 'Family'}: {family['base']}, {family['rounding']} rounding\n\n"
    triple = f"α = {family['alpha']:.4f}, β = {family['beta']:.4f}, γ = {family['gamma']:.4f}\n\n"
    table = pd.DataFrame(columns).to_markdown(index=False, disable_numparse=True, colalign=["left"] + ["right"] * 9)
    return f"{title}{triple}{table}\n"


def to_python(doc: Document) -> str:
    """A module with two dicts: COEFFICIENTS, and MODELS by name."""
    family = doc["family"]
    models = {m["name"]: {k: v for k, v in m.items() if k != "name"} for m in family["models"]}
    triple = {k: family[k] for k in ("alpha", "beta", "gamma")}
    lines = [
        f'"""Compound scaling of {family["base"]} ({family["rounding"]} rounding), study: {doc["study"] or "none"}."""',
        "",
        f"COEFFICIENTS = {triple!r}",
        "",
        "MODELS = {",
        *(f"    {name!r}: {values!r}," for name, values in models.items()),
        "}",
    ]
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[Document], str]] = {
    "json": to_json,
    "csv": to_csv,
    "markdown": to_markdown,
    "python": to_python,
    "yaml": to_yaml,
}
ALL_FORMATS = (*FORMATS, *CODE_FORMATS)


def check_format(form: str, known: Collection[str] = ALL_FORMATS) -> None:
    """Check the name of a format.

    Raises:
        InputError: the format is unknown.
    """
    if form not in known:
        raise InputError(f"unknown format {form!r}", f"choose one of: {', '.join(known)}")


def export(doc: Document, form: str) -> str:
    """The document in one of FORMATS, or its family in one of CODE_FORMATS.

    Raises:
        InputError: the format is unknown, or cannot express the family.
    """
    check_format(form)
    return FORMATS[form](doc) if form in FORMATS else CODE_FORMATS[form](Family.model_validate(doc["family"]))
