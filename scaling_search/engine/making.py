"""Makes the engine that a study file names."""

from __future__ import annotations

from scaling_search.engine.local import LocalEngine
from scaling_search.engine.protocol import Engine
from scaling_search.errors import EngineError
from scaling_search.spec.run import RunSpec


def make_engine(run: RunSpec, slots: int | None = None) -> Engine:
    """The engine of a spec's ``run`` section; ``slots``, if given, replace the spec's.

    Raises:
        EngineError: the engine is not installed here, the cluster cannot be joined, or no node can hold a trial.
    """
    if run.engine == "local":
        return LocalEngine(slots or run.slots)
    try:
        from scaling_search.engine.ray import RayEngine, RayRequest
    except ModuleNotFoundError as e:
        raise EngineError(
            f"run.engine: ray needs {e.name}, which is not installed", "pip install 'scaling-search[ray]'"
        ) from None
    return RayEngine(slots or run.slots, run.address, RayRequest(run.cpus, run.gpus, run.resources))
