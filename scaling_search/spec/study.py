"""StudySpec: everything a study needs, in one YAML file.

Unknown keys are refused, every field has a default and says its unit, and an error names the field, the value and the
remedy. The spec's hash covers what decides the results; how and where runs happen (``run``) may change between starts.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, model_validator

from scaling_search.errors import SpecError
from scaling_search.networks.architecture import Architecture, Rounding, scale
from scaling_search.networks.bases import FACTS, base_network
from scaling_search.networks.coefficients import PUBLISHED_PHI
from scaling_search.spec.base import OWN_BASE, BaseSpec
from scaling_search.spec.budget import DEFAULTS_ADDED_LATER, BudgetSpec
from scaling_search.spec.proxy import ProxySpec
from scaling_search.spec.run import RunSpec
from scaling_search.spec.section import Section
from scaling_search.spec.stages import StagesSpec

STAGED_TRIALS = 40
"""Short runs that the longer ones of a confirm stage need before them (README, "Are short runs that mislead put right?")."""


def usual_replicates(trials: int) -> int:
    """Replicates of a search that does not say how many: 6, or a quarter of the trials if those are fewer."""
    return min(6, max(0, trials) // 4)


class SearchSpec(Section):
    """Which networks are tried, and how often."""

    sampler: Literal["lattice", "random", "tpe", "gp", "extremes"] = Field(
        "lattice",
        description="Who proposes candidates: lattice, random, tpe or gp; extremes: the three extreme candidates in "
        "turn, as `calibrate` does (a nominal grid is run in its own order). "
        "Default: lattice.",
    )
    pruner: Literal["none", "median"] = Field(
        "none",
        description="median ends runs that stay under the median of finished rounds; they never enter the fit. Early epochs "
        "favour width, so this biases the search. Default: none.",
    )
    trials: int = Field(
        24, ge=1, le=100_000, description=f"Proxy runs of candidates. Default: 24; with stages {STAGED_TRIALS}."
    )
    replicates: int = Field(
        6,
        ge=0,
        description="How many of the trials repeat an earlier candidate under another seed. "
        "Default: 6, or a quarter of the trials if those are fewer.",
    )
    base_runs: int = Field(
        2,
        ge=0,
        le=100,
        description="Further runs, of the unscaled base, to compare with; they never enter the fit. Default: 2.",
    )
    round: int = Field(
        8, ge=1, le=4096, description="Trials proposed together; round k sees results of rounds ≤ k − 2. Default: 8."
    )
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of the proposals and of every run. Default: 0.")
    patience: int | None = Field(
        None, ge=1, description="Stop when the best mean accuracy has not risen for this many rounds. Default: never."
    )
    indifference: float = Field(
        0.2, gt=0, le=20, description="Accuracy difference that does not matter, percentage points. Default: 0.2."
    )

    stages: StagesSpec | None = Field(
        None,
        description="Search in stages (`stages: {}` takes its defaults); then sampler, pruner and replicates do not count. "
        "Default: none, one stage by the sampler.",
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_that_depend(cls, values: Any) -> Any:
        """Defaults that depend on other fields; what is no number is left for the field's own check to refuse."""
        if not isinstance(values, dict):
            return values
        if values.get("stages") is not None:
            values = {"trials": STAGED_TRIALS, **values}
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            return {"replicates": usual_replicates(int(values["trials"])), **values}
        return values

    @model_validator(mode="after")
    def _some_distinct(self) -> SearchSpec:
        if self.stages is None and self.replicates >= self.trials:
            raise ValueError(f"replicates ({self.replicates}) must be fewer than trials ({self.trials})")
        return self


class ValidationSpec(Section):
    """What a validation compares; `validate` fills it in."""

    shares: tuple[float, float, float] = Field(description="The chosen shares of depth, width and resolution.")
    seeds: int = Field(5, ge=1, le=1000, description="Runs of each network. Default: 5.")
    phi: float = Field(1.0, gt=0, le=4, description="Networks cost budget.target^phi times the base. Default: 1.")


class FamilySpec(Section):
    """The networks B1 … Bn that the choice is turned into."""

    base: str = Field("efficientnet_b0", description="Network the family is built from. Default: efficientnet_b0.")
    resolution: int = Field(224, ge=4, le=4096, description="Its px at φ = 0. Default: 224.")
    phi: list[Annotated[float, Field(ge=-6, le=12)]] = Field(
        list(PUBLISHED_PHI),
        min_length=1,
        max_length=64,
        description="φ of B1, B2, …; negative ones are smaller networks. Default: 0.5, 1, 2, 3.5, 5, 6, 7.",
    )
    rounding: Rounding = Field(
        "nearest", description="nearest (solved to 2^φ real MACs) or official (the released code's). Default: nearest."
    )
    divisor: int = Field(8, ge=1, le=64, description="Channels are multiples of this. Default: 8.")

    @model_validator(mode="after")
    def _grow_or_shrink(self) -> FamilySpec:
        if 0 in self.phi:
            raise ValueError("phi: 0 is the base itself")
        return self


