"""The launch form: one input for each field of the spec, built from the spec's JSON schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scaling_search.data.catalog import DATASETS
from scaling_search.networks.bases import BASES
from scaling_search.spec.study import StudySpec

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


@dataclass(frozen=True, slots=True)
class Input:
    """An input; ``kind`` is text, area, number, flag, list or choice."""

    field: str
    label: str
    help: str
    kind: str
    options: tuple[str, ...]
    step: str
    essential: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The inputs under one heading."""

    title: str
    about: str
    inputs: list[Input]


def _input(field: str, schema: dict[str, Any]) -> Input:
    parts = [schema, *schema.get("anyOf", [])]
    types = {p.get("type") for p in parts}
    options = next((tuple(map(str, p["enum"])) for p in parts if "enum" in p), ())
    if field in ("base.network", "family.base"):
        options = tuple(BASES)
    if field == "proxy.dataset":
        options = tuple(DATASETS)
    kind = "choice" if options else "flag" if "boolean" in types else "list" if "array" in types else "text"
    if not options and types & {"integer", "number"}:
        kind = "number"
    kind = "area" if field == "description" else kind
    step = "1" if "integer" in types else "any"
    label = field.rpartition(".")[2].replace("_", " ")
    return Input(field, label, schema.get("description", ""), kind, options, step, field in ESSENTIAL)


def form_sections() -> list[Section]:
    """The sections of the form, essential inputs first."""
    schema = StudySpec.model_json_schema()
    sections = {key: Section(title, about, []) for key, (title, about) in TITLES.items()}
    for name, part in schema["properties"].items():
        reference = part.get("$ref") or next((p["$ref"] for p in part.get("allOf", []) if "$ref" in p), None)
        if reference is None:
            sections[""].inputs.append(_input(name, part))
            continue
        fields = schema["$defs"][reference.rpartition("/")[2]]["properties"]
        section = sections.setdefault(name, Section(name, "", []))
        section.inputs.extend(_input(f"{name}.{field}", field_schema) for field, field_schema in fields.items())
    for section in sections.values():
        section.inputs.sort(key=lambda i: ESSENTIAL.index(i.field) if i.essential else len(ESSENTIAL))
    return list(sections.values())
