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
    """A Markdown table: faults, how often each was caused, what happened, and the seconds until the study went on."""
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in lines:
        grouped.setdefault((line["fault"], line["happened"]), []).append(line)
    rows = ["| fault | times | what happened | seconds until the study went on: median (most) |", "|---|---|---|---|"]
    for (fault, happened), group in sorted(grouped.items()):
        seconds = [line["seconds"] for line in group if line["seconds"] is not None]
        times = sum(line["times"] for line in group)
        times_s = f"{median(seconds):.1f} ({max(seconds):.1f})" if seconds else "–"
        rows.append(f"| {fault} | {times} | {happened} | {times_s} |")
    return "\n".join(rows)


def with_table(text: str, table_text: str) -> str:
    """The text with the table between its marks.

    Raises:
        ValueError: the text has no marks.
    """
    before, mark, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"no {START} … {END}")
    return f"{before}{START}\n{table_text}\n{END}{after}"


def main(record_path: str) -> None:
    """Put the faults recorded in a file of JSON lines into the README."""
    lines = [json.loads(line) for line in Path(record_path).read_text().splitlines()]
    README.write_text(with_table(README.read_text(), table(lines)))


if __name__ == "__main__":
    main(sys.argv[1])
