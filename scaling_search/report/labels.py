"""Names that people read for coefficients, axes, reference networks, the networks of a validation, and costs.

HTML has typographic apostrophes; what a terminal may print has plain ones, by :func:`plain`.
"""

from __future__ import annotations

from scaling_search.networks.coefficients import AXES

COEFFICIENTS = {"alpha": "α", "beta": "β", "gamma": "γ"}
BASE = "the base"
CHOICE = "the choice"
AXIS_ONLY = {axis: f"{axis} only" for axis in AXES}
"""The network that spends all its extra cost on one axis: its name in tables and lists."""
AXIS_ALONE = {axis: f"{axis} alone" for axis in AXES}
"""The same in a sentence: "spend it on depth alone"."""
COST_LABELS = {"macs": "MACs", "activations": "activations", "latency": "latency"}
"""Names of what a study holds equal between networks (``budget.cost``)."""


def plain(words: str) -> str:
    """Text with plain apostrophes, for terminals and files."""
    return words.replace("’", "'")


SHARES = {"paper": "the paper’s shares", "fast": "fast scaling’s shares", "equal": "equal shares"}
REFERENCES = SHARES | AXIS_ALONE
"""The reference networks of :mod:`scaling_search.analysis.selection`, in sentences of an HTML page."""
REFERENCES_PLAIN = {name: plain(label) for name, label in (SHARES | AXIS_ONLY).items()}
"""The same, in a terminal's lists."""
ARMS = {"base": "unscaled base", **AXIS_ONLY, "paper": plain(SHARES["paper"]), "chosen": "chosen"}
"""The networks of a validation, in tables that terminals and pages share."""
