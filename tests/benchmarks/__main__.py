"""``make bench``: every comparison side by side, medians and ratios, written to bench.json with hardware and versions.

python -m tests.benchmarks [--section NAME]... [--quick] [--rounds N] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from tests.benchmarks import coordinator, cost, listeners, memory, planning, scale, search, service, startup, throughput
from tests.benchmarks.measure import hardware, say
from tests.benchmarks.readme import BENCH

SECTIONS = {
    "startup": startup.run,
    "planning": planning.run,
    "cost": cost.run,
    "coordinator": coordinator.run,
    "throughput": throughput.run,
    "search": search.run,
    "memory": memory.run,
    "scale": scale.run,
    "service": service.run,
    "listeners": listeners.run,
}


def main() -> None:
    """Run the sections asked for; those not asked for stay in the file as they are."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--section", action="append", choices=list(SECTIONS), help="Only this one; may be repeated.")
    parser.add_argument("--quick", action="store_true", help="Less of everything: does it work, roughly how fast.")
    parser.add_argument("--rounds", type=int, default=3, help="Repetitions of each comparison. Default: 3.")
    parser.add_argument("--output", type=Path, default=BENCH, help="Default: the one that the README quotes.")
    options = parser.parse_args()
    found = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
    began = time.monotonic()
    for name in options.section or list(SECTIONS):
        say(f"== {name}")
        result = SECTIONS[name](options.quick, options.rounds)
        made = {"quick": options.quick, "rounds": options.rounds, "hardware": hardware(), "result": result}
        found[name] = json.loads(json.dumps(made), parse_float=lambda v: float(f"{float(v):.4g}"))
        options.output.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        say(f"== {name} ended after {time.monotonic() - began:.0f} s; written to {options.output}")


if __name__ == "__main__":
    main()
