"""The ``budget`` section of a study file: the cost of one step of φ."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from scaling_search.networks.architecture import Rounding
from scaling_search.spec.section import Section

DEFAULTS_ADDED_LATER = {"cost": "macs", "latency_batch": 1}
"""Fields that older stored studies lack, with their defaults; the hash leaves them out at these values."""


class BudgetSpec(Section):
    """The cost of one step of φ."""

    mode: Literal["real", "nominal"] = Field(
        "real",
        description="real: networks whose counted cost is the target. nominal: the literature's grid of triples whose "
        "α·β²·γ² is near the target, whatever their real cost; for comparison only. Default: real.",
    )
    cost: Literal["macs", "activations", "latency"] = Field(
        "macs",
        description="The cost that is equal for all candidates: macs; activations (outputs of convolutions and linear layers); "
        "or latency, measured on this device, equal within 10 %. Shares are fractions of that cost's growth. Default: macs.",
    )
    latency_batch: int = Field(
        1, ge=1, le=1024, description="Batch size of the forward pass whose latency is measured. Default: 1."
    )
    target: float = Field(
        2.0,
        ge=1 / 64,
        le=256,
        description="Real cost of a candidate over that of the base; below 1 (½, ¼) networks are scaled down. Default: 2.0.",
    )
    tolerance: float = Field(0.02, gt=0, le=0.25, description="Allowed relative error of that ratio. Default: 0.02.")
    rounding: Rounding = Field(
        "nearest", description="Rounding policy of candidates: nearest or official. Default: nearest."
    )
    divisor: int = Field(8, ge=1, le=64, description="Candidates' channels are multiples of this. Default: 8.")
    step: float = Field(0.05, ge=0.01, le=0.5, description="Step of α, β and γ in the nominal grid. Default: 0.05.")
    slack: float = Field(0.1, gt=0, le=1, description="Largest |α·β²·γ² − target| in the nominal grid. Default: 0.1.")

    @model_validator(mode="after")
    def _differs_from_base(self) -> BudgetSpec:
        if 0.9 < self.target < 1.1:
            raise ValueError(f"target ({self.target:g}) is about the cost of the base; give 2, or 0.5 to scale down")
        if self.target < 1 and self.mode == "nominal":
            raise ValueError(f"target ({self.target:g}): the nominal grid only scales up; use mode: real")
        if self.cost != "macs" and self.mode == "nominal":
            raise ValueError(f"cost ({self.cost}): the nominal grid fixes α·β²·γ², an estimate of MACs; use mode: real")
        return self
