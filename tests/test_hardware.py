"""Hardware as it is detected without torch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scaling_search import hardware


def test_cores_are_those_that_this_process_may_use() -> None:
    assert 1 <= hardware.cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(("visible", "names"), [("", []), ("-1", []), ("3", ["cuda:0"]), ("0,2", ["cuda:0", "cuda:1"])])
def test_visible_gpus_are_numbered_from_0(monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str]) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert hardware.gpus() == names


def test_the_device_has_a_name_and_torch_is_not_loaded() -> None:
    code = (
        "import sys; from scaling_search import hardware; "
        "print(hardware.device_name(), 'torch' in sys.modules, sep='|')"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    name, torch_loaded = out.strip().split("|")
    assert name
    assert torch_loaded == "False"


def test_a_cpu_without_a_model_name_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(hardware, "_read_field", lambda path, name: "")
    assert hardware.device_name()
