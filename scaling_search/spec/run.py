"""RunSpec: where a study's runs happen. Nothing here changes a result."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from scaling_search.spec.section import Section


def is_url(place: str) -> bool:
    """Whether checkpoints there go through fsspec; other texts are paths."""
    return "://" in place


def unusable(place: str) -> str | None:
    """Why no checkpoints can be kept at a URL of that kind, whatever is installed; None of one that may do."""
    kind = place.split("://", maxsplit=1)[0]
    if not is_url(place):
        return None
    from fsspec import available_protocols

    if kind == "memory":
        return "memory:// is each process's own; give a place that all processes share"
    if kind not in available_protocols():
        return f"there are no {kind}:// URLs; fsspec knows s3, gs, abfs, sftp, smb, webhdfs and others"
    return None


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
    max_failures: int = Field(
        5, ge=0, description="Failed trials, since it was last started, after which the study fails. Default: 5."
    )
    max_failures_in_row: int = Field(
        3, ge=1, description="Failed trials without a success between them after which the study fails. Default: 3."
    )
    checkpoints: str | None = Field(
        None,
        min_length=1,
        description="Where checkpoints of runs lie: a path, or a URL that fsspec can write to (s3://bucket/folder, "
        "sftp://…), which every node reaches. Default: $SCALING_SEARCH_CHECKPOINTS, or beside the database file.",
    )
    keep_checkpoints: bool = Field(
        False, description="Keep the checkpoints of runs that have ended; false: they are deleted. Default: false."
    )
    max_hours: float | None = Field(
        None, gt=0, description="Hours after which a start stops; running it again goes on. Default: none."
    )

    @field_validator("checkpoints")
    @classmethod
    def _usable(cls, place: str | None) -> str | None:
        if place is not None and (reason := unusable(place)):
            raise ValueError(reason)
        return place
