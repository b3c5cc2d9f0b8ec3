"""Study files from people and strangers: plain YAML only, and every fault in words, with its line or its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scaling_search.errors import SpecError


class _Loader(yaml.SafeLoader):
    """Plain YAML: no aliases (they can blow up in memory) and no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {line}: aliases (*name) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: a key must be a word")
            if key.value in seen:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: the key {key.value!r} appears twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError) as e:
            raise yaml.YAMLError(
                f"line {node.start_mark.line + 1}: {str(node.value)[:80]!r} is no {node.tag}: {e}"
            ) from None


def read_yaml(text: str, source: str) -> Any:
    """The plain values in YAML text.

    Raises:
        SpecError: it is not YAML, or uses aliases, odd tags or a key twice; the message names the line.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as e:
        line = f"line {e.problem_mark.line + 1}: " if e.problem_mark else ""
        raise SpecError(
            f"{source} is not YAML: {line}{e.problem or e.context}", "indent with spaces and quote odd text"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise SpecError(f"{source} is not YAML: {e}", "see the files under studies/") from None


class _Dumper(yaml.SafeDumper):
    """Lists on one line, texts of several lines as they are read."""


_Dumper.add_representer(list, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))
_Dumper.add_representer(
    str, lambda d, v: d.represent_scalar("tag:yaml.org,2002:str", v, style="|" if "\n" in v else None)
)


def to_text(values: dict[str, Any], width: int = 100) -> str:
    """Fields as YAML that people read, lines up to about ``width`` long.

    Raises:
        SpecError: they are nested too deeply.
    """
    try:
        return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width)
    except RecursionError:
        raise SpecError("the spec is nested too deeply") from None


def _shown(value: object) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # an integer of more than 4,300 digits
        return "an enormous number"


MISREAD = {int: "a number", float: "a number", date: "a date"}
"""What YAML makes of some text without quotes."""


def _words(fault: ErrorDetails) -> str:
    """What is wrong with a field, and the value given where that helps."""
    kind, given = fault["type"], fault["input"]
    if kind == "extra_forbidden" and given is None:
        return "unknown field"
    if given is None:
        return f"is empty: give {'fields' if kind == 'model_type' else 'a value'}, or leave it out"
    misread = next((words for of, words in MISREAD.items() if isinstance(given, of)), None)
    if kind == "string_type" and misread:
        return f"should be a string, and this is {misread} ({_shown(given)}): quote it"
    known = {"extra_forbidden": "unknown field", "missing": "is required", "model_type": "should hold fields"}
    message = known.get(kind, fault["msg"].removeprefix("Value error, "))
    return message if isinstance(given, dict | BaseModel) else f"{message} (given: {_shown(given)!r})"


def explain(error: ValidationError, source: str) -> SpecError:
    """One line a fault: the field, what is wrong, the value given."""
    faults = [(".".join(str(part) for part in fault["loc"]), _words(fault)) for fault in error.errors()]
    lines = [f"  {field}: {words}" if field else f"  {words}" for field, words in faults]
    return SpecError(
        f"{source} is not a valid study:\n" + "\n".join(lines), "`scaling-search spec --schema` lists every field"
    )
