"""What the study's page plots, as small JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_search.report import ChoiceView
from scaling_search.report.choice_view import TRIANGLE_NOTE
from scaling_search.report.study_data import Network
from scaling_search.service import sandbox_jobs as heavy
from scaling_search.service.context import Kept
from scaling_search.store.plot_queries import Bar
from scaling_search.store.summaries import ChoiceRow, NetworkRow


def plots_of(own: Kept, name: str) -> dict[str, Any]:
    """Networks, thinned curves, the best so far and the timeline of a study."""
    summary = own.board.summary(name)
    choice = own.board.choice(name)
    chosen = choice.result["key"] if choice else None
    return {
        "epochs": summary.study.spec["proxy"]["epochs"],
        "target": summary.study.spec["budget"]["target"],
        "base": own.board.base_mean(name),
        "chosen": chosen,
        "networks": [
            [n.key, round(n.macs_ratio, 4), round(n.product, 4), n.mean and round(n.mean, 5), n.runs]
            for n in own.board.networks(name)
        ],
        "curves": [
            {"number": c.number, "key": c.key, "role": c.role, "points": [[e, round(a, 4)] for e, a in c.points]}
            for c in own.plots.curves(name)
        ],
        "best": [[round(cost, 2), round(best, 5)] for cost, best in own.plots.best_so_far(name)],
        "timeline": lanes(own.plots.timeline(name)),
    }


def lanes(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    """Runs by when they ran, each in the first lane that was free when it started."""
    ends: list[float] = []
    made = []
    for bar in bars:
        start = bar.start.timestamp()
        end = bar.end.timestamp() if bar.end else None
        lane = next((i for i, until in enumerate(ends) if until <= start + 0.05), len(ends))
        until = float("inf") if end is None else end
        ends[lane : lane + 1] = [until]
        values = {"number": bar.number, "key": bar.key, "state": bar.state, "lane": lane}
        made.append({**values, "start": round(start, 1), "end": None if end is None else round(end, 1)})
    return made


def network_values(rows: Sequence[NetworkRow]) -> list[Network]:
    """Rows as the report's networks, each with its mean in place of its runs' accuracies."""
    return [
        Network(r.key, r.shares, r.macs_ratio, (r.mean,) * r.runs if r.mean is not None else (), r.failed, r.running)
        for r in rows
    ]


def portrait_for(own: Kept, name: str, choice: ChoiceRow | None) -> ChoiceView:
    """The stored portrait of a choice, one made now for an older database, or a blank one where there is no choice."""
    if choice is None:
        return blank_portrait(own, name)
    if choice.portrait is not None:
        return choice.portrait
    key = name, choice.id
    if key not in own.portraits:
        own.portraits[key] = own.kitchen.call(heavy.make_portrait, own.settings.db, name)
    return own.portraits[key]


def blank_portrait(own: Kept, name: str) -> ChoiceView:
    """The portrait of a study that has no choice yet: only what ran is drawn."""
    summary, means = own.board.summary(name), [n.mean for n in own.board.networks(name) if n.mean is not None]
    ran = f"{len(means)} networks ran: {min(means):.1%} to {max(means):.1%}" if means else "No network has finished"
    words = (
        f"{summary.counts['complete']} of {summary.total} runs are complete. A choice is made when a round of runs is."
    )
    drawn = {"steps": None, "mean": None, "worse": None, "choice": None, "marks": [], "corners": ["", "", ""]}
    return {
        **drawn,
        "headline": "Nothing is chosen yet",
        "title": ran,
        "note": TRIANGLE_NOTE,
        "paragraphs": [["What is chosen.", words]],
    }
