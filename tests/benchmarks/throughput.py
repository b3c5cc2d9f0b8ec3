"""Images a second of whole training runs: ours with all slots, the loops people write, and the bare limit of the cores."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from scaling_search.engine import Failed, Finished, LocalEngine, Task
from scaling_search.engine.local import environment
from scaling_search.engine.protocol import CPU_ENVIRONMENT
from scaling_search.hardware import cores
from scaling_search.networks.architecture import Architecture, scale
from scaling_search.networks.bases import base_network
from scaling_search.networks.candidates import nearest
from scaling_search.networks.iso_cost import iso_cost_set
from scaling_search.spec.proxy import ProxySpec
from tests.benchmarks.measure import Section, interleaved, say
from tests.benchmarks.recipe import Job, dump

VALIDATION = 256


@dataclass(frozen=True)
class Setting:
    """One row of the table. ``images`` is how many each run trains on, twice: ten to twenty seconds on two cores, a short proxy run."""

    px: int
    width: float
    scaled: bool
    images: int

    @property
    def name(self) -> str:
        """For the table and bench.json."""
        return f"{self.px} px, width {self.width:g}, {'×2' if self.scaled else 'base'}"

    def architecture(self) -> Architecture:
        """The base, or the candidate nearest equal shares."""
        base = scale(
            base_network("efficientnet_b0", classes=10, image_channels=1), 1.0, self.width, self.px, "nearest", 4
        )
        if self.px == 28:
            base = base.with_strides([1, 1, 2, 2, 2, 1, 2, 1])
        if not self.scaled:
            return base
        return nearest(iso_cost_set(base, divisor=4), (1 / 3, 1 / 3, 1 / 3)).architecture


SETTINGS = [
    Setting(28, 0.25, False, 3840), Setting(28, 0.25, True, 2560), Setting(28, 1.0, False, 1024), Setting(28, 1.0, True, 448),
    Setting(64, 0.25, False, 3456), Setting(64, 0.25, True, 2432), Setting(64, 1.0, False, 704), Setting(64, 1.0, True, 320),
    Setting(128, 0.25, False, 896), Setting(128, 0.25, True, 512), Setting(128, 1.0, False, 256), Setting(128, 1.0, True, 128),
]  # fmt: skip
QUICK = [SETTINGS[1], SETTINGS[5], SETTINGS[9]]


def ours(engine: LocalEngine, arch: Architecture, proxy: ProxySpec) -> float:
    """A run in every slot, with checkpoints, from submission to the last word; images a second."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        for slot in range(engine.slots):
            engine.submit(Task(slot, arch, slot, proxy, str(Path(folder) / f"{slot}.pt"), verify=False))
        left = set(range(engine.slots))
        while left:
            for event in engine.events(timeout=1.0):
                if isinstance(event, Failed):
                    raise RuntimeError(event.error)
                if isinstance(event, Finished):
                    left.discard(event.number)
        return engine.slots * proxy.train_size * proxy.epochs / (time.perf_counter() - began)


def _bare(job: Job, core: int, barrier: Any, out: Queue[float]) -> None:
    """The steps and the evaluation batches of one run on one fixed tensor, pinned to a core."""
    os.sched_setaffinity(0, {core})
    import torch
    from torch.nn import functional as F

    from scaling_search.training.proxy_run import EVALUATION_BATCH, make_network, make_optimizer

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    arch, proxy = job.arch, job.proxy
    net = make_network(arch, 0, proxy, torch.device("cpu"))
    optimizer = make_optimizer(net, proxy)

    def images(n: int) -> torch.Tensor:
        return torch.randn(n, arch.resolution, arch.resolution, 1).permute(0, 3, 1, 2)

    x, y, unseen = images(proxy.batch_size), torch.randint(0, 10, (proxy.batch_size,)), images(EVALUATION_BATCH)

    def step() -> None:
        F.cross_entropy(net(x), y, label_smoothing=proxy.label_smoothing).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    barrier.wait()
    began = time.perf_counter()
    for _ in range(proxy.epochs):
        for _ in range(proxy.train_size // proxy.batch_size):
            step()
        net.eval()
        with torch.inference_mode():
            for _ in range(-(-proxy.validation_size // EVALUATION_BATCH)):
                net(unseen)
        net.train()
    out.put(time.perf_counter() - began)


def bare(job: Job) -> float:
    """As many pinned one-thread processes as cores, with the allocator's settings of our workers; images a second."""
    context = multiprocessing.get_context("spawn")
    n, out = cores(), context.Queue()
    barrier = context.Barrier(n)
    places = sorted(os.sched_getaffinity(0))
    processes = [context.Process(target=_bare, args=(job, core, barrier, out)) for core in places]
    with environment(CPU_ENVIRONMENT):
        for process in processes:
            process.start()
    seconds: float = max(out.get() for _ in processes)
    for process in processes:
        process.join()
    return n * job.proxy.train_size * job.proxy.epochs / seconds


def plain(job: Job, *options: str, module: str = "plain_loop") -> float:
    """The loop in plain_loop.py or timm_loop.py, in a process of its own as its user would start it; images a second of its one run."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", dump(job), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def run(quick: bool, rounds: int) -> Section:
    """{setting: {images/s of each side, and ratios}}."""
    engine, found = LocalEngine(), {}
    for setting in QUICK if quick else SETTINGS:
        arch = setting.architecture()
        proxy = ProxySpec(train_size=setting.images, validation_size=VALIDATION, epochs=2)
        job = Job(arch, proxy)
        sides = {
            "ours": partial(ours, engine, arch, proxy),
            "plain": partial(plain, job),
            "plain, channels_last": partial(plain, job, "--channels-last"),
            "timm": partial(plain, job, module="timm_loop"),
            "bare limit": partial(bare, job),
        }
        ours(engine, arch, proxy.model_copy(update={"train_size": 64, "validation_size": 64, "epochs": 1}))  # warm
        speed = interleaved(setting.name, sides, rounds)
        ratios = {f"ours / {name}": speed["ours"] / speed[name] for name in list(sides)[1:]}
        found[setting.name] = {"images_per_second": speed, "ratios": ratios}
        say(f"{setting.name}: " + ", ".join(f"{k} {v:.2f}" for k, v in ratios.items()))
    engine.close()
    return found
