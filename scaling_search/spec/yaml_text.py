"""Parse study files safely and explain errors."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scaling_search.errors import SpecError


class _Loader(yaml.SafeLoader):
    """YAML without aliases, which can expand to gigabytes, and without duplicate keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {line}: aliases (*name) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: a key must be text")
            if key.value in keys:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: the key {key.value!r} appears twice")
            keys.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError) as e:
            raise yaml.YAMLError(
                f"line {node.start_mark.line + 1}: {str(node.value)[:80]!r} is not a valid {node.tag}: {e}"
            ) from None


def read_yaml(text: str, source: str) -> Any:
    """Parse YAML text into plain values.

    Raises:
        SpecError: the text is not YAML, or it uses aliases, unknown tags or duplicate keys; the message names the line.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as e:
        line = f"line {e.problem_mark.line + 1}: " if e.problem_mark else ""
        raise SpecError(
            f"{source} is not YAML: {line}{e.problem or e.context}",
            "indent with spaces, and quote text with special characters",
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise SpecError(f"{source} is not YAML: {e}", "see the files under studies/") from None


class _Dumper(yaml.SafeDumper):
    """Writes lists on one line and multi-line texts as literal blocks."""


_Dumper.add_representer(list, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))
_Dumper.add_representer(
    str, lambda d, v: d.represent_scalar("tag:yaml.org,2002:str", v, style="|" if "\n" in v else None)
)


def to_text(values: dict[str, Any], width: int = 100) -> str:
    """Fields as readable YAML with lines of up to about ``width`` characters.

    Raises:
        SpecError: the fields are nested too deeply.
    """
    try:
        return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width)
    except RecursionError:
        raise SpecError("the spec is nested too deeply") from None


def _shortened(value: object) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # an integer of more than 4,300 digits
        return "an enormous number"


MISREAD = {int: "a number", float: "a number", date: "a date"}
"""Types that YAML gives to some unquoted texts."""


WHOLE, NUMBER, TRUTH = "must be a whole number", "must be a number", "must be true or false"
PLAIN = {
    "extra_forbidden": "unknown field",
    "missing": "is required",
    "model_type": "should hold fields",
    "dict_type": "must be a mapping of names to values",
    "list_type": "must be a list",
    "greater_than_equal": "must be at least {ge:.12g}",
    "greater_than": "must be more than {gt:.12g}",
    "less_than_equal": "must be at most {le:.12g}",
    "less_than": "must be less than {lt:.12g}",
    "literal_error": "must be one of {expected}",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), TRUTH),
}
"""pydantic's kinds of error in plain words."""


def plain_message(error: ErrorDetails) -> str:
    """What is wrong with a field, in plain words. The field and the given value are left out."""
    words = PLAIN.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else error["msg"].removeprefix("Value error, ")


def _explanation(error: ErrorDetails) -> str:
    """What is wrong with a field, with the given value where that helps."""
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden" and given is None:
        return "unknown field"
    if given is None:
        return f"is empty: give {'fields' if kind == 'model_type' else 'a value'}, or leave it out"
    misread_as = next((name for python_type, name in MISREAD.items() if isinstance(given, python_type)), None)
    if kind == "string_type" and misread_as:
        return f"should be a string, and this is {misread_as} ({_shortened(given)}): quote it"
    message = plain_message(error)
    return message if isinstance(given, dict | BaseModel) else f"{message} (given: {_shortened(given)!r})"


def explain(error: ValidationError, source: str) -> SpecError:
    """One line per error: the field, what is wrong, and the given value."""
    errors = [(".".join(str(part) for part in e["loc"]), _explanation(e)) for e in error.errors()]
    lines = [f"  {field}: {text}" if field else f"  {text}" for field, text in errors]
    return SpecError(
        f"{source} is not a valid study:\n" + "\n".join(lines), "`scaling-search spec --schema` lists every field"
    )
