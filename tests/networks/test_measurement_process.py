"""A subprocess that answers JSON with JSON: started late, restarted after its end, and its death is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaling_search.networks.measurement_process import JsonProcess

ECHO = """
import json, os, sys
for line in sys.stdin:
    request = json.loads(line)
    if request == {"exit": True}:
        sys.exit(3)
    print(json.dumps({"echo": request, "pid": os.getpid(), "color": os.environ.get("COLOR")}), flush=True)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "echo_process.py").write_text(ECHO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "echo_process"


def test_one_process_answers_all_requests_until_it_is_closed(module: str) -> None:
    process = JsonProcess(module, COLOR="blue")
    assert process.process is None
    first, second = process.request({"n": 1}), process.request({"n": 2})
    assert (first["echo"], second["echo"], first["color"]) == ({"n": 1}, {"n": 2}, "blue")
    assert first["pid"] == second["pid"]
    process.close()
    assert process.process is None
    again = process.request({"n": 3})
    assert again["pid"] != first["pid"]
    process.close()


def test_the_death_of_the_process_is_an_error(module: str) -> None:
    process = JsonProcess(module)
    assert process.request({"exit": True}) == {"error": "it ended the process that measures it"}
    assert "error" in process.request({"n": 1})  # its pipe is broken
    process.close()
    assert process.request({"n": 1})["echo"] == {"n": 1}
    process.close()
