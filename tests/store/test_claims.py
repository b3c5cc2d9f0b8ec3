"""Many processes race for a few studies. No two hold one at a time, and a replaced holder cannot write."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from scaling_search.errors import LeaseLost
from scaling_search.spec.study_file import parse
from scaling_search.store import Claim, Store, open_database

SPEC = parse("name: s\nbase: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}")
STUDIES = [f"s{i}" for i in range(4)]
PROCESSES = 8


def held_alone(folder: Path, claim: Claim) -> bool:
    """Whether no other process was in this block with the same study."""
    try:
        os.close(os.open(folder / claim.name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    (folder / claim.name).unlink()
    return True


def refused(store: Store, old: Claim) -> bool:
    try:
        store.renew(old, 60)
    except LeaseLost:
        return True
    return False


def race(database: str, folder: Path, me: int, claims: int) -> None:
    """Claim ``claims`` times; write each (study, fence) held to a file, with what went wrong."""
    store = Store(open_database(database))
    lines, k = list[str](), 0
    while len(lines) < claims:
        name, k = STUDIES[(me + k) % len(STUDIES)], k + 1
        claim = store.claim(name, f"host:{me}", 60)
        if claim is None:
            continue
        lines.append(f"{name} {claim.fence} {'' if held_alone(folder, claim) else 'double'}")
        if len(lines) % 10:
            store.release(claim)
            continue
        store.renew(claim, -1)  # the lease ends, so another may follow
        thief = store.claim(name, f"thief:{me}", 60)
        if thief is not None:
            lines.append(f"{name} {thief.fence} ")
        late = not refused(store, claim)
        if thief is None and late:  # the row was locked, so no one followed and this holder renewed
            store.release(claim)
        elif thief is not None:
            store.release(thief)
            lines += [f"{name} {claim.fence} late"] * late
    store.close()
    (folder / f"found{me}").write_text("\n".join(lines))


@pytest.mark.parametrize(
    "claims", [20, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(7200)])], ids=["short", "long"]
)
def test_no_study_is_ever_held_twice(store: Store, database: str, tmp_path: Path, claims: int) -> None:
    for name in STUDIES:
        store.create_study(name, "", SPEC.model_dump(mode="json"), SPEC.hash(), {})
    store.close()  # a fork must not share connections
    context = multiprocessing.get_context("fork")
    racers = [context.Process(target=race, args=(database, tmp_path, i, claims)) for i in range(PROCESSES)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * PROCESSES
    lines = [line for i in range(PROCESSES) for line in (tmp_path / f"found{i}").read_text().splitlines()]
    assert [line for line in lines if line.endswith(("double", "late"))] == []
    assert len(set(lines)) == len(lines) >= PROCESSES * claims
    fences = {study.name: store.claim(study.name, "last", 60) for study in store.studies()}
    for name, last in fences.items():
        assert last is not None
        assert last.fence - 1 == sum(line.startswith(f"{name} ") for line in lines)
