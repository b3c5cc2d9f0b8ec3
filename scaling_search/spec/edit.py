"""Edit the text of a study file without losing its comments."""

from __future__ import annotations

from scaling_search.errors import InputError


def write_rule(text: str, learning_rate: float, depth_exponent: float) -> str:
    """The text of a study file with the learning-rate rule written into its ``proxy`` section.

    Raises:
        InputError: the section is not in block style.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("proxy:")), None)
    values = {"learning_rate": f"{learning_rate:g}", "depth_exponent": f"{depth_exponent:g}"}
    if start is None:
        lines.append("proxy:")
        start = len(lines) - 1
    if lines[start].split("#")[0].strip() != "proxy:":
        fields = ", ".join(f"{k}: {v}" for k, v in values.items())
        raise InputError(
            "proxy: the section is not in block style, so the rule was not written", f"write it into proxy: {fields}"
        )
    end = next((i for i in range(start + 1, len(lines)) if lines[i][:1] not in ("", " ", "#")), len(lines))
    others = [line for line in lines[start + 1 : end] if line.split(":")[0].strip() not in values]
    indent = next((line[: len(line) - len(line.lstrip())] for line in others if line.strip()), "  ")
    rule = [f"{indent}{name}: {value}" for name, value in values.items()]
    while others and not others[-1].strip():
        others.pop()
    return "\n".join([*lines[: start + 1], *others, *rule, *lines[end:]]) + "\n"
