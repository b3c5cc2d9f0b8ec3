"""Changes to a study file's text that keep its comments."""

from __future__ import annotations

from scaling_search.errors import InputError


def write_rule(text: str, learning_rate: float, depth_exponent: float) -> str:
    """A study file's text with the rule in its ``proxy`` section, comments kept.

    Raises:
        InputError: the section is not written in block style.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("proxy:")), None)
    values = {"learning_rate": f"{learning_rate:g}", "depth_exponent": f"{depth_exponent:g}"}
    if start is None:
        lines.append("proxy:")
        start = len(lines) - 1
    if lines[start].split("#")[0].strip() != "proxy:":
        said = ", ".join(f"{k}: {v}" for k, v in values.items())
        raise InputError(
            "the proxy section is not in block style, so the rule was not written", f"put into proxy: {said}"
        )
    end = next((i for i in range(start + 1, len(lines)) if lines[i][:1] not in ("", " ", "#")), len(lines))
    kept = [line for line in lines[start + 1 : end] if line.split(":")[0].strip() not in values]
    indent = next((line[: len(line) - len(line.lstrip())] for line in kept if line.strip()), "  ")
    rule = [f"{indent}{name}: {value}" for name, value in values.items()]
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join([*lines[: start + 1], *kept, *rule, *lines[end:]]) + "\n"
