"""The ``base`` section of a study file: the network that the study scales."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from scaling_search.networks.architecture import Architecture, Factory, Fixed
from scaling_search.networks.blocks import BLOCKS, Stage
from scaling_search.networks.user_network_cost import FACTORY_PATTERN
from scaling_search.spec.section import Section

OWN_BASE = "own"
"""Name of a study's own base network, also in ``family.base``."""


class StageSpec(Section):
    """One row of a stage table."""

    block: str = Field(description=f"Block kind: {', '.join(BLOCKS)}.")
    expand: float = Field(
        1,
        gt=0,
        le=16,
        description="Inner channels over input channels (bottlenecks: over output channels). Default: 1.",
    )
    kernel: Literal[1, 3, 5, 7] = Field(3, description="Side of the spatial kernel, px. Default: 3.")
    stride: int = Field(1, ge=1, le=4, description="Stride of the stage's first block. Default: 1.")
    channels: int = Field(ge=1, le=8192, description="Output channels.")
    blocks: int = Field(ge=1, le=256, description="Number of blocks.")

    @field_validator("block")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in BLOCKS:
            raise ValueError(f"unknown block {name!r}; choose one of: {', '.join(BLOCKS)}")
        return name


class TableSpec(Section):
    """The study's own base network as a stage table."""

    style: Literal["efficientnet", "efficientnet_v2", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3", "resnet"] = Field(
        "efficientnet",
        description="Architecture whose stem, head and activations surround the stages. Default: efficientnet.",
    )
    stem: int = Field(ge=1, le=4096, description="Channels of the stem.")
    stem_stride: int = Field(2, ge=1, le=4, description="Stride of the stem. Default: 2.")
    stages: list[StageSpec] = Field(min_length=1, max_length=32, description="The stages, from input to output.")
    head: int = Field(0, ge=0, le=16384, description="Channels of the head; 0: none. Default: 0.")
    fixed: list[Fixed] = Field([], description="Parts whose channels are not scaled by width. Default: none.")

    @model_validator(mode="after")
    def _v3_needs_head(self) -> TableSpec:
        if self.style == "mobilenet_v3" and self.head == 0:
            raise ValueError(
                "head: mobilenet_v3 has a hidden layer before its classifier; give the channels of that layer"
            )
        return self

    def architecture(self) -> Architecture:
        """The network of the table at 224 px."""
        stages = tuple(Stage(s.block, _as_int(s.expand), s.kernel, s.stride, s.channels, s.blocks) for s in self.stages)
        return Architecture(
            OWN_BASE, self.stem, self.stem_stride, stages, self.head, 224, style=self.style, fixed=tuple(self.fixed)
        )


def _as_int(value: float) -> float:
    """A whole number as int, so that equal tables give equal keys."""
    return int(value) if value == int(value) else value


class BaseSpec(Section):
    """The base network of the proxy runs (φ = 0): a named network, a stage table or the user's own factory."""

    network: str = Field("efficientnet_b0", description="Name of a base network. Default: efficientnet_b0.")
    table: TableSpec | None = Field(None, description="A stage table instead of a named network. Default: none.")
    factory: str | None = Field(
        None,
        pattern=FACTORY_PATTERN,
        description="package.module:function, called with (depth, width, classes), instead of a named network. The code "
        "runs on every machine that runs the study. Default: none.",
    )
    width: float = Field(
        1.0,
        gt=0,
        le=4,
        description="Width multiplier of the base network, to make the proxy runs cheaper. Default: 1.0.",
    )
    resolution: int = Field(224, ge=4, le=1024, description="Side of the input images at φ = 0, px. Default: 224.")
    strides: list[Annotated[int, Field(ge=1, le=4)]] | None = Field(
        None,
        description="Strides of the stem and of each stage; small images need a stem of stride 1. "
        "Default: those of the network.",
    )

    def own(self) -> Architecture | None:
        """The base network of the table or the factory; None if it is a named network."""
        if self.table is not None:
            return self.table.architecture()
        if self.factory is not None:
            return Architecture(OWN_BASE, 0, 1, (), 0, 224, style="factory", factory=Factory(self.factory))
        return None
