"""Hardware available to trials, detected without torch: CPU cores, GPUs and the device's name."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def cores() -> int:
    """Number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> list[str]:
    """Torch names (``cuda:0``) of the NVIDIA GPUs that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [f"cuda:{i}" for i, name in enumerate(visible.split(",")) if name.strip() not in ("", "-1")]
    device_files = [p for p in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", p.name)]
    return [f"cuda:{i}" for i in range(len(device_files))]


def device_name() -> str:
    """Model name of the first GPU, or of the CPU where there is no GPU."""
    if gpus():
        info_paths = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        return _read_field(info_paths[0] if info_paths else Path(), "Model") or "an NVIDIA GPU"
    return _read_field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _read_field(path: Path, name: str) -> str:
    """The value of the first line ``name: value`` of a file, or an empty string."""
    try:
        match = re.search(rf"^{name}\s*:\s*(.+)$", path.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return match[1].strip() if match else ""
