"""A choice whose family cannot be built whole is stored with a warning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scaling_search.analysis.recommendation import recommend
from scaling_search.networks.candidates import extremes
from scaling_search.records import Proposal, TrialRow
from scaling_search.search.live_recommendation import RecommendationUpdater
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database

CAPPED = """
name: capped
base: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}
budget: {divisor: 2}
family: {base: efficientnet_v2_s, resolution: 384, phi: [0.5, 1, 2, -1]}
"""


def _best_by_resolution(spec: StudySpec) -> list[Proposal]:
    """One trial of each extreme network; that of resolution is the last."""
    ends = extremes(search_space(spec))
    return [
        Proposal(n, 0, "candidate", n, ends[axis].triple, ends[axis])
        for n, axis in enumerate(("depth", "width", "resolution"))
    ]


def _complete(rows: Sequence[TrialRow]) -> list[TrialRow]:
    return [replace(r, state="complete", accuracy=0.5 + r.number / 10) for r in rows]


def test_a_choice_is_kept_where_its_family_cannot_be_built(tmp_path: Path) -> None:
    spec, store = parse(CAPPED), Store(open_database(str(tmp_path / "s.db"), create=True))
    get_or_create_study(store, spec)
    claim = store.claim("capped", "me", 60)
    assert claim is not None
    store.add_trials(claim, _best_by_resolution(spec))
    rows = _complete(store.trials("capped"))
    RecommendationUpdater(spec, store, claim).update(rows)
    kept = store.choice("capped")
    store.close()
    assert kept is not None
    assert (kept["alpha"], kept["beta"], kept["key"]) == (1, 1, rows[-1].key)
    assert [(m["name"], m["phi"]) for m in kept["family"]["models"]] == [("b0", 0), ("b1", 0.5), ("b-4", -1)]
    (words,) = kept["warnings"]
    assert words.startswith("the family has no network at φ = 1, 2: φ = 1 needs ")
    assert words.endswith("px where nothing else grows, and efficientnet_v2_s stops at 480 px")
    assert kept["family"]["notes"] == [words]
    assert kept == json.loads(json.dumps(recommend(rows, spec)[0]))