class StudySpec(Section):
    """A whole study. See :func:`load`."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of the study: letters, digits, . _ -"
    )
    description: str = Field("", max_length=10_000, description="What the study is for, in prose. Default: empty.")
    base: BaseSpec = BaseSpec()
    budget: BudgetSpec = BudgetSpec()
    search: SearchSpec = SearchSpec()
    proxy: ProxySpec = ProxySpec()
    family: FamilySpec = FamilySpec()
    run: RunSpec = RunSpec()
    validation: ValidationSpec | None = Field(
        None, description="Makes the study a validation of a choice; written by `validate`. Default: none."
    )

    @model_validator(mode="after")
    def _networks_known(self) -> StudySpec:
        if self.base.table is not None and self.base.factory is not None:
            raise ValueError("base: give a table or a factory, not both")
        own = [OWN_BASE] if self.own is not None else []
        for field, name, more in (("base.network", self.base.network, []), ("family.base", self.family.base, own)):
            if name not in FACTS and name not in more:
                raise ValueError(f"{field}: unknown network {name!r}; choose one of: {', '.join([*FACTS, *more])}")
        if self.base.factory is not None and self.base.strides is not None:
            raise ValueError("base.strides: a factory's network has its own")
        levels = len((self.own or base_network(self.base.network)).strides)
        if self.base.strides is not None and len(self.base.strides) != levels:
            raise ValueError(
                f"base.strides: {len(self.base.strides)} given; {OWN_BASE if self.own else self.base.network} has a stem and {levels - 1} stages, so {levels}"
            )
        return self

    @model_validator(mode="after")
    def _stages_hold_real_cost(self) -> StudySpec:
        if self.search.stages is not None and self.budget.mode == "nominal":
            raise ValueError(
                "search.stages: a nominal grid is run in its own order; leave stages out, or use budget.mode: real"
            )
        return self

    @model_validator(mode="after")
    def _family_goes_the_same_way(self) -> StudySpec:
        if self.budget.target < 1 and max(self.family.phi) > 0:
            raise ValueError(
                f"family.phi: {max(self.family.phi):g}, but a study at target {self.budget.target:g} finds how to scale down; "
                "give negative φ, such as [-0.5, -1, -2]"
            )
        return self

    def base_architecture(self) -> Architecture:
        """The unscaled base of the proxy runs: narrowed, at its px, with its strides."""
        base = self.own or base_network(self.base.network)
        base = replace(base, classes=self.proxy.class_count, image_channels=self.proxy.channel_count)
        base = scale(base, 1.0, self.base.width, self.base.resolution, self.budget.rounding, self.budget.divisor)
        return base if self.base.strides is None else base.with_strides(self.base.strides)

    @property
    def own(self) -> Architecture | None:
        """The study's own base, from its table or its factory; None where it names one."""
        return self.base.own()

    def export_architecture(self) -> Architecture:
        """The network that the family is made of, at its px; the study's own is one for the study's images and classes."""
        own = self.own if self.family.base == OWN_BASE else None
        if own is not None:
            own = replace(own, classes=self.proxy.class_count, image_channels=self.proxy.channel_count)
        return (own or base_network(self.family.base)).resized(self.family.resolution)

    def seed_of(self, n: int) -> int:
        """The seed of the study's n-th trial, or of its n-th round's proposals."""
        return self.search.seed * 100_003 + n

    def refuse_user_code(self) -> None:
        """Call this where a spec comes from somebody who may not run code here, such as over the network.

        Raises:
            SpecError: the spec names code of its author's, a Ray cluster of his choice, which could run any here, or a
                place for checkpoints.
        """
        if self.run.address is not None:
            raise SpecError(
                f"run.address names a cluster ({self.run.address}), which studies that arrive this way may not choose",
                "leave it out: RAY_ADDRESS in the worker's environment decides",
            )
        if self.run.checkpoints is not None:
            raise SpecError(
                f"run.checkpoints names a place to write to ({self.run.checkpoints}), which studies that arrive this way may not",
                "leave it out: SCALING_SEARCH_CHECKPOINTS in the worker's environment decides",
            )
        if self.base.factory is not None:
            raise SpecError(
                f"base.factory names code ({self.base.factory}), which is not run for studies that arrive this way",
                "use base.table, or run the study from the command line where the code is",
            )

    def hash(self) -> str:
        """SHA-256 over all that decides the results: everything but ``description`` and ``run``.

        Fields that came after the first stored studies count only where they are given.
        """
        values = self.model_dump(mode="json", exclude={"description", "run"})
        for section, names in {"base": ("table", "factory"), "search": ("stages",)}.items():
            values[section] = {k: v for k, v in values[section].items() if k not in names or v is not None}
        values["budget"] = {
            k: v for k, v in values["budget"].items() if k not in DEFAULTS_ADDED_LATER or v != DEFAULTS_ADDED_LATER[k]
        }
        if self.validation is None:
            del values["validation"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def to_yaml(self) -> str:
        """The filled-in spec; :func:`parse` reads it back."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
