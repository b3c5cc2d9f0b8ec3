"""StagesSpec: how a search in stages spends its trials, a part of a study file's ``search`` section."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scaling_search.spec.section import Section


class StagesSpec(Section):
    """A search in stages: explore and refine share ``search.trials``, the confirm stage comes on top."""

    explore: float = Field(
        0.5, gt=0, le=1, description="Part of the trials that fills the triangle first, 8 to 16 of them. Default: 0.5."
    )
    refine: Literal["doubt", "gp", "tpe"] = Field(
        "doubt",
        description="Who proposes the rest, replicates included. doubt: the runs that most reduce doubt about the optimum; "
        "gp, tpe: Optuna's. Default: doubt.",
    )
    confirm: int = Field(
        8, ge=0, le=64, description="Longer runs at the end, of leaders and across the shares; 0: none. Default: 8."
    )
    confirm_epochs: int = Field(
        5, ge=2, le=100, description="Epochs of a confirm run, as a multiple of proxy.epochs. Default: 5."
    )
    training_tmacs: float | None = Field(
        None,
        gt=0,
        description="Training budget of candidates, 10¹² multiply-accumulates, confirm included. Default: none.",
    )
    hours: float | None = Field(
        None, gt=0, description="Refining ends once runs took this many hours, summed over runs. Default: none."
    )
    stop_early: bool = Field(
        True, description="Refining ends once the expected regret is under search.indifference. Default: true."
    )
