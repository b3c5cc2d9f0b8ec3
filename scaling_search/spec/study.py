"""StudySpec: the whole study file.

Unknown fields are errors. Every field except ``name`` has a default, and its description states default and unit. The hash
covers everything that decides results; ``run`` and ``description`` may change between starts.
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
"""Default trials of a search in stages: a confirm stage needs this many short runs before it (see README)."""


def usual_replicates(trials: int) -> int:
    """Default replicates of a search: 6, or a quarter of the trials if that is fewer."""
    return min(6, max(0, trials) // 4)


class SearchSpec(Section):
    """Which networks are trained, and how often."""

    sampler: Literal["lattice", "random", "tpe", "gp", "extremes"] = Field(
        "lattice",
        description="What proposes candidates: lattice, random, tpe or gp; extremes: the three extreme candidates in "
        "turn, as `calibrate` does. A nominal grid is run in its own order. Default: lattice.",
    )
    pruner: Literal["none", "median"] = Field(
        "none",
        description="median stops runs that stay below the median of finished rounds; they are left out of the fit. Early "
        "epochs favour width, so this biases the search. Default: none.",
    )
    trials: int = Field(
        24, ge=1, le=100_000, description=f"Proxy runs of candidates. Default: 24; with stages {STAGED_TRIALS}."
    )
    replicates: int = Field(
        6,
        ge=0,
        description="How many of the trials repeat an earlier candidate with another seed. "
        "Default: 6, or a quarter of the trials if that is fewer.",
    )
    base_runs: int = Field(
        2,
        ge=0,
        le=100,
        description="Additional runs of the unscaled base, for comparison; they are left out of the fit. Default: 2.",
    )
    round: int = Field(
        8,
        ge=1,
        le=4096,
        description="Trials proposed together; round k uses the results of rounds ≤ k − 2. Default: 8.",
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
        description="Search in stages (`stages: {}` for the defaults); sampler, pruner and replicates are then ignored. "
        "Default: none, a single stage that uses the sampler.",
    )

    @model_validator(mode="before")
    @classmethod
    def _dependent_defaults(cls, values: Any) -> Any:
        """Fill in defaults that depend on other fields. An invalid number is left to the field's own check."""
        if not isinstance(values, dict):
            return values
        if values.get("stages") is not None:
            values = {"trials": STAGED_TRIALS, **values}
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            return {"replicates": usual_replicates(int(values["trials"])), **values}
        return values

    @model_validator(mode="after")
    def _has_distinct_trials(self) -> SearchSpec:
        if self.stages is None and self.replicates >= self.trials:
            raise ValueError(f"replicates ({self.replicates}) must be fewer than trials ({self.trials})")
        return self


class ValidationSpec(Section):
    """The networks that a validation compares; written by `validate`."""

    shares: tuple[float, float, float] = Field(description="The chosen shares of depth, width and resolution.")
    seeds: int = Field(5, ge=1, le=1000, description="Runs of each network. Default: 5.")
    phi: float = Field(1.0, gt=0, le=4, description="Networks cost budget.target^phi times the base. Default: 1.")


class FamilySpec(Section):
    """The networks B1 … Bn that are built with the chosen coefficients."""

    base: str = Field("efficientnet_b0", description="Network the family is built from. Default: efficientnet_b0.")
    resolution: int = Field(224, ge=4, le=4096, description="Side of its input images at φ = 0, px. Default: 224.")
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
    def _phi_is_not_zero(self) -> FamilySpec:
        if 0 in self.phi:
            raise ValueError("phi: 0 is the base itself")
        return self


