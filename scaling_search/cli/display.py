"""Terminal output: tables, a study's plan and choice as text, and live progress."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scaling_search.networks.coefficients import AXES
from scaling_search.report.format import duration
from scaling_search.report.labels import AXIS_ONLY, COEFFICIENTS, REFERENCES_PLAIN
from scaling_search.search.progress import ProgressCallback, Snapshot

if TYPE_CHECKING:
    from scaling_search.analysis.calibration import Calibration
    from scaling_search.networks.cost_summary import CostSummary
    from scaling_search.records import TrialRow


LINE_INTERVAL_S = 30
"""Without a terminal, progress is printed at least this often."""


def table(columns: list[str], rows: list[list[str]], title: str | None = None) -> Table:
    """A table without borders; all columns but the first are right-aligned."""
    result = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for i, name in enumerate(columns):
        result.add_column(name, justify="left" if i == 0 else "right", no_wrap=True)
    for row in rows:
        result.add_row(*row)
    return result


def family_table(family: dict[str, Any]) -> Table:
    """One row per network of a family, B0 … Bn."""
    rows = []
    for m in family["models"]:
        phi = f"{m['phi_fitted']:.2f}*" if m["phi"] is None else f"{m['phi']:g}"
        size = [f"{m['depth']:.3f}", f"{m['width']:.3f}", str(m["resolution"]), f"{m['dropout']:g}"]
        costs = [
            f"{m['params'] / 1e6:.2f} M",
            f"{m['macs'] / 1e9:.3f} G",
            f"{m['macs_ratio']:.2f}",
            f"{m['target_ratio']:.2f}",
        ]
        rows.append([m["name"].upper(), phi, *size, "-".join(map(str, m["repeats"])), *costs])
    columns = ["", "φ", "depth", "width", "px", "dropout", "blocks", "params", "MACs", "× B0", "2^φ"]
    title = f"{family['base']}, {family['rounding']} rounding, α {family['alpha']:.4f}  β {family['beta']:.4f}  γ {family['gamma']:.4f}"
    return table(columns, rows, title)


def price_table(costs: Sequence[CostSummary], title: str | None = None) -> Table:
    """Networks with their costs of every kind."""
    from scaling_search.report.cost_table import COLUMNS, table_rows

    return table(COLUMNS, table_rows(list(costs)), title)


def choice_text(choice: dict[str, Any]) -> str:
    """The choice in a few lines of text."""
    a, b, c = choice["shares"]
    low, high = choice["accuracy_interval"]
    intervals = choice.get("intervals") or {}
    step = f"growth in {choice['held']}" if "held" in choice else "doubling"
    lines = [
        f"α = {choice['alpha']:.4f}   β = {choice['beta']:.4f}   γ = {choice['gamma']:.4f}   (α·β²·γ² = {choice['product']:.3f})",
        f"shares of a {step}: depth {a:.0%}, width {b:.0%}, resolution {c:.0%}   ({choice['method']}, {choice['runs']} runs of {choice['networks']} networks)",
        f"expected accuracy {choice['accuracy']:.2%} (90 % interval {low:.2%} to {high:.2%})",
    ]
    if intervals:
        lines.append(
            "90 % intervals: " + ", ".join(f"{COEFFICIENTS[k]} {v[0]:.3f} to {v[1]:.3f}" for k, v in intervals.items())
        )
    if choice["seed_noise"] is not None:
        noise = f"seed noise {choice['seed_noise']:.2f} points"
        if choice["network_effect"] is not None:
            noise += f", network effect {choice['network_effect']:.2f} points"
            noise += f", expected regret {choice['expected_regret']:.2f} points"
        lines.append(noise)
    lines.append(choice["verdict"])
    better = {k: v for k, v in choice["probability_better_than"].items() if v is not None}
    if better:
        lines.append(
            "probability of being better than: "
            + ", ".join(f"{REFERENCES_PLAIN[k]} {v:.0%}" for k, v in better.items())
        )
    lines += [f"warning: {text}" for text in choice.get("warnings", [])]
    return "\n".join(lines)


def _against_base(rows: Sequence[TrialRow]) -> tuple[list[float], dict[str, list[float]]]:
    """Accuracies (points) of the runs of the unscaled base, and by axis of the runs of its extreme network, if that ran."""
    done = [r for r in rows if r.state == "complete" and r.accuracy is not None]
    base = [100 * (r.accuracy or 0) for r in done if r.role == "base"]
    extremes = {}
    for i, axis in enumerate(AXES):
        shares = {r.key: r.shares[i] for r in done if r.shares}
        key = max(shares, key=lambda k: shares[k], default=None)
        if key is not None and shares[key] > 0.8:
            extremes[axis] = [100 * (r.accuracy or 0) for r in done if r.key == key]
    return base, extremes


def base_text(rows: Sequence[TrialRow]) -> str | None:
    """A comparison of the extreme networks with the unscaled base; None if the base has no runs."""
    base, extremes = _against_base(rows)
    if not base:
        return None
    mean = sum(base) / len(base)
    parts = [f"the unscaled base reached {mean:.2f} % ({len(base)} runs)"]
    parts += [f"{AXIS_ONLY[axis]} {sum(v) / len(v) - mean:+.2f} points ({len(v)} runs)" for axis, v in extremes.items()]
    return "; ".join(parts)


def untrained_text(rows: Sequence[TrialRow]) -> str | None:
    """A warning if an extreme network scores below the cheaper base, which suggests that runs are too short; else None."""
    base, extremes = _against_base(rows)
    below = [axis for axis, v in extremes.items() if base and sum(v) / len(v) < sum(base) / len(base)]
    if not below:
        return None
    return (
        f"warning: {' and '.join(below)} only scored below the unscaled base, at more cost: runs this short may not train it. "
        "Find a fair recipe with `scaling-search calibrate`, or raise proxy.epochs"
    )


def calibration_table(calibration: Calibration) -> Group:
    """Accuracies by network and learning rate and under the rule, then the rule and the differences between axes."""
    rates = sorted({a.rate for a in calibration.arms})
    cells = {(a.axis, a.rate): f"{a.mean:.2%} ({len(a.accuracies)})" for a in calibration.arms}
    confirmed = {a.axis: f"{a.mean:.2%} ({len(a.accuracies)})" for a in calibration.confirmed}
    axes = list(dict.fromkeys(["base", *(a.axis for a in calibration.arms)]))
    rows = [[axis, *(cells.get((axis, r), "failed") for r in rates), confirmed.get(axis, "failed")] for axis in axes]
    rule = f"rule: learning_rate {calibration.learning_rate:g} · (base blocks / blocks)^{calibration.depth_exponent:g}"
    lines = [rule, *(d.sentence for d in calibration.differences)]
    columns = ["accuracy (runs)", *(f"lr {rate:g}" for rate in rates), "the rule, fresh seeds"]
    return Group(table(columns, rows), Text("\n".join(["", *lines])))


def plan_text(plan: dict[str, Any]) -> str:
    """A plan in a few lines of text."""
    base = f"the base ({plan['base']['macs'] / 1e6:.3g} M MACs)"
    nominal = plan.get("nominal")
    if nominal:
        networks = f"{nominal['triples']} triples of the nominal grid are {nominal['networks']} networks; really they cost {nominal['ratio_min']:.2f}× to "
        networks += f"{nominal['ratio_max']:.2f}× {base}, {nominal['ratio_mean']:.2f}× on average, and {nominal['within_tolerance']} of them {plan['target']:g}× within {plan['tolerance']:.1%}"
    else:
        unit = f" in {plan['cost']}" if plan.get("cost", "macs") != "macs" else ""
        networks = (
            f"{plan['iso_cost_networks']} networks cost {plan['target']:g}× {base}{unit} within {plan['tolerance']:.1%}"
        )
    time = f"about {duration(plan['estimated_seconds'])} on {plan['slots']} CPU slots (rough)"
    lines = [networks, f"{plan['runs']} runs, {plan['training_macs'] / 1e12:.3g} T MACs of training; {time}"]
    if not nominal:
        lines.append(
            f"corners of the triangle that differ by {plan['detectable_difference']:.1f} points will be told apart (80 % power, assuming usual noise)"
        )
    return "\n".join(lines + [f"warning: {w}" for w in plan["warnings"]])


def _line(s: Snapshot) -> str:
    parts = [f"{s.done}/{s.total} done", f"{s.counts.get('running', 0)} running"]
    parts += [f"{s.counts['failed']} failed"] if s.counts.get("failed") else []
    parts += [f"best {s.best:.2%}"] if s.best is not None else []
    parts += [f"{s.images_per_second:.0f} images/s"] if s.images_per_second else []
    parts.append(f"elapsed {duration(s.elapsed)}")
    parts += [f"about {duration(s.eta)} left"] if s.eta is not None and s.done < s.total else []
    return ", ".join(parts)


def _live(s: Snapshot) -> Group:
    running_trials = [
        [str(f.number), f.key, f"{f.last.epoch + 1 if f.last else 0}/{f.epochs or s.epochs}"]
        + ([f"{f.last.accuracy:.2%}", f"{f.last.images_per_second:.0f}"] if f.last else ["", ""])
        for f in s.running_trials
    ]
    bar = ProgressBar(total=s.total, completed=s.done, width=60)
    return Group(
        Text(s.study, style="bold"),
        bar,
        Text(_line(s)),
        table(["run", "network", "epoch", "accuracy", "images/s"], running_trials),
    )


@contextmanager
def progress(console: Console) -> Iterator[ProgressCallback]:
    """A progress callback for run_study: a live display on a terminal; elsewhere a line when a run ends, or every 30 s."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda s: live.update(_live(s))
        return
    last = {"done": -1, "at": 0.0}

    def print_line(s: Snapshot) -> None:
        now = time.monotonic()
        if s.done != last["done"] or now - last["at"] > LINE_INTERVAL_S:
            last.update(done=s.done, at=now)
            console.print(_line(s), highlight=False, soft_wrap=True)

    yield print_line
