"""The launch form: one input for each field of the spec, built from the spec's JSON schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

from scaling_search.data.catalog import DATASETS
from scaling_search.networks.bases import FACTS
from scaling_search.spec.study import StudySpec
from scaling_search.spec.yaml_text import to_text

TITLES = {
    "": ("The study", "its name, and what it is for"),
    "base": ("Base network", "the network at φ = 0 of the proxy runs"),
    "proxy": ("Data and training", "the short training of each candidate"),
    "search": ("Search", "which networks are tried, and how often"),
    "budget": ("Budget", "what one step of φ may cost"),
    "family": ("Family", "the networks that the choice is turned into"),
    "run": ("Runs", "where and how long"),
}
ESSENTIAL = (
    *("name", "description", "base.network", "base.width", "base.resolution", "base.strides"),
    *(
        "proxy.dataset",
        "proxy.train_size",
        "proxy.validation_size",
        "proxy.epochs",
        "proxy.batch_size",
        "proxy.learning_rate",
    ),
    *("search.sampler", "search.trials", "search.replicates", "search.base_runs", "search.seed"),
    *("budget.target", "budget.divisor", "family.base", "family.resolution", "run.slots"),
)
"""Fields that are always visible. The others are behind "more"."""

EXAMPLES = {
    "run.resources": "accelerator: 1",
    "base.table": "stem: 32\nstages:\n  - {block: mbconv, channels: 16, blocks: 1}",
    "validation": "shares: [0.4, 0.3, 0.3]\nseeds: 5",
}
"""What the YAML of a table or mapping looks like."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input; ``kind`` is text, area, number, flag, list, choice, yaml or section.

    ``yaml`` holds a table or mapping as YAML text. ``section`` is a switch: its ``inputs`` count while it is on.
    """

    field: str
    label: str
    help: str
    kind: str
    options: tuple[str, ...]
    essential: bool
    inputs: tuple[Input, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The inputs under one heading."""

    title: str
    about: str
    inputs: list[Input]


def _input(field: str, schema: dict[str, Any], models: dict[str, Any]) -> Input:
    parts = [schema, *schema.get("anyOf", [])]
    types = {p.get("type") for p in parts}
    options = next((tuple(map(str, p["enum"])) for p in parts if "enum" in p), ())
    if field in ("base.network", "family.base"):
        options = tuple(FACTS)
    if field == "proxy.dataset":
        options = tuple(DATASETS)
    label = field.rpartition(".")[2].replace("_", " ")
    help = schema.get("description", "")
    model = next((models[p["$ref"].rpartition("/")[2]] for p in parts if "$ref" in p), None)
    if model is not None and "required" not in model:
        inputs = tuple(_input(f"{field}.{name}", part, models) for name, part in model["properties"].items())
        return Input(field, label, help, "section", (), field in ESSENTIAL, inputs)
    if model is not None or "object" in types:
        return Input(field, label, help, "yaml", (), field in ESSENTIAL, example=EXAMPLES.get(field, ""))
    kind = "choice" if options else "flag" if "boolean" in types else "list" if "array" in types else "text"
    if not options and types & {"integer", "number"}:
        kind = "number"
    kind = "area" if field == "description" else kind
    return Input(field, label, help, kind, options, field in ESSENTIAL)


@cache
def form_sections() -> list[Section]:
    """The sections of the form, essential inputs first."""
    schema = StudySpec.model_json_schema()
    sections = {key: Section(title, about, []) for key, (title, about) in TITLES.items()}
    for name, part in schema["properties"].items():
        reference = part.get("$ref") or next((p["$ref"] for p in part.get("allOf", []) if "$ref" in p), None)
        if reference is None:
            sections[""].inputs.append(_input(name, part, schema["$defs"]))
            continue
        fields = schema["$defs"][reference.rpartition("/")[2]]["properties"]
        section = sections.setdefault(name, Section(name, "", []))
        section.inputs.extend(
            _input(f"{name}.{field}", field_schema, schema["$defs"]) for field, field_schema in fields.items()
        )
    for section in sections.values():
        section.inputs.sort(key=lambda i: ESSENTIAL.index(i.field) if i.essential else len(ESSENTIAL))
    return list(sections.values())


def yaml_texts(values: dict[str, Any]) -> dict[str, str]:
    """Field → YAML of each table and mapping that a complete spec has, for the inputs of kind ``yaml``."""
    fields = [i.field for section in form_sections() for i in section.inputs if i.kind == "yaml"]
    parts = {field: reduce(lambda part, key: part[key], field.split("."), values) for field in fields}
    return {field: to_text(part) for field, part in parts.items() if part}
