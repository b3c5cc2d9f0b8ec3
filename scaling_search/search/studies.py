"""Entering a study in the ledger, and changing what was entered."""

from __future__ import annotations

from typing import Any

from scaling_search.errors import InputError, StudyChanged, StudyExists
from scaling_search.records import StudyRow
from scaling_search.search.lease import claim_study
from scaling_search.search.versions import library_versions
from scaling_search.spec.study import StudySpec
from scaling_search.store import Control, Store

MOST_TRIALS = 100_000
"""Trials of a study, however often it is extended."""


def flat_fields(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields as one level: ``{"search": {"trials": 8}}`` → ``{"search.trials": 8}``."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flat_fields(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def get_or_create_study(store: Store, spec: StudySpec) -> StudyRow:
    """The study of that spec, made if it is new.

    Raises:
        StudyChanged: another spec is stored under its name; the message lists the fields that differ.
    """
    values = spec.model_dump(mode="json")
    store.create_study(spec.name, spec.description, values, spec.hash(), library_versions())
    row = store.study(spec.name)
    stored = StudySpec.model_validate(row.spec)  # fields that came after it was stored have their defaults
    if stored.hash() != spec.hash():
        old, new = flat_fields(stored.model_dump(mode="json")), flat_fields(values)
        differ = sorted(k for k in old | new if old.get(k) != new.get(k) and not k.startswith(("run.", "description")))
        lines = [f"  {k}: {old.get(k)!r} → {new.get(k)!r}" for k in differ]
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
    """Queue a new study for a worker. ``by`` says who asks, ``webhook`` is a URL that is told of its end.

    Raises:
        StudyExists: the name is taken.
    """
    values = {"name": spec.name, "description": spec.description, "spec": spec.model_dump(mode="json")}
    more = {"spec_hash": spec.hash(), "versions": library_versions(), "priority": priority, "slots": slots}
    if not Control(store).submit({**values, **more, "webhook": webhook}, by):
        raise StudyExists(f"there is a study {spec.name!r} already", "give this one another name")
    return store.study(spec.name)


def extended_spec(spec: StudySpec, trials: int) -> StudySpec:
    """The spec with ``trials`` more, replicates in proportion.

    Raises:
        InputError: the number is not positive, or the whole too large.
    """
    if trials < 1:
        raise InputError(f"--trials: {trials} must be at least 1", "give how many trials to add")
    whole = spec.search.trials + trials
    if whole > MOST_TRIALS:
        raise InputError(f"--trials: {whole} in all are too many", f"a study may have {MOST_TRIALS}")
    replicates = round(spec.search.replicates * whole / spec.search.trials)
    return spec.model_copy(
        update={"search": spec.search.model_copy(update={"trials": whole, "replicates": replicates})}
    )


def extend_study(store: Store, name: str, trials: int) -> StudySpec:
    """Add ``trials`` to a study, replicates in proportion; the spec it has now. Nobody may be running it.

    Raises:
        InputError: the number is not positive.
        NotFound: there is no such study.
        StoreError: a live coordinator holds it.
    """
    longer = extended_spec(StudySpec.model_validate(store.study(name).spec), trials)
    claim = claim_study(store, name, wait=0)
    store.replace_spec(claim, longer.model_dump(mode="json"), longer.hash())
    store.release(claim)
    return longer
