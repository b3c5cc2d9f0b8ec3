"""The ``search.stages`` section of a study file: how a search in stages spends its trials."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from scaling_search.spec.section import Section


class StagesSpec(Section):
    """A search in stages: explore and refine share ``search.trials``; the runs of the confirm stage are additional."""

    explore: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Fraction of the trials that first cover the triangle, 8 to 16 of them. Default: 0.5.",
    )
    refine: Literal["doubt", "gp", "tpe"] = Field(
        "doubt",
        description="What proposes the other trials, replicates included. doubt (or information): the runs that most reduce "
        "the uncertainty of the optimum; gp, tpe: Optuna's samplers. Default: doubt.",
    )
    confirm: int = Field(
        8,
        ge=0,
        le=64,
        description="Longer runs at the end, of the best networks and of shares across the triangle; 0: none. Default: 8.",
    )
    confirm_epochs: int = Field(
        5, ge=2, le=100, description="Epochs of a confirm run as a multiple of proxy.epochs. Default: 5."
    )
    training_tmacs: float | None = Field(
        None,
        gt=0,
        description="Training budget of all candidates, confirm runs included, 10¹² multiply-accumulates. Default: none.",
    )
    hours: float | None = Field(
        None, gt=0, description="Refining ends once the runs together took this many hours. Default: none."
    )
    stop_early: bool = Field(
        True, description="Refining ends once the expected regret is below search.indifference. Default: true."
    )

    @field_validator("refine", mode="before")
    @classmethod
    def _stored_word(cls, value: Any) -> Any:
        """``information`` is another word for ``doubt``; studies are stored and hashed with ``doubt``."""
        return "doubt" if value == "information" else value
