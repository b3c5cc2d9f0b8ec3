"""Runs a study to its end, or on from where it was left: claim it, coordinate it, release it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from scaling_search.engine.protocol import Engine
from scaling_search.errors import LeaseLost, ScalingSearchError
from scaling_search.records import StudyRow, StudyState, last_curves
from scaling_search.search.coordinator import Coordinator
from scaling_search.search.lease import LEASE_S, LeaseRenewal, claim_study
from scaling_search.search.observers import Event, Observer, Observers
from scaling_search.search.progress import ProgressCallback
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study import StudySpec
from scaling_search.store import Claim, Store
from scaling_search.training.checkpoints import Location, make_folder


def run_study(
    spec: StudySpec,
    store: Store,
    engine: Engine,
    checkpoints: Location,
    report: ProgressCallback = lambda _: None,
    wait: float = LEASE_S + 5,
    observers: Sequence[Observer] = (),
) -> StudyRow:
    """Run a study to its end, or on from where it was left; wait up to ``wait`` seconds for a holder that may have died.

    ``observers`` see what has been committed, each in a thread of its own; see :mod:`scaling_search.search.observers`.

    On KeyboardInterrupt the study is paused, its runs are killed at their last checkpoint, and the exception is raised again.
    The engine is closed in any case.

    Raises:
        StudyChanged: another spec is stored under the name.
        InputError: ``checkpoints`` is a URL that cannot be used here.
        CheckpointError: the folder for checkpoints cannot be made.
        StoreError: a live coordinator holds the study, or the database fails.
        LeaseLost: another coordinator took over.
    """
    with closing(engine):
        row = get_or_create_study(store, spec)
        if row.state == "complete":
            return row
        make_folder(checkpoints)
        return run_claimed(spec, store, engine, claim_study(store, spec.name, wait), checkpoints, report, observers)


def run_claimed(
    spec: StudySpec,
    store: Store,
    engine: Engine,
    claim: Claim,
    checkpoints: Location,
    report: ProgressCallback = lambda _: None,
    observers: Sequence[Observer] = (),
    state_if_interrupted: StudyState = "paused",
) -> StudyRow:
    """Run a claimed study and release it; a KeyboardInterrupt leaves it in ``state_if_interrupted``.

    Raises:
        StoreError: the database fails.
        LeaseLost: another coordinator took over.
    """
    with closing(Observers(spec.name, observers, lambda: _stored_events(store, spec.name))) as committed:
        return _run_and_release(spec, store, engine, claim, checkpoints, report, committed, state_if_interrupted)


def _run_and_release(
    spec: StudySpec,
    store: Store,
    engine: Engine,
    claim: Claim,
    checkpoints: Location,
    report: ProgressCallback,
    observers: Observers,
    state_if_interrupted: StudyState,
) -> StudyRow:
    try:
        # the engine is closed before the claim ends, so no run outlasts it, and also if the claim is lost already
        with closing(engine), LeaseRenewal(store, claim) as lease, closing(engine):
            store.move_study(claim, "running")
            Coordinator(spec, store, engine, claim, checkpoints, report, lease, observers).run()
    except LeaseLost:
        raise
    except KeyboardInterrupt:
        if store.study(spec.name).state == "running":
            store.move_study(claim, state_if_interrupted, "interrupted")
        store.release(claim)
        raise
    except ScalingSearchError as e:
        store.move_study(claim, "failed", e.message)
        store.release(claim)
        raise
    store.release(claim)
    return store.study(spec.name)


def _stored_events(store: Store, study: str) -> Iterable[Event]:
    """What observers are shown of a study after they missed something: its trials, their epochs and its choice, as stored."""
    rows = store.trials(study)
    curves = last_curves(rows, store.epochs(study))
    for row in rows:
        if row.attempts:
            yield Event("on_trial_start", (study, row))
        for result in curves.get(row.number, ()):
            yield Event("on_epoch", (study, row, result))
        if row.state not in ("waiting", "running"):
            yield Event("on_trial_end", (study, row))
    choice = store.choice(study)
    if choice is not None:
        yield Event("on_recommendation", (study, choice))
