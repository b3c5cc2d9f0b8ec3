"""Entering a study in the ledger, and changing what was entered."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from scaling_search.errors import InputError, StudyChanged
from scaling_search.lease import claim_study
from scaling_search.records import StudyRow
from scaling_search.spec import StudySpec
from scaling_search.store import Store

LIBRARIES = ("scaling-search", "torch", "torchvision", "optuna", "fvcore", "numpy", "pandas", "sqlalchemy")


def library_versions() -> dict[str, str]:
    """Installed versions of the libraries that results depend on."""
    return {name: metadata.version(name) for name in LIBRARIES}


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def ensure_study(store: Store, spec: StudySpec) -> StudyRow:
    """The study of that spec, made if it is new.

    Raises:
        StudyChanged: another spec is stored under its name; the message lists the fields that differ.
    """
    values = spec.model_dump(mode="json")
    store.create_study(spec.name, spec.description, values, spec.hash(), library_versions())
    row = store.study(spec.name)
    stored = StudySpec.model_validate(row.spec)  # fields that came after it was stored have their defaults
    if stored.hash() != spec.hash():
        old, new = _flat(stored.model_dump(mode="json")), _flat(values)
        differ = sorted(k for k in old | new if old.get(k) != new.get(k) and not k.startswith(("run.", "description")))
        lines = [f"  {k}: {old.get(k)!r} → {new.get(k)!r}" for k in differ]
        raise StudyChanged(
            f"study {spec.name!r} is stored with another spec (stored → given):\n" + "\n".join(lines),
            "give the changed study another name, or undo the change",
        )
    return row


def extend_study(store: Store, name: str, trials: int) -> StudySpec:
    """Add ``trials`` to a study, replicates in proportion; the spec it has now. Nobody may be running it.

    Raises:
        InputError: the number is not positive.
        NotFound: there is no such study.
        StoreError: a live coordinator holds it.
    """
    if trials < 1:
        raise InputError(f"--trials: {trials} must be at least 1", "give how many trials to add")
    spec = StudySpec.model_validate(store.study(name).spec)
    whole = spec.search.trials + trials
    replicates = round(spec.search.replicates * whole / spec.search.trials)
    longer = spec.model_copy(
        update={"search": spec.search.model_copy(update={"trials": whole, "replicates": replicates})}
    )
    claim = claim_study(store, name, wait=0)
    store.replace_spec(claim, longer.model_dump(mode="json"), longer.hash())
    store.release(claim)
    return longer
