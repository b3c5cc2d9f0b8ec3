"""Where trials run: protocol, local processes, Ray."""

from scaling_search.engine.local import LocalEngine
from scaling_search.engine.making import make_engine
from scaling_search.engine.protocol import Engine, Event, Failed, Finished, Progress, Task

__all__ = [
    "Engine",
    "Event",
    "Failed",
    "Finished",
    "LocalEngine",
    "Progress",
    "Task",
    "make_engine",
]
