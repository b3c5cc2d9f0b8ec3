"""A family, and the choice behind it, as text for other tools."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd

from scaling_search.errors import InputError

SCHEMA = "scaling-search/1"
"""Version of the JSON export; a change that breaks readers raises it."""

Document = dict[str, Any]
"""{"schema", "study", "spec_hash", "versions", "choice", "family"}; study, spec_hash and choice are null without a study."""


def document(
    family: Document,
    study: str | None = None,
    spec_hash: str | None = None,
    versions: Document | None = None,
    choice: Document | None = None,
) -> Document:
    """Everything an export says."""
    head = {"schema": SCHEMA, "study": study, "spec_hash": spec_hash, "versions": versions or {}}
    return {**head, "choice": choice, "family": family}


def frame(family: Document) -> pd.DataFrame:
    """The family as a table, one row a network; lists stay lists."""
    return pd.DataFrame(family["models"])


def to_json(doc: Document) -> str:
    """The whole document."""
    return json.dumps(doc, indent=2) + "\n"


def to_csv(doc: Document) -> str:
    """One row a network; lists as 1-2-2."""
    table = frame(doc["family"])
    for column in ("repeats", "channels"):
        table[column] = ["-".join(map(str, values)) for values in table[column]]
    table.insert(0, "base", doc["family"]["base"])
    out = io.StringIO()
    table.to_csv(out, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    return out.getvalue()


def to_markdown(doc: Document) -> str:
    """A heading, the coefficients, and a table."""
    family = doc["family"]
    shown = {
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
    table = pd.DataFrame(shown).to_markdown(index=False, disable_numparse=True, colalign=["left"] + ["right"] * 9)
    return f"{title}{triple}{table}\n"


def to_python(doc: Document) -> str:
    """A module with two dicts: COEFFICIENTS, and MODELS by name."""
    family = doc["family"]
    models = {m["name"]: {k: v for k, v in m.items() if k != "name"} for m in family["models"]}
    triple = {k: family[k] for k in ("alpha", "beta", "gamma")}
    lines = [
        f'"""Compound scaling of {family["base"]} ({family["rounding"]} rounding), study: {doc["study"] or "none"}."""',
        "",
    ]
    lines += [
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
}


def export(doc: Document, form: str) -> str:
    """The document in one of FORMATS.

    Raises:
        InputError: there is no such format.
    """
    if form not in FORMATS:
        raise InputError(f"unknown format {form!r}", f"choose one of: {', '.join(FORMATS)}")
    return FORMATS[form](doc)
