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
from scaling_search.networks.iso_latency import WITHIN
from scaling_search.records import TRIAL_STATES, TrialRow
from scaling_search.report import published_figure as published_plot
from scaling_search.report.choice_view import portrait, triangle_of
from scaling_search.report.cost_figure import cost_svg, cost_title
from scaling_search.report.cost_table import COLUMNS, COST_LABELS, note, table_rows
from scaling_search.report.curves_figure import curves, curves_svg, curves_title
from scaling_search.report.narrative import headline, paragraphs
from scaling_search.report.study_data import StudyData
from scaling_search.spec.yaml_text import to_text

MOST_TRIALS = 500
"""Rows of the table of trials; a larger study says where the rest are."""

Table = dict[str, Any]
"""{"columns": [...], "rows": [{"cells": [...], "note": words or ""}]}."""


def figures(found: StudyData) -> dict[str, dict[str, Any]]:
    """name → {"svg", "title", "note"} of the figures; ``svg`` is empty where there is nothing to draw yet."""
    dropped = len({n for n, _, _ in found.epochs}) - len(curves(found))
    some = f" The first {len(curves(found))} runs are drawn." if dropped > 0 else ""
    made = portrait(found)
    cost = "Mean accuracy of each network; the thin line is a least-squares fit."
    if found.spec.budget.mode == "real":
        cost += f" The search holds {COST_LABELS[found.spec.budget.cost]} at {found.spec.budget.target:g}× within {_within(found):.0%}."
    imagenet = published_plot.published_svg(found.choice["family"]) if found.choice else ""
    return {
        "triangle": {"svg": triangle_of(made, found.networks), "title": made["title"], "note": made["note"]},
        "published": {"svg": imagenet, "title": published_plot.TITLE, "note": published_plot.note()},
        "curves": {"svg": curves_svg(found), "title": curves_title(found), "note": f"One line a run.{some}"},
        "cost": {"svg": cost_svg(found), "title": cost_title(found), "note": cost},
    }


def _within(found: StudyData) -> float:
    return WITHIN if found.spec.budget.cost == "latency" else found.spec.budget.tolerance


def price_table(found: StudyData, beside: Sequence[StudyData]) -> Table | None:
    """What the base, each axis's extreme and the choice cost in every currency, and the choices of other studies beside."""
    if found.choice is None or "network" not in found.choice:
        return None
    networks = {f"{axis} only": found.references[axis].architecture for axis in AXES}
    chosen = {f"chosen by {f.study.name}": f.choice for f in [found, *beside] if f.choice and "network" in f.choice}
    networks |= {name: Architecture.from_dict(choice["network"]) for name, choice in chosen.items()}
    try:
        made = cost_summaries(found.spec.base_architecture(), networks, found.spec.budget.latency_batch)
    except InputError:  # a factory's module that is not here
        return None
    words = {name: ", ".join(f"{c[k]:.3f}" for k in ("alpha", "beta", "gamma")) for name, c in chosen.items()}
    seen = {name: f"{c['accuracy']:.1%}" for name, c in chosen.items()}
    rows = [
        {"cells": [*cells, words.get(cells[0], ""), seen.get(cells[0], "")], "note": ""} for cells in table_rows(made)
    ]
    return {
        "columns": [*COLUMNS, "α, β, γ", "accuracy"],
        "rows": rows,
        "words": note(found.spec, made, found.study.name),
    }


def trial_table(rows: Sequence[TrialRow]) -> Table:
    """A compact row a trial, and its error below it."""
    columns = ["run", "network", "blocks", "width", "px", "depth", "width", "res.", "MACs", "accuracy", "loss", "time", "state"]  # fmt: skip
    made = []
    for r in rows[:MOST_TRIALS]:
        name = "the base" if r.role == "base" else r.key
        shares = [f"{s:.0%}" for s in r.shares] if r.shares else ["", "", ""]
        size = [str(r.number), name, str(sum(r.blocks)), f"{r.width:.2f}", str(r.resolution)]
        scores = [_shown(r.accuracy, ".2%"), _shown(r.loss, ".3f"), _shown(r.seconds, ".0f", " s")]
        cells = [*size, *shares, f"{r.macs_ratio:.3f}×", *scores, r.state]
        made.append({"cells": cells, "note": r.error or ""})
    return {"columns": columns, "rows": made}


def _shown(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else format(value, form) + unit


def family_table(family: dict[str, Any]) -> Table:
    """The family, and beside each network the released EfficientNet of the same φ, where there is one."""
    columns = [
        "",
        "φ",
        "depth",
        "width",
        "px",
        "params M",
        "MACs G",
        "ratio",
        "depth",
        "width",
        "px",
        "params M",
        "MACs G",
    ]
    official = dict(zip((0.0, *PUBLISHED_PHI), released().to_dict()["models"], strict=True))
    made = []
    for m in family["models"]:
        other = official.get(m["phi"]) if family["base"] == "efficientnet_b0" else None
        beside = _size(other) if other else [""] * 5
        made.append(
            {"cells": [m["name"].upper(), f"{m['phi']:g}", *_size(m), f"{m['macs_ratio']:.2f}", *beside], "note": ""}
        )
    return {"columns": columns, "rows": made}


def _size(m: dict[str, Any]) -> list[str]:
    size = [f"{m['depth']:.2f}", f"{m['width']:.2f}", str(m["resolution"])]
    return [*size, f"{m['params'] / 1e6:.1f}", f"{m['macs'] / 1e9:.2f}"]


def context(found: StudyData, beside: Sequence[StudyData] = ()) -> dict[str, Any]:
    """Everything the page shows, ready to be written out."""
    counts = [(s, sum(r.state == s for r in found.rows)) for s in TRIAL_STATES]
    later = len([r for r in found.rows if r.state == "complete" and r.role == "candidate"])
    choice, spec = found.choice, found.spec.model_dump(mode="json", exclude={"description"})
    return {
        "study": found.study,
        "title": headline(found),
        "paragraphs": paragraphs(found),
        "choice": choice,
        "later": later - choice["runs"] if choice else 0,
        "counts": ", ".join(f"{n} {s}" for s, n in counts if n) or "none yet",
        "figures": figures(found),
        "trials": trial_table(found.rows),
        "left_out": max(0, len(found.rows) - MOST_TRIALS),
        "family": family_table(choice["family"]) if choice else None,
        "prices": price_table(found, beside),
        "spec": to_text(spec, width=80),
        "seconds": sum(r.seconds or 0 for r in found.rows),
    }


def html(found: StudyData, beside: Sequence[StudyData] = ()) -> str:
    """The whole page; the choices of the studies ``beside`` stand in its table of costs."""
    environment = Environment(
        loader=PackageLoader("scaling_search.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    return environment.get_template("report.html").render(context(found, beside)) + "\n"
