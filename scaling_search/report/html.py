"""The report as one HTML page: no scripts, no requests, light and dark, printable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scaling_search.errors import InputError
from scaling_search.networks.architecture import Architecture
from scaling_search.networks.coefficients import AXES, PUBLISHED_PHI
from scaling_search.networks.cost_summary import cost_summaries
from scaling_search.networks.family import released
from scaling_search.networks.iso_latency import LATENCY_TOLERANCE
from scaling_search.records import TRIAL_STATES, TrialRow
from scaling_search.report.choice_view import build_choice_view, triangle_of
from scaling_search.report.cost_figure import cost_svg, cost_title
from scaling_search.report.cost_table import COLUMNS, note, table_rows
from scaling_search.report.curves_figure import curves, curves_svg, curves_title
from scaling_search.report.labels import AXIS_ONLY, BASE, COST_LABELS
from scaling_search.report.narrative import headline, paragraphs
from scaling_search.report.published_figure import TITLE as PUBLISHED_TITLE
from scaling_search.report.published_figure import note as published_note
from scaling_search.report.published_figure import published_svg
from scaling_search.report.study_data import StudyData
from scaling_search.spec.yaml_text import to_text

MAX_TRIALS = 500
"""Rows of the table of trials; the page names the command that lists the rest."""

Table = dict[str, Any]
"""{"columns": [...], "rows": [{"cells": [...], "note": text below the row, or ""}]}."""


def figures(data: StudyData) -> dict[str, dict[str, Any]]:
    """Figure name → {"svg", "title", "note"}; ``svg`` is empty if there is nothing to draw yet."""
    drawn = len(curves(data))
    curves_note = "One line a run."
    if drawn < len({number for number, _, _ in data.epochs}):
        curves_note += f" The first {drawn} runs are drawn."
    view = build_choice_view(data)
    cost_note = "Mean accuracy of each network; the thin line is a least-squares fit."
    if data.spec.budget.mode == "real":
        cost_note += f" The search holds {COST_LABELS[data.spec.budget.cost]} at {data.spec.budget.target:g}× within {_within(data):.0%}."
    imagenet = published_svg(data.choice["family"]) if data.choice else ""
    return {
        "triangle": {"svg": triangle_of(view, data.networks), "title": view["title"], "note": view["note"]},
        "published": {"svg": imagenet, "title": PUBLISHED_TITLE, "note": published_note()},
        "curves": {"svg": curves_svg(data), "title": curves_title(data), "note": curves_note},
        "cost": {"svg": cost_svg(data), "title": cost_title(data), "note": cost_note},
    }


def _within(data: StudyData) -> float:
    return LATENCY_TOLERANCE if data.spec.budget.cost == "latency" else data.spec.budget.tolerance


def price_table(data: StudyData, beside: Sequence[StudyData]) -> Table | None:
    """Costs of the base, of each axis's extreme network, and of the choices of this study and the studies ``beside``.

    None without a choice, or if the module of a user's factory is missing.
    """
    if data.choice is None or "network" not in data.choice:
        return None
    networks = {AXIS_ONLY[axis]: data.references[axis].architecture for axis in AXES}
    chosen = {f"chosen by {f.study.name}": f.choice for f in [data, *beside] if f.choice and "network" in f.choice}
    networks |= {name: Architecture.from_dict(choice["network"]) for name, choice in chosen.items()}
    try:
        costs = cost_summaries(data.spec.base_architecture(), networks, data.spec.budget.latency_batch)
    except InputError:
        return None
    coefficients = {name: ", ".join(f"{c[k]:.3f}" for k in ("alpha", "beta", "gamma")) for name, c in chosen.items()}
    accuracies = {name: f"{c['accuracy']:.1%}" for name, c in chosen.items()}
    rows = [
        {"cells": [*cells, coefficients.get(cells[0], ""), accuracies.get(cells[0], "")], "note": ""}
        for cells in table_rows(costs)
    ]
    return {
        "columns": [*COLUMNS, "α, β, γ", "accuracy"],
        "rows": rows,
        "words": note(data.spec, costs, data.study.name),
    }


def trial_table(rows: Sequence[TrialRow]) -> Table:
    """One compact row per trial, with its error below it."""
    columns = ["run", "network", "blocks", "width", "px", "depth", "width", "res.", "MACs", "accuracy", "loss", "time", "state"]  # fmt: skip
    table = []
    for r in rows[:MAX_TRIALS]:
        name = BASE if r.role == "base" else r.key
        shares = [f"{s:.0%}" for s in r.shares] if r.shares else ["", "", ""]
        size = [str(r.number), name, str(sum(r.blocks)), f"{r.width:.2f}", str(r.resolution)]
        scores = [_number(r.accuracy, ".2%"), _number(r.loss, ".3f"), _number(r.seconds, ".0f", " s")]
        cells = [*size, *shares, f"{r.macs_ratio:.3f}×", *scores, r.state]
        table.append({"cells": cells, "note": r.error or ""})
    return {"columns": columns, "rows": table}


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else format(value, form) + unit


def family_table(family: dict[str, Any]) -> Table:
    """The family's networks, each beside the released EfficientNet of the same φ, if there is one."""
    size = ["depth", "width", "px", "params M", "MACs G"]
    official = dict(zip((0.0, *PUBLISHED_PHI), released().to_dict()["models"], strict=True))
    rows = []
    for m in family["models"]:
        other = official.get(m["phi"]) if family["base"] == "efficientnet_b0" else None
        beside = _size(other) if other else [""] * 5
        rows.append(
            {"cells": [m["name"].upper(), f"{m['phi']:g}", *_size(m), f"{m['macs_ratio']:.2f}", *beside], "note": ""}
        )
    return {"columns": ["", "φ", *size, "ratio", *size], "rows": rows}


def _size(m: dict[str, Any]) -> list[str]:
    size = [f"{m['depth']:.2f}", f"{m['width']:.2f}", str(m["resolution"])]
    return [*size, f"{m['params'] / 1e6:.1f}", f"{m['macs'] / 1e9:.2f}"]


def _context(data: StudyData, beside: Sequence[StudyData] = ()) -> dict[str, Any]:
    """The variables of the page's template."""
    counts = [(s, sum(r.state == s for r in data.rows)) for s in TRIAL_STATES]
    complete = sum(r.state == "complete" and r.role == "candidate" for r in data.rows)
    choice, spec = data.choice, data.spec.model_dump(mode="json", exclude={"description"})
    return {
        "study": data.study,
        "title": headline(data),
        "paragraphs": paragraphs(data),
        "choice": choice,
        "later": complete - choice["runs"] if choice else 0,
        "counts": ", ".join(f"{n} {s}" for s, n in counts if n) or "none yet",
        "figures": figures(data),
        "trials": trial_table(data.rows),
        "left_out": max(0, len(data.rows) - MAX_TRIALS),
        "family": family_table(choice["family"]) if choice else None,
        "prices": price_table(data, beside),
        "spec": to_text(spec, width=80),
        "seconds": sum(r.seconds or 0 for r in data.rows),
    }


def report_html(data: StudyData, beside: Sequence[StudyData] = ()) -> str:
    """The whole page; its table of costs also has the choices of the studies ``beside``."""
    environment = Environment(
        loader=PackageLoader("scaling_search.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    return environment.get_template("report.html").render(_context(data, beside)) + "\n"
