"""The ``run`` section of a study file: where its runs happen. Nothing here changes a result."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from scaling_search.spec.section import Section


def is_url(location: str) -> bool:
    """Whether checkpoints there are written through fsspec; anything else is a path."""
    return "://" in location


def unusable(location: str) -> str | None:
    """The reason why checkpoints cannot be kept at a URL of that protocol; None if they may be."""
    if not is_url(location):
        return None
    from fsspec import available_protocols

    protocol = location.split("://", maxsplit=1)[0]
    if protocol == "memory":
        return "memory:// is each process's own; give a URL that all processes share"
    if protocol not in available_protocols():
        return f"there are no {protocol}:// URLs; fsspec knows s3, gs, abfs, sftp, smb, webhdfs and others"
    return None


class RunSpec(Section):
    """Where runs happen. It may change between two starts of a study without changing any result."""

    engine: Literal["local", "ray"] = Field(
        "local", description="Where runs happen: local processes or a Ray cluster. Default: local."
    )
    address: str | None = Field(
        None,
        min_length=1,
        description="Address of the Ray cluster, host:port. Default: $RAY_ADDRESS, or a new local Ray.",
    )
    cpus: float = Field(1.0, ge=0.01, le=1024, description="CPUs that a run reserves on a Ray node. Default: 1.")
    gpus: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Fraction of a GPU that a run reserves on a Ray node; 0: it trains on CPUs. Default: 0.",
    )
    resources: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {}, description="Custom resources of the cluster that a run reserves: name → amount. Default: none."
    )
    slots: int | None = Field(
        None, ge=1, le=4096, description="Runs at a time. Default: the number of GPUs, or of CPU cores."
    )
    max_failures: int = Field(
        5, ge=0, description="Failed trials, since it was last started, after which the study fails. Default: 5."
    )
    max_failures_in_row: int = Field(
        3, ge=1, description="Failed trials without a success between them after which the study fails. Default: 3."
    )
    checkpoints: str | None = Field(
        None,
        min_length=1,
        description="Where checkpoints are kept: a path, or a URL that fsspec can write to (s3://bucket/folder, "
        "sftp://…), that every node can reach. Default: $SCALING_SEARCH_CHECKPOINTS, or beside the database file.",
    )
    keep_checkpoints: bool = Field(
        False, description="Keep the checkpoints of runs that have ended; false: they are deleted. Default: false."
    )
    max_hours: float | None = Field(
        None, gt=0, description="Hours after which the study pauses; starting it again continues it. Default: none."
    )

    @field_validator("checkpoints")
    @classmethod
    def _is_usable(cls, location: str | None) -> str | None:
        if location is not None and (reason := unusable(location)):
            raise ValueError(reason)
        return location
