"""Data of the study page's plots, as small JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_search.report import ChoiceView
from scaling_search.report.choice_view import TRIANGLE_NOTE
from scaling_search.report.study_data import Network
from scaling_search.service import sandbox_jobs
from scaling_search.service.context import AppContext
from scaling_search.store.plot_queries import Bar
from scaling_search.store.summaries import ChoiceRow, NetworkRow

LANE_OVERLAP_S = 0.05
"""A run may start this long before the end of the previous run in its lane."""


def plots_of(context: AppContext, name: str) -> dict[str, Any]:
    """Networks, thinned curves, the best so far and the timeline of a study."""
    summary = context.studies.summary(name)
    choice = context.studies.choice(name)
    return {
        "epochs": summary.study.spec["proxy"]["epochs"],
        "target": summary.study.spec["budget"]["target"],
        "base": context.studies.base_mean(name),
        "chosen": choice.result["key"] if choice else None,
        "networks": [
            [n.key, round(n.macs_ratio, 4), round(n.product, 4), n.mean and round(n.mean, 5), n.runs]
            for n in context.studies.networks(name)
        ],
        "curves": [
            {"number": c.number, "key": c.key, "role": c.role, "points": [[e, round(a, 4)] for e, a in c.points]}
            for c in context.plots.curves(name)
        ],
        "best": [[round(cost, 2), round(best, 5)] for cost, best in context.plots.best_so_far(name)],
        "timeline": lanes(context.plots.timeline(name)),
    }


def lanes(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    """Bars with lanes: each in the first lane that was free at its start (up to LANE_OVERLAP_S too early)."""
    busy_until: list[float] = []
    with_lanes = []
    for bar in bars:
        start = bar.start.timestamp()
        end = bar.end.timestamp() if bar.end else None
        lane = next((i for i, until in enumerate(busy_until) if until <= start + LANE_OVERLAP_S), len(busy_until))
        busy_until[lane : lane + 1] = [float("inf") if end is None else end]
        values = {"number": bar.number, "key": bar.key, "state": bar.state, "lane": lane}
        with_lanes.append({**values, "start": round(start, 1), "end": None if end is None else round(end, 1)})
    return with_lanes


def network_values(rows: Sequence[NetworkRow]) -> list[Network]:
    """Rows as networks of the report, with the mean repeated in place of each run's accuracy."""
    return [
        Network(r.key, r.shares, r.macs_ratio, (r.mean,) * r.runs if r.mean is not None else (), r.failed, r.running)
        for r in rows
    ]


def choice_view_for(context: AppContext, name: str, choice: ChoiceRow | None) -> ChoiceView:
    """The view of a choice: stored, computed now if an older version stored none, or an empty one without a choice."""
    if choice is None:
        return empty_choice_view(context, name)
    if choice.portrait is not None:
        return choice.portrait
    key = name, choice.id
    if key not in context.choice_views:
        context.choice_views[key] = context.sandbox.call(sandbox_jobs.make_choice_view, context.settings.db, name)
    return context.choice_views[key]


def empty_choice_view(context: AppContext, name: str) -> ChoiceView:
    """The view of a study without a choice: its networks are drawn, without a surface."""
    summary = context.studies.summary(name)
    means = [n.mean for n in context.studies.networks(name) if n.mean is not None]
    title = f"{len(means)} networks ran: {min(means):.1%} to {max(means):.1%}" if means else "No network has finished"
    progress = (
        f"{summary.counts['complete']} of {summary.total} runs are complete. A choice is made when a round of runs is."
    )
    surface = {"steps": None, "mean": None, "worse": None, "choice": None, "marks": [], "corners": ["", "", ""]}
    return {
        **surface,
        "headline": "Nothing is chosen yet",
        "title": title,
        "note": TRIANGLE_NOTE,
        "paragraphs": [["What is chosen.", progress]],
    }
