"""A small study in a store, with runs of known results."""

from __future__ import annotations

from dataclasses import replace

from scaling_search.networks.candidates import candidate
from scaling_search.networks.coefficients import Triple, triple_of
from scaling_search.records import EpochResult, Proposal, TrialEnd
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Claim, Store

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")
EPOCH = EpochResult(0, 1.5, 1.25, 0.5, 0.001, 2.0, 100.0)


def add_study(store: Store, spec: StudySpec = SPEC) -> bool:
    return store.create_study(spec.name, spec.description, spec.model_dump(mode="json"), spec.hash(), {"torch": "2"})


def claimed(store: Store, owner: str = "elsewhere:1") -> Claim:
    """A claim of the study ``s``, which must exist."""
    claim = store.claim("s", owner, 60)
    assert claim is not None
    return claim


def added_and_claimed(store: Store, owner: str = "me") -> Claim:
    add_study(store)
    return claimed(store, owner)


def proposals(n: int) -> list[Proposal]:
    """The base, then ``n`` - 1 candidates."""
    base = SPEC.base_architecture()
    first = Proposal(0, 0, "base", 0, Triple(1, 1, 1), candidate(base, base))
    candidates = search_space(SPEC)[: n - 1]
    return [
        first,
        *(Proposal(i, 0, "candidate", i, triple_of((0.2, 0.3, 0.5)), c) for i, c in enumerate(candidates, 1)),
    ]


def filled(store: Store, n: int, epochs: int = 1) -> Claim:
    """A running study with ``n`` complete runs of as many networks, accuracies rising with their numbers."""
    claim = claimed(store)
    store.move_study(claim, "running")
    space = search_space(SPEC)
    store.add_trials(claim, [Proposal(i, 0, "candidate", i, space[i].triple, space[i]) for i in range(n)])
    store.write(claim, started=range(n))
    curve = [replace(EPOCH, epoch=e) for e in range(epochs)]
    store.write(claim, epochs=[(i, e) for i in range(n) for e in curve])
    ends = [TrialEnd(i, "complete", last=replace(EPOCH, accuracy=0.5 + i / 1000), seconds=4.0) for i in range(n)]
    store.write(claim, ended=ends)
    return claim
