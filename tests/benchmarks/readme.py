"""``python -m tests.benchmarks.readme``: the README's speed figures, written anew from bench.json. A test holds the two equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BENCH = Path(__file__).with_name("bench.json")
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- bench.json -->\n", "<!-- /bench.json -->\n"


def _table(columns: list[str], rows: list[list[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in [columns, rule, *rows]] + [""]


def _throughput(result: dict[str, Any]) -> list[str]:
    columns = ["images/s of whole runs", "ours", "plain loop", "channels_last", "bare limit", "ours / plain", "ours / limit"]  # fmt: skip
    rows = []
    for name, found in result.items():
        speed, ratios = found["images_per_second"], found["ratios"]
        sides = [f"{speed[s]:.0f}" for s in ("ours", "plain", "plain, channels_last", "bare limit")]
        rows.append([name, *sides, f"{ratios['ours / plain']:.1f}×", f"{ratios['ours / bare limit']:.2f}"])
    return _table(columns, rows)


def _others(bench: dict[str, Any]) -> list[str]:
    def of(name: str) -> dict[str, Any]:
        found: dict[str, Any] = bench[name]["result"]
        return found

    start, plan, search = of("startup"), of("planning")["2"], of("search")
    kinds, b7 = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}, of("cost")["B7"]
    coordinator = [
        [f"trials/s of the coordinator (10 epochs each, {kinds[kind]}), beside Optuna's RDBStorage", f"{s['trials_per_second']['ours']:.0f}", f"{s['trials_per_second']['optuna']:.1f}", f"{s['ours / optuna']:.1f}×"]
        for kind, s in of("coordinator").items()
    ]  # fmt: skip
    second = start["second run's first epoch"]
    rows = [
        ["a study of 8 networks near 64 px, beside Optuna's documented loop", f"{search['seconds']['ours']:.0f} s", f"{search['seconds']['plain']:.0f} s", f"{search['plain / ours']:.1f}×"],
        *coordinator,
        ["MACs of B7, closed form beside fvcore", f"{1e6 * b7['seconds']['closed form']:.0f} µs", f"{b7['seconds']['fvcore']:.1f} s", f"{b7['fvcore / closed form']:,.0f}×"],
        [f"the {plan['networks']:,} networks at 2× B0, with shares", f"{plan['seconds']['enumerate']:.2f} s", "", ""],
        ["`plan` at 224 px", f"{start['plan at 224 px']:.2f} s", "", ""],
        ["`--help`", f"{start['--help']:.2f} s", "", ""],
        ["first epoch (one step) of a second run, after its submission", f"{second:.2f} s", "", ""],
        ["peak memory of the quickstart on two slots", f"{of('memory')['peak_gib']:.2f} GiB", "", ""],
    ]  # fmt: skip
    return _table(["", "ours", "theirs", "ratio"], rows)


def block(bench: dict[str, Any]) -> str:
    """What stands between the two marks."""
    machine = bench["throughput"]["hardware"]
    versions = ", ".join(f"{name} {machine['versions'][name]}" for name in ("torch", "optuna", "fvcore", "sqlalchemy"))
    rounds = bench["throughput"]["rounds"]
    words = f"`make bench` on {machine['cores']} cores of {machine['cpu']}, median of {rounds} interleaved rounds; {versions}."
    return "\n".join([words, "", *_throughput(bench["throughput"]["result"]), *_others(bench)])


def main() -> None:
    """Write the block into README.md."""
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    made = block(json.loads(BENCH.read_text(encoding="utf-8")))
    README.write_text(f"{head}{BEGIN}{made}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