class StudySpec(Section):
    """A whole study; see :func:`scaling_search.spec.study_file.load`."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of the study: letters, digits, . _ -"
    )
    description: str = Field("", max_length=10_000, description="What the study is for, as prose. Default: empty.")
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
    def _networks_are_known(self) -> StudySpec:
        if self.base.table is not None and self.base.factory is not None:
            raise ValueError("base: give a table or a factory, not both")
        own = [OWN_BASE] if self.own is not None else []
        for field, name, extra in (("base.network", self.base.network, []), ("family.base", self.family.base, own)):
            if name not in FACTS and name not in extra:
                raise ValueError(f"{field}: unknown network {name!r}; choose one of: {', '.join([*FACTS, *extra])}")
        return self

    @model_validator(mode="after")
    def _strides_fit(self) -> StudySpec:
        if self.base.strides is None:
            return self
        if self.base.factory is not None:
            raise ValueError("base.strides: a factory's network has its own strides; leave them out")
        levels = len((self.own or base_network(self.base.network)).strides)
        if len(self.base.strides) != levels:
            name = OWN_BASE if self.own else self.base.network
            raise ValueError(
                f"base.strides: {len(self.base.strides)} given; {name} has a stem and {levels - 1} stages, so {levels}"
            )
        return self

    @model_validator(mode="after")
    def _stages_need_real_cost(self) -> StudySpec:
        if self.search.stages is not None and self.budget.mode == "nominal":
            raise ValueError(
                "search.stages: a nominal grid is run in its own order; leave stages out, or use budget.mode: real"
            )
        return self

    @model_validator(mode="after")
    def _family_scales_like_budget(self) -> StudySpec:
        if self.budget.target < 1 and max(self.family.phi) > 0:
            raise ValueError(
                f"family.phi: {max(self.family.phi):g}, but a study with target {self.budget.target:g} scales down; "
                "give negative φ, such as [-0.5, -1, -2]"
            )
        return self

    def base_architecture(self) -> Architecture:
        """The base network of the proxy runs, with the study's width, resolution and strides."""
        base = self.own or base_network(self.base.network)
        base = replace(base, classes=self.proxy.class_count, image_channels=self.proxy.channel_count)
        base = scale(base, 1.0, self.base.width, self.base.resolution, self.budget.rounding, self.budget.divisor)
        return base if self.base.strides is None else base.with_strides(self.base.strides)

    @property
    def own(self) -> Architecture | None:
        """The study's own base network, from its table or its factory; None if it is a named network."""
        return self.base.own()

    def export_architecture(self) -> Architecture:
        """The base network of the family at its resolution; the study's own base keeps the study's classes and channels."""
        own = self.own if self.family.base == OWN_BASE else None
        if own is not None:
            own = replace(own, classes=self.proxy.class_count, image_channels=self.proxy.channel_count)
        return (own or base_network(self.family.base)).resized(self.family.resolution)

    def seed_of(self, n: int) -> int:
        """Seed of the study's n-th trial, or of the proposals of its n-th round."""
        return self.search.seed * 100_003 + n

    def refuse_user_code(self) -> None:
        """Refuse fields that would let a remote author run code or write files here. For specs that arrive over a network.

        Raises:
            SpecError: the spec names a factory, a Ray cluster or a location for checkpoints.
        """
        if self.run.address is not None:
            raise SpecError(
                f"run.address names a cluster ({self.run.address}), which studies that arrive this way may not choose",
                "leave it out: RAY_ADDRESS in the worker's environment decides",
            )
        if self.run.checkpoints is not None:
            raise SpecError(
                f"run.checkpoints names a place to write to ({self.run.checkpoints}), which studies that arrive this way may not choose",
                "leave it out: SCALING_SEARCH_CHECKPOINTS in the worker's environment decides",
            )
        if self.base.factory is not None:
            raise SpecError(
                f"base.factory names code ({self.base.factory}), which is not run for studies that arrive this way",
                "use base.table, or run the study from the command line on a machine that has the code",
            )

    def hash(self) -> str:
        """SHA-256 over everything that decides results: all fields except ``description`` and ``run``.

        Fields that older stored studies lack are included only if they differ from their defaults, so old hashes stay valid.
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
        """The spec as YAML with all defaults filled in."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
