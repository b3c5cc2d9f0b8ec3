"""Specs that come from outside: read, checked, kept from naming what the server has not allowed, and queued."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scaling_search.data.catalog import source_of
from scaling_search.errors import SpecError
from scaling_search.paths import shipped_studies
from scaling_search.service.errors import Fault
from scaling_search.service.settings import Settings
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import read_fields
from scaling_search.spec.yaml_text import explain

FREE = ("description", "name")
"""Fields whose text names nothing."""
PATHLIKE = re.compile(r"[/\\:]|^[.~]|\.(py|pt|npz|npy|yaml|yml|zip)$")
"""Text that could be a path, a URL or a Python object; words of the spec are not."""
SOURCE = "the spec"
NO_LATENCY = "latency is measured on the machine that runs a study, for minutes: use `scaling-search run` there"


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) of every text in a value."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{field}.{key}" if field else str(key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _texts(part, f"{field}.{i}")


def forbidden(values: dict[str, Any], settings: Settings) -> list[Fault]:
    """Fields that name a path or an object outside of what the server allows."""
    found = []
    for field, text in _texts(values):
        if field in FREE or not PATHLIKE.search(text):
            continue
        if not _is_allowed(field, text, settings):
            found.append(
                Fault(field=field, message="names a path or object that this server does not allow (--data-root)")
            )
    return found


def _is_allowed(field: str, text: str, settings: Settings) -> bool:
    if field == "proxy.dataset":
        return not source_of(text).names_a_path
    try:
        return any(Path(text).resolve().is_relative_to(root) for root in settings.data_roots)
    except (OSError, ValueError):
        return False


def read_spec(given: str | dict[str, Any]) -> dict[str, Any]:
    """The fields of a spec in YAML, or as JSON gave them.

    Raises:
        SpecError: it is too large, or no mapping.
    """
    return given if isinstance(given, dict) else {str(k): v for k, v in read_fields(given, SOURCE).items()}


def checked(given: str | dict[str, Any], settings: Settings) -> tuple[StudySpec | None, list[Fault], str]:
    """(the spec, or None and what is wrong by field, and the same in words)."""
    try:
        values = read_spec(given)
        spec = StudySpec.model_validate(values)
    except ValidationError as e:
        return None, _faults(e), explain(e, SOURCE).message
    except SpecError as e:
        return None, [Fault(field="", message=e.message)], e.message
    except RecursionError:
        return None, [Fault(field="", message="is nested too deeply")], "the spec is nested too deeply"
    faults = forbidden(spec.model_dump(mode="json"), settings)
    try:
        spec.refuse_user_code()
    except SpecError as e:
        faults = [*(f for f in faults if f.field != "base.factory"), Fault(field="base.factory", message=e.message)]
    if spec.budget.cost == "latency":
        faults.append(Fault(field="budget.cost", message=NO_LATENCY))
    words = "; ".join(f"{f.field}: {f.message}" for f in faults)
    return (None if faults else spec), faults, words


def _faults(error: ValidationError) -> list[Fault]:
    known = {"extra_forbidden": "unknown field", "missing": "is required"}
    found = []
    for e in error.errors(include_url=False, include_input=False):
        field = ".".join(map(str, e["loc"]))
        message = known.get(e["type"], e["msg"].removeprefix("Value error, "))
        if not field and (named := re.match(r"(\w+\.\w+): (.*)", message)):
            field, message = named[1], named[2]
        found.append(Fault(field=field, message=message))
    return found


def changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The fields with some set, or with None taken out; sections come and go as they are needed."""
    made = {k: dict(v) if isinstance(v, dict) else v for k, v in values.items()}
    for field, value in changes.items():
        section, _, name = field.rpartition(".")
        here = made.setdefault(section, {}) if section else made
        if not isinstance(here, dict):
            raise SpecError(f"{section} holds no fields", "correct it in the YAML")
        if value is None:
            here.pop(name, None)
        else:
            here[name] = value
        if section and not here:
            del made[section]
    return made


def allowed(given: str | dict[str, Any], settings: Settings) -> StudySpec:
    """A spec that may be run here.

    Raises:
        SpecError: it is wrong, or names what is not allowed.
    """
    spec, _, words = checked(given, settings)
    if spec is None:
        raise SpecError(words, "`scaling-search spec --schema` lists every field")
    return spec


def shipped() -> dict[str, str]:
    """Name → text of the study files that come with the package."""
    return {name: path.read_text(encoding="utf-8") for name, path in shipped_studies().items()}
