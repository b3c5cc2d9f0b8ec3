"""RunSpec: where a study's runs happen. Nothing here changes a result."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scaling_search.recipe import Section


class RunSpec(Section):
    """Where runs happen. May differ from one start to the next without changing any result."""

    engine: Literal["local", "ray"] = Field(
        "local", description="Where runs happen: local processes, or a Ray cluster. Default: local."
    )
    address: str | None = Field(
        None,
        min_length=1,
        description="The Ray cluster's address, host:port. Default: $RAY_ADDRESS, or a Ray of this machine's own.",
    )
    cpus: float = Field(1.0, ge=0.01, le=1024, description="CPUs that a run reserves on a Ray node. Default: 1.")
    gpus: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Part of a GPU that a run reserves on a Ray node; 0: it trains on CPUs. Default: 0.",
    )
    resources: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {}, description="Custom resources of the cluster that a run reserves: name → amount. Default: none."
    )
    slots: int | None = Field(None, ge=1, le=4096, description="Runs at a time. Default: the GPUs, or the CPU cores.")
    max_failures: int = Field(5, ge=0, description="Failed trials after which the study fails. Default: 5.")
    max_failures_in_row: int = Field(
        3, ge=1, description="Failed trials without a success between them after which the study fails. Default: 3."
    )
    max_hours: float | None = Field(
        None, gt=0, description="Hours after which a start stops; running it again goes on. Default: none."
    )
