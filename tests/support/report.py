"""Synthetic finished studies for tests of the report, and a reader of its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import numpy as np

from scaling_search.analysis.recommendation import recommend
from scaling_search.networks.candidates import Candidate, candidate, nearest
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import EpochResult, StudyRow, TrialRow
from scaling_search.report import StudyData, collect_study_data
from scaling_search.report.narrative import paragraphs
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from tests.support.factories import trial_row

SPEC = """
name: rep
description: "<script>alert(1)</script> & more"
base: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}
budget: {divisor: 2}
proxy: {epochs: 2}
family: {phi: [0.5, 1, 4]}
"""
NASTY = "boom <img src=x onerror=alert(1)>\n\"quoted\" & 'more'"
"""An error message that a page must escape."""
WHEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

RowOf = Callable[[StudySpec, int], TrialRow]


def run_of(number: int, network: Candidate, accuracy: float | None, **fields: Any) -> TrialRow:
    """A complete run of a candidate; ``accuracy`` is a fraction."""
    defaults = {"number": number, "accuracy": accuracy, "epochs": 2, "started_at": WHEN, "finished_at": WHEN}
    return trial_row(network, **(defaults | fields))


def failed_run(spec: StudySpec, number: int) -> TrialRow:
    network = nearest(search_space(spec), (0.1, 0.2, 0.7))
    return run_of(number, network, None, state="failed", error=NASTY, loss=None, seconds=None)


def rows_of(spec: StudySpec, networks: int) -> list[TrialRow]:
    """Two runs of the base, then two of each network; depth alone is 5 points better than no depth."""
    pool, random = search_space(spec), np.random.default_rng(0)
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(networks)[:networks]:
        network = nearest(pool, point, skip=chosen)
        chosen[network.key] = network
    base = candidate(spec.base_architecture(), spec.base_architecture())
    rows = [run_of(i, base, 0.8 + 0.002 * i, role="base", shares=None) for i in (0, 1)]
    for network in [*chosen.values()] * 2:
        accuracy = 0.8 + 0.05 * network.shares[0] + 0.002 * float(random.standard_normal())
        rows.append(run_of(len(rows), network, accuracy))
    return rows


def epochs_of(rows: list[TrialRow]) -> list[tuple[int, int, EpochResult]]:
    """Two epochs of each run that has an accuracy, which rises by 5 points in the second."""
    return [
        (r.number, r.attempts, EpochResult(e, 1.0, 1.0, r.accuracy - (0 if e else 0.05), 0.004, 15.0, 500.0))
        for r in rows
        if r.accuracy is not None
        for e in (0, 1)
    ]


def synthetic_study(
    networks: int = 15, extra: Sequence[RowOf] = (), text: str = SPEC, has_choice: bool = True
) -> StudyData:
    """A study in which depth is best; ``extra`` makes rows that come after the choice."""
    spec = parse(text)
    rows = rows_of(spec, networks)
    choice = recommend(rows, spec).to_dict() if has_choice else None
    rows += [row_of(spec, len(rows) + i) for i, row_of in enumerate(extra)]
    values, versions = spec.model_dump(mode="json"), {"torch": "2.14.1"}
    study = StudyRow("rep", spec.description, "complete", None, values, spec.hash(), versions, WHEN, WHEN, WHEN)
    return collect_study_data(study, rows, epochs_of(rows), choice)


def narrative_text(data: StudyData) -> str:
    return " ".join(str(text) for _, text in paragraphs(data))


class PageReader(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data
