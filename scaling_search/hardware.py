"""Hardware available to trials, detected without torch: CPU cores, GPUs and the device's name."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def cores() -> int:
    """The CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> list[str]:
    """Names of the NVIDIA GPUs this process may use, found without loading torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [f"cuda:{i}" for i, name in enumerate(visible.split(",")) if name.strip() not in ("", "-1")]
    found = [p for p in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", p.name)]
    return [f"cuda:{i}" for i in range(len(found))]


def device_name() -> str:
    """What runs are computed on: the first GPU's model, or the CPU's; found without loading torch."""
    if gpus():
        sheets = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        return _line(sheets[0] if sheets else Path(), "Model") or "an NVIDIA GPU"
    return _line(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _line(sheet: Path, name: str) -> str:
    """The value of a line ``name: value``; empty where there is none."""
    try:
        found = re.search(rf"^{name}\s*:\s*(.+)$", sheet.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return found[1].strip() if found else ""
