"""The table of faults in the README: ``python -m tests.faults.table faults.jsonl`` after `make faults`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- faults -->", "<!-- /faults -->"


def table(lines: list[dict[str, Any]]) -> str:
    """Faults, how often each was made, what happened, and the seconds until the study went on."""
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in lines:
        grouped.setdefault((line["fault"], line["happened"]), []).append(line)
    made = ["| fault | times | what happened | seconds until the study went on: median (most) |", "|---|---|---|---|"]
    for (fault, happened), found in sorted(grouped.items()):
        seconds = [line["seconds"] for line in found if line["seconds"] is not None]
        times = sum(line["times"] for line in found)
        took = f"{median(seconds):.1f} ({max(seconds):.1f})" if seconds else "–"
        made.append(f"| {fault} | {times} | {happened} | {took} |")
    return "\n".join(made)


def written(text: str, made: str) -> str:
    """A text with the table between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, mark, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"no {START} … {END}")
    return f"{before}{START}\n{made}\n{END}{after}"


def main(where: str) -> None:
    """Put the faults in a file of JSON lines into the README."""
    lines = [json.loads(line) for line in Path(where).read_text().splitlines()]
    README.write_text(written(README.read_text(), table(lines)))


if __name__ == "__main__":
    main(sys.argv[1])
