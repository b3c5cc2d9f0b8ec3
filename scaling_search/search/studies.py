"""Studies in the store: create or find one, queue one for a worker, add trials to one."""

from __future__ import annotations

from typing import Any

from scaling_search.errors import InputError, StudyChanged, StudyExists
from scaling_search.records import StudyRow
from scaling_search.search.lease import claim_study
from scaling_search.search.versions import library_versions
from scaling_search.spec.study import StudySpec
from scaling_search.store import Control, Store

MAX_TRIALS = 100_000
"""Trials of a study, extensions included."""


def flat_fields(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields as one level: ``{"search": {"trials": 8}}`` → ``{"search.trials": 8}``."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flat_fields(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def get_or_create_study(store: Store, spec: StudySpec) -> StudyRow:
    """The study of this spec, created if it is new.

    Raises:
        StudyChanged: another spec is stored under its name; the message lists the fields that differ.
    """
    values = spec.model_dump(mode="json")
    store.create_study(spec.name, spec.description, values, spec.hash(), library_versions())
    row = store.study(spec.name)
    stored = StudySpec.model_validate(row.spec)  # a field added to the schema since then gets its default
    if stored.hash() != spec.hash():
        old, new = flat_fields(stored.model_dump(mode="json")), flat_fields(values)
        changed = sorted(k for k in old | new if old.get(k) != new.get(k) and not k.startswith(("run.", "description")))
        lines = [f"  {k}: {old.get(k)!r} → {new.get(k)!r}" for k in changed]
        raise StudyChanged(
            f"study {spec.name!r} is stored with another spec (stored → given):\n" + "\n".join(lines),
            "give the changed study another name, or undo the change",
        )
    return row


def submit_study(
    store: Store,
    spec: StudySpec,
    by: str,
    priority: int = 0,
    slots: int | None = None,
    webhook: str | None = None,
) -> StudyRow:
    """Queue a new study for a worker. ``by`` is the user who launches it, ``webhook`` a URL that is called when it ends.

    Raises:
        StudyExists: the name is taken.
    """
    values = {
        "name": spec.name,
        "description": spec.description,
        "spec": spec.model_dump(mode="json"),
        "spec_hash": spec.hash(),
        "versions": library_versions(),
        "priority": priority,
        "slots": slots,
        "webhook": webhook,
    }
    if not Control(store).submit(values, by):
        raise StudyExists(f"a study named {spec.name!r} already exists", "give this one another name")
    return store.study(spec.name)


def extended_spec(spec: StudySpec, trials: int) -> StudySpec:
    """The spec with ``trials`` more trials, and replicates in proportion.

    Raises:
        InputError: the number is not positive, or the total is above MAX_TRIALS.
    """
    if trials < 1:
        raise InputError(f"--trials: {trials} must be at least 1", "give the number of trials to add")
    total = spec.search.trials + trials
    if total > MAX_TRIALS:
        raise InputError(f"--trials: {total} trials in total are too many", f"a study may have at most {MAX_TRIALS}")
    replicates = round(spec.search.replicates * total / spec.search.trials)
    return spec.model_copy(
        update={"search": spec.search.model_copy(update={"trials": total, "replicates": replicates})}
    )


def extend_study(store: Store, name: str, trials: int) -> StudySpec:
    """Add ``trials`` trials to a study that no coordinator holds; returns its new spec.

    Raises:
        InputError: the number is not positive, or the total is above MAX_TRIALS.
        NotFound: there is no such study.
        StoreError: a live coordinator holds it.
    """
    longer = extended_spec(StudySpec.model_validate(store.study(name).spec), trials)
    claim = claim_study(store, name, wait=0)
    store.replace_spec(claim, longer.model_dump(mode="json"), longer.hash())
    store.release(claim)
    return longer
