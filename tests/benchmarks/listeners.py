"""Whether browsers that watch slow the coordinator: a real server, real connections, a real coordinator whose runs take no time.

Runs that take no time are the worst case: the coordinator writes as fast as it can, and every write is an event for everybody.
Listeners and server share this machine's cores with it, so its processor time a trial stands beside trials a second.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from scaling_search.search.run import run_study
from scaling_search.search.studies import get_or_create_study
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.benchmarks.coordinator import SPEC, Instant
from tests.benchmarks.measure import Section, say
from tests.benchmarks.served import running

PORT, LISTENERS = 8393, 200
Round = dict[str, float]


def coordinated(where: str, trials: int) -> tuple[float, float]:
    """Wall seconds and processor seconds of a whole study, in a process of its own."""
    store = Store(open_database(where))
    with tempfile.TemporaryDirectory() as folder:
        began, worked = time.perf_counter(), time.process_time()
        row = run_study(parse(SPEC.format(trials=trials, replicates=trials // 4)), store, Instant(2), Path(folder))
        spent = time.perf_counter() - began, time.process_time() - worked
    store.close()
    if row.state != "complete":
        raise RuntimeError(row.reason)
    return spent


async def _listen(connected: asyncio.Semaphore) -> int:
    """The events that one client was sent until the study was complete."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    request = "GET /api/v1/studies/overhead/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: text/event-stream\r\n\r\n"
    writer.write(request.format(PORT).encode())
    seen, greeted = 0, False
    async for line in reader:
        if not greeted and line.startswith(b": connected"):
            greeted = True
            connected.release()
        seen += line.startswith(b"event: runs")
        if line.startswith(b"data: ") and b'"state": "complete"' in line:
            break
    writer.close()
    return seen


async def _watched(where: str, trials: int, listeners: int) -> tuple[float, float, list[int]]:
    """What the coordinator spent, and the events that each listener was sent."""
    connected = asyncio.Semaphore(0)
    clients = [asyncio.create_task(_listen(connected)) for _ in range(listeners)]
    for _ in clients:
        await asyncio.wait_for(connected.acquire(), 60)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, int)  # started, before anything is timed
        wall, cpu = await asyncio.get_running_loop().run_in_executor(pool, coordinated, where, trials)
    return wall, cpu, await asyncio.wait_for(asyncio.gather(*clients), 60)


def _round(trials: int, listeners: int) -> Round:
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as here:
        where = f"{here}/s.db"
        store = Store(open_database(where, create=True))
        get_or_create_study(store, parse(SPEC.format(trials=trials, replicates=trials // 4)))
        command = ["-m", "scaling_search.cli", "serve", "--db", where, "--port", str(PORT), "--no-worker"]
        with running([sys.executable, *command], f"http://127.0.0.1:{PORT}") as served:
            before = served.seconds()
            wall, cpu, seen = asyncio.run(_watched(where, trials, listeners))
            server = served.seconds() - before
        store.close()
    if len(set(seen)) > 1 or (listeners and not seen[0]):
        raise RuntimeError(f"listeners were sent different events: {sorted(set(seen))}")
    return {
        "trials/s": trials / wall,
        "cpu ms/trial": 1000 * cpu / trials,
        "server cpu ms/trial": 1000 * server / trials,
    }


def run(quick: bool, rounds: int) -> Section:
    """{side: medians}, and how much longer a trial takes the coordinator with listeners, in the median of pairs."""
    trials, pairs = (100, 1) if quick else (200, rounds)
    seen: dict[int, list[Round]] = {0: [], LISTENERS: []}
    for k in range(pairs):
        for listeners in sorted(seen, reverse=bool(k % 2)):
            seen[listeners].append(_round(trials, listeners))
            say(f"pair {k + 1} of {pairs}, {listeners} listeners: {seen[listeners][-1]}")
    both = list(zip(seen[0], seen[LISTENERS], strict=True))
    slower = {
        "cpu": statistics.median(b["cpu ms/trial"] / a["cpu ms/trial"] - 1 for a, b in both),
        "wall": statistics.median(a["trials/s"] / b["trials/s"] - 1 for a, b in both),
    }
    sides = {str(n): {k: statistics.median(r[k] for r in of) for k in of[0]} for n, of in seen.items()}
    return {"trials": trials, "pairs": pairs, "listeners": sides, "slower": slower}
