"""Which engine a study's runs happen on."""

from __future__ import annotations

from scaling_search.engine.local import LocalEngine
from scaling_search.engine.protocol import Engine
from scaling_search.errors import EngineError
from scaling_search.spec.run import RunSpec


def make_engine(run: RunSpec, slots: int | None = None) -> Engine:
    """The engine that a spec asks for, with other ``slots`` than the spec's if they are given.

    Raises:
        EngineError: it cannot be had here, or can never hold a run.
    """
    if run.engine == "local":
        return LocalEngine(slots or run.slots)
    try:
        from scaling_search.engine.ray import RayEngine, Request
    except ModuleNotFoundError as e:
        raise EngineError(f"run.engine: ray, but {e.name} is missing", "pip install 'scaling-search[ray]'") from None
    return RayEngine(slots or run.slots, run.address, Request(run.cpus, run.gpus, run.resources))
