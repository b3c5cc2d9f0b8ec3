"""The columns of the table of trials, and the stage table of one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from scaling_search.networks.architecture import Architecture
from scaling_search.records import TrialRow
from scaling_search.report.format import EN_DASH, duration_with_days, percent, si, time_element

Formatter = Callable[[TrialRow], Any]


def _share(i: int) -> Formatter:
    return lambda r: percent(r.shares[i], 0) if r.shares else EN_DASH


def _number(name: str, format_spec: str) -> Formatter:
    return lambda r: EN_DASH if getattr(r, name) is None else format(getattr(r, name), format_spec)


COLUMNS: dict[str, tuple[str, str, Formatter]] = {
    "number": ("run", "from 0, in the order of proposals", lambda r: r.number),
    "state": ("state", "", lambda r: r.state),
    "role": ("role", "candidate, or base: the unscaled network", lambda r: r.role),
    "round": ("round", "proposals are made in rounds", lambda r: r.round),
    "key": ("network", "identity of the real network: blocks, channels, px", lambda r: r.key),
    "share_depth": ("depth", "share of the extra cost spent on depth", _share(0)),
    "share_width": ("width", "share of the extra cost spent on width", _share(1)),
    "share_resolution": ("res.", "share of the extra cost spent on resolution", _share(2)),
    "alpha": ("α asked", "growth of depth that was asked for", _number("alpha", ".3f")),
    "beta": ("β asked", "growth of width that was asked for", _number("beta", ".3f")),
    "gamma": ("γ asked", "growth of resolution that was asked for", _number("gamma", ".3f")),
    "depth": ("blocks ×", "blocks over the base's", _number("depth", ".2f")),
    "width": ("channels ×", "channels over the base's", _number("width", ".2f")),
    "resolution": ("px", "side of its input", lambda r: r.resolution),
    "macs_ratio": ("MACs ×", "multiply-accumulates over the base's", _number("macs_ratio", ".3f")),
    "macs": ("MACs", "multiply-accumulates of one image", lambda r: si(r.macs)),
    "params": ("params", "parameters", lambda r: si(r.params)),
    "activations": ("activations", "of one image", lambda r: si(r.activations)),
    "accuracy": ("accuracy", "on the validation images, last epoch", lambda r: percent(r.accuracy)),
    "loss": ("loss, nats", "validation cross-entropy, last epoch", _number("loss", ".3f")),
    "epochs": ("epochs", "epochs finished", lambda r: r.epochs),
    "planned": ("planned", "epochs of a longer run", lambda r: r.planned or EN_DASH),
    "test_accuracy": ("test", "accuracy on the test images, in validations alone", lambda r: percent(r.test_accuracy)),
    "seconds": ("time", "training and evaluation", lambda r: duration_with_days(r.seconds)),
    "attempts": ("attempts", "starts, those after a crash included", lambda r: r.attempts),
    "seed": ("seed", "", lambda r: r.seed),
    "started_at": ("started", "", lambda r: time_element(r.started_at)),
    "finished_at": ("finished", "", lambda r: time_element(r.finished_at)),
    "error": ("error", "", lambda r: (r.error or "").splitlines()[0] if r.error else ""),
}
"""Name → (heading, meaning, formatter of a row's value)."""
DEFAULT_COLUMNS = (
    *("number", "state", "key", "share_depth", "share_width", "share_resolution", "resolution", "macs_ratio"),
    *("accuracy", "loss", "seconds", "error"),
)


def stage_table(arch: Architecture) -> list[dict[str, Any]]:
    """One row for each layer: name, kind, blocks, channels, kernel, expansion, px of its output."""
    rows = [asdict(layer) for layer in arch.layers()]
    return [{**row, "expand": EN_DASH if row["expand"] is None else row["expand"]} for row in rows]
