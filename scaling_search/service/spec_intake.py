"""Specs received over HTTP: parse, validate, and refuse those that name a path or code the server does not allow."""

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
from scaling_search.spec.yaml_text import explain, plain_message, read_yaml

FREE_TEXT_FIELDS = ("description", "name")
PATHLIKE = re.compile(r"[/\\:]|^[.~]|\.(py|pt|npz|npy|yaml|yml|zip)$")
"""Text that could be a path, a URL or a Python object."""
SOURCE = "the spec"
NO_LATENCY = (
    "latency is measured on the machine that runs the study, which takes minutes: use `scaling-search run` there"
)
NOT_ALLOWED = "names a path or object that this server does not allow (--data-root)"


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) of every string in a value."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{field}.{key}" if field else str(key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _texts(part, f"{field}.{i}")


def forbidden(values: dict[str, Any], settings: Settings) -> list[Fault]:
    """Fields that name a path or object which the server does not allow."""
    return [
        Fault(field=field, message=NOT_ALLOWED)
        for field, text in _texts(values)
        if field not in FREE_TEXT_FIELDS and PATHLIKE.search(text) and not _is_allowed(field, text, settings)
    ]


def _is_allowed(field: str, text: str, settings: Settings) -> bool:
    if field == "proxy.dataset":
        return not source_of(text).names_a_path
    try:
        return any(Path(text).resolve().is_relative_to(root) for root in settings.data_roots)
    except (OSError, ValueError):
        return False


def spec_fields(given: str | dict[str, Any]) -> dict[str, Any]:
    """The fields of a spec given as YAML text or as JSON.

    Raises:
        SpecError: the text is too large, or not a mapping.
    """
    return given if isinstance(given, dict) else {str(k): v for k, v in read_fields(given, SOURCE).items()}


def validate_spec(given: str | dict[str, Any], settings: Settings) -> tuple[StudySpec | None, list[Fault], str]:
    """(the spec, or None if it has faults; its faults; the faults as text)."""
    try:
        values = spec_fields(given)
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
    text = "; ".join(f"{f.field}: {f.message}" for f in faults)
    return (None if faults else spec), faults, text


def _faults(error: ValidationError) -> list[Fault]:
    faults = []
    for e in error.errors(include_url=False, include_input=False):
        field = ".".join(map(str, e["loc"]))
        message = plain_message(e)
        if not field and (prefixed := re.match(r"(\w+\.\w+): (.*)", message)):
            field, message = prefixed[1], prefixed[2]
        faults.append(Fault(field=field, message=message))
    return faults


def with_changes(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The fields of a spec with ``changes`` (field → value) applied in their order.

    A value of None removes the field. Missing sections are added, and empty ones removed.
    An empty mapping turns an optional part such as ``search.stages`` on, and leaves one that is on as it is.

    Raises:
        SpecError: a section is not a mapping.
    """
    result = dict(values)
    for field, value in changes.items():
        *parents, name = field.split(".")
        fields = result
        for depth, parent in enumerate(parents, 1):
            part = fields.get(parent)
            if not isinstance(part, dict | None):
                raise SpecError(f"{'.'.join(parents[:depth])}: expected a mapping of fields", "correct it in the YAML")
            fields[parent] = dict(part or {})
            fields = fields[parent]
        if value is None:
            fields.pop(name, None)
        elif value != {} or not isinstance(fields.get(name), dict):
            fields[name] = value
        if parents and not result[parents[0]]:
            del result[parents[0]]
    return result


def from_texts(texts: dict[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """(field → value, faults) of fields given as YAML text."""
    changes, faults = {}, []
    for field, text in texts.items():
        try:
            changes[field] = read_yaml(text, "the text")
        except SpecError as e:
            faults.append(Fault(field=field, message=e.message))
    return changes, faults


def allowed_spec(given: str | dict[str, Any], settings: Settings) -> StudySpec:
    """A valid spec that this server may run.

    Raises:
        SpecError: the spec is invalid, or names a path or object that is not allowed.
    """
    spec, _, text = validate_spec(given, settings)
    if spec is None:
        raise SpecError(text, "`scaling-search spec --schema` lists every field")
    return spec


def shipped_texts() -> dict[str, str]:
    """Name → text of the study files that come with the package."""
    return {name: path.read_text(encoding="utf-8") for name, path in shipped_studies().items()}
