"""``python -m tests.benchmarks.readme``: the README's speed figures, written anew from bench.json. A test holds the two equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BENCH = Path(__file__).with_name("bench.json")
README = Path(__file__).parents[2] / "README.md"
END = "<!-- /bench.json -->\n"


def _table(columns: list[str], rows: list[list[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in [columns, rule, *rows]] + [""]


def _throughput(result: dict[str, Any]) -> list[str]:
    columns = ["images/s of whole runs", "ours", "plain loop", "channels_last", "timm", "bare limit"]
    columns += ["ours / plain", "ours / tuned", "ours / limit"]
    rows = []
    for name, found in result.items():
        speed, ratios = found["images_per_second"], found["ratios"]
        sides = [f"{speed[s]:.0f}" for s in ("ours", "plain", "plain, channels_last", "timm", "bare limit")]
        leads = [f"{ratios[f'ours / {s}']:.1f}×" for s in ("plain", "plain, channels_last")]
        rows.append([name, *sides, *leads, f"{ratios['ours / bare limit']:.2f}"])
    return _table(columns, rows)


def _coordinator(result: dict[str, Any]) -> list[list[str]]:
    kinds = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    rows = []
    for kind, found in result.items():
        speed = found["trials_per_second"]
        words = f"trials/s of the coordinator (10 epochs each, {kinds[kind]}), beside Optuna's RDBStorage"
        rows.append([words, f"{speed['ours']:.0f}", f"{speed['optuna']:.1f}", f"{found['ours / optuna']:.1f}×"])
    return rows


def _cost(result: dict[str, Any]) -> list[list[str]]:
    b7 = result["B7"]
    ours, theirs = f"{1e6 * b7['seconds']['closed form']:.0f} µs", f"{b7['seconds']['fvcore']:.1f} s"
    return [["MACs of B7, closed form beside fvcore", ours, theirs, f"{b7['fvcore / closed form']:,.0f}×"]]


def _search(result: dict[str, Any]) -> list[list[str]]:
    words = "a study of 8 networks near 64 px, beside Optuna's documented loop"
    seconds = result["seconds"]
    return [[words, f"{seconds['ours']:.0f} s", f"{seconds['plain']:.0f} s", f"{result['plain / ours']:.1f}×"]]


def _planning(result: dict[str, Any]) -> list[list[str]]:
    plan = result["2"]
    words = f"the {plan['networks']:,} networks at 2× B0, with shares"
    return [[words, f"{plan['seconds']['enumerate']:.2f} s", "", ""]]


def _startup(result: dict[str, Any]) -> list[list[str]]:
    second = "first epoch (one step) of a second run, after its submission"
    named = {"plan at 224 px": "`plan` at 224 px", "--help": "`--help`", "second run's first epoch": second}
    return [[words, f"{result[name]:.2f} s", "", ""] for name, words in named.items()]


def _memory(result: dict[str, Any]) -> list[list[str]]:
    return [["peak memory of the quickstart on two slots", f"{result['peak_gib']:.2f} GiB", "", ""]]


def _service(result: dict[str, Any]) -> list[list[str]]:
    size, ours, theirs = result["size"], result["pages"]["ours"], result["pages"].get("optuna-dashboard", {})
    rows = []
    for name, page in ours.items():
        words = f"{name}, processor time of an answer, p95 (wall, p95; compressed)"
        shown = [
            f"{p['cpu_p95_ms']:,.0f} ms ({p['p95_ms']:,.0f} ms; {p['kb']:,.0f} kB)"
            for p in (page, theirs.get(name))
            if p
        ]
        rows.append([words, *shown, *[""] * (3 - len(shown))])
    rows[0][0] += f": {size['trials']:,} trials × {size['epochs']} epochs, {size['studies']:,} studies"
    paints, their_paints = result["paint_s"].get("ours", {}), result["paint_s"].get("optuna-dashboard", {})
    for name, seconds in paints.items():
        other = their_paints.get(name)
        late = "" if other is None else f"over {PATIENCE} s" if other >= PATIENCE else f"{other:.1f} s"
        rows.append([f"{name}, first useful paint in Chromium", f"{seconds:.2f} s", late, ""])
    return rows


def _listeners(result: dict[str, Any]) -> list[list[str]]:
    with_none, with_all = result["listeners"]["0"], result["listeners"]["200"]
    words = "a trial's processor time in the coordinator with 200 event streams, beside none (runs that take no time)"
    times = [f"{side['cpu ms/trial']:.1f} ms" for side in (with_all, with_none)]
    return [[words, *times, f"{100 * result['slower']['cpu']:+.0f} %"]]


PATIENCE = 120
"""Seconds that the benchmark of pages waits for a paint."""
ROWS = {
    "search": _search,
    "coordinator": _coordinator,
    "cost": _cost,
    "planning": _planning,
    "startup": _startup,
    "memory": _memory,
    "service": _service,
    "listeners": _listeners,
}


def _speed(bench: dict[str, Any]) -> str:
    """Every section but that of scale, of those that have been measured."""
    machine = next(iter(bench.values()))["hardware"]
    versions = ", ".join(f"{name} {machine['versions'][name]}" for name in ("torch", "optuna", "fvcore", "sqlalchemy"))
    by_rounds: dict[int, list[str]] = {}
    for name in [name for name in bench if name in ROWS or name == "throughput"]:
        by_rounds.setdefault(bench[name]["rounds"], []).append(name)
    rounds = "; ".join(f"{n} of {', '.join(names)}" for n, names in sorted(by_rounds.items(), reverse=True))
    words = f"`make bench` on {machine['cores']} cores of {machine['cpu']}; {versions}. Medians over interleaved rounds: {rounds}."
    speeds = _throughput(bench["throughput"]["result"]) if "throughput" in bench else []
    rows = [row for name, of in ROWS.items() if name in bench for row in of(bench[name]["result"])]
    return "\n".join([words, "", *speeds, *_table(["", "ours", "theirs", "ratio"], rows)])


def _scale(bench: dict[str, Any]) -> str:
    """Studies in virtual time, by slots and trials."""
    columns = [
        "",
        "makespan / ideal",
        "idle slot seconds a trial",
        "coordinator CPU a trial",
        "CPU over simulated time",
        "statements a trial",
    ]
    rows = [
        [
            name,
            f"{found['makespan / ideal']:.3f}",
            f"{found['idle slot seconds a trial']:.1f}",
            f"{1000 * found['coordinator CPU s a trial']:.1f} ms",
            f"{100 * found['coordinator CPU over virtual time']:.2f} % of a core",
            f"{found['statements a trial']:.2f}",
        ]
        for name, found in bench["scale"]["result"].items()
    ]
    return "\n".join(_table(columns, rows))


BLOCKS = {"<!-- bench.json: speed -->\n": _speed, "<!-- bench.json: scale -->\n": _scale}


def written(text: str, bench: dict[str, Any]) -> str:
    """The README with what stands in its marked blocks made anew."""
    for mark, made in BLOCKS.items():
        head, rest = text.split(mark)
        _, tail = rest.split(END, 1)
        text = f"{head}{mark}{made(bench)}{END}{tail}"
    return text


def main() -> None:
    """Write the blocks into README.md."""
    text, bench = README.read_text(encoding="utf-8"), json.loads(BENCH.read_text(encoding="utf-8"))
    README.write_text(written(text, bench), encoding="utf-8")


if __name__ == "__main__":
    main()
