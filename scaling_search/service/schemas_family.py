"""Request and response bodies of families."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scaling_search.networks.architecture import Rounding
from scaling_search.networks.coefficients import MAX_PHI, MIN_PHI, is_phi
from scaling_search.service.schemas import Strict


def _check_phi(phi: float) -> float:
    if not is_phi(phi):
        raise ValueError("0 is the base itself")
    return phi


Phi = Annotated[
    float, Field(ge=MIN_PHI, le=MAX_PHI, json_schema_extra={"not": {"const": 0}}), AfterValidator(_check_phi)
]


class FamilyIn(Strict):
    """A triple, and the family to build from it."""

    alpha: float = Field(ge=1, le=4, examples=[1.2])
    beta: float = Field(ge=1, le=4, examples=[1.1])
    gamma: float = Field(ge=1, le=4, examples=[1.15])
    phi: list[Phi] = Field([0.5, 1, 2, 3.5, 5, 6, 7], min_length=1, max_length=32)
    rounding: Rounding = "nearest"
    base: str = Field("efficientnet_b0", max_length=200)
    resolution: int | None = Field(None, ge=4, le=4096)
    divisor: int = Field(8, ge=1, le=64)


class FamilyOut(BaseModel):
    """The networks B0 … Bn with their real cost."""

    model_config = ConfigDict(extra="allow")
    base: str
    rounding: Rounding
    alpha: float
    beta: float
    gamma: float
    models: list[dict[str, Any]]
