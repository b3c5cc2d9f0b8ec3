"""StudySpec: everything a study needs, in one YAML file.

Unknown keys are refused, every field has a default and says its unit, and an error names the field, the value and the
remedy. The spec's hash covers what decides the results; how and where runs happen (``run``) may change between starts.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from scaling_search.architecture import Architecture, Rounding, scale
from scaling_search.bases import BASES, base_network
from scaling_search.errors import SpecError
from scaling_search.recipe import ProxySpec, Section
from scaling_search.spec_text import explain, read_yaml

MAX_BYTES = 256 * 1024
PUBLISHED_PHI = (0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0)


class BaseSpec(Section):
    """The network at φ = 0 of the proxy runs."""

    network: str = Field("efficientnet_b0", description="Name of a base network. Default: efficientnet_b0.")
    width: float = Field(
        1.0, gt=0, le=4, description="Width multiplier that makes the proxy's base smaller. Default: 1.0."
    )
    resolution: int = Field(224, ge=4, le=1024, description="Side of the input images at φ = 0, px. Default: 224.")
    strides: list[Annotated[int, Field(ge=1, le=4)]] | None = Field(
        None,
        description="Strides of the stem and each stage; small images want a stem of stride 1. "
        "Default: the network's own.",
    )


class BudgetSpec(Section):
    """What one step of φ may cost."""

    mode: Literal["real", "nominal"] = Field(
        "real",
        description="real: networks whose measured cost is the target. nominal: the literature's grid of triples whose "
        "α·β²·γ² is near the target, whatever they really cost; for comparison only. Default: real.",
    )
    target: float = Field(2.0, gt=1, le=256, description="Real MACs of a candidate over the base's. Default: 2.0.")
    tolerance: float = Field(0.02, gt=0, le=0.25, description="Allowed relative error of that ratio. Default: 0.02.")
    rounding: Rounding = Field(
        "nearest", description="Rounding policy of candidates: nearest or official. Default: nearest."
    )
    divisor: int = Field(8, ge=1, le=64, description="Candidates' channels are multiples of this. Default: 8.")
    step: float = Field(0.05, ge=0.01, le=0.5, description="Step of α, β and γ in the nominal grid. Default: 0.05.")
    slack: float = Field(0.1, gt=0, le=1, description="Largest |α·β²·γ² − target| in the nominal grid. Default: 0.1.")


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
    trials: int = Field(24, ge=1, le=100_000, description="Proxy runs of candidates. Default: 24.")
    replicates: int = Field(
        6, ge=0, description="How many of the trials repeat an earlier candidate under another seed. Default: 6."
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

    @model_validator(mode="after")
    def _some_distinct(self) -> SearchSpec:
        if self.replicates >= self.trials:
            raise ValueError(f"replicates ({self.replicates}) must be fewer than trials ({self.trials})")
        return self


class FamilySpec(Section):
    """The networks B1 … Bn that the choice is turned into."""

    base: str = Field("efficientnet_b0", description="Network the family is built from. Default: efficientnet_b0.")
    resolution: int = Field(224, ge=4, le=4096, description="Its px at φ = 0. Default: 224.")
    phi: list[Annotated[float, Field(gt=0, le=12)]] = Field(
        list(PUBLISHED_PHI), min_length=1, max_length=64, description="φ of B1, B2, … Default: 0.5, 1, 2, 3.5, 5, 6, 7."
    )
    rounding: Rounding = Field(
        "nearest", description="nearest (solved to 2^φ real MACs) or official (the released code's). Default: nearest."
    )
    divisor: int = Field(8, ge=1, le=64, description="Channels are multiples of this. Default: 8.")


class RunSpec(Section):
    """Where runs happen. May differ from one start to the next without changing any result."""

    engine: Literal["local"] = Field("local", description="Where runs happen: local processes. Default: local.")
    slots: int | None = Field(None, ge=1, le=4096, description="Runs at a time. Default: the GPUs, or the CPU cores.")
    max_failures: int = Field(5, ge=0, description="Failed trials after which the study fails. Default: 5.")
    max_failures_in_row: int = Field(
        3, ge=1, description="Failed trials without a success between them after which the study fails. Default: 3."
    )
    max_hours: float | None = Field(
        None, gt=0, description="Hours after which a start stops; running it again goes on. Default: none."
    )


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

    @model_validator(mode="after")
    def _networks_known(self) -> StudySpec:
        for field, name in (("base.network", self.base.network), ("family.base", self.family.base)):
            if name not in BASES:
                raise ValueError(f"{field}: unknown network {name!r}; choose one of: {', '.join(BASES)}")
        levels = len(BASES[self.base.network].strides)
        if self.base.strides is not None and len(self.base.strides) != levels:
            raise ValueError(
                f"base.strides: {len(self.base.strides)} given; {self.base.network} has a stem and {levels - 1} stages, so {levels}"
            )
        return self

    def base_architecture(self) -> Architecture:
        """The unscaled base of the proxy runs: narrowed, at its px, with its strides."""
        base = base_network(self.base.network, self.proxy.class_count, self.proxy.channel_count)
        base = scale(base, 1.0, self.base.width, self.base.resolution, self.budget.rounding, self.budget.divisor)
        return base if self.base.strides is None else base.with_strides(self.base.strides)

    def hash(self) -> str:
        """SHA-256 over all that decides the results: everything but ``description`` and ``run``."""
        values = self.model_dump(mode="json", exclude={"description", "run"})
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def to_yaml(self) -> str:
        """The filled-in spec; :func:`parse` reads it back."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def parse(text: str, source: str = "the spec") -> StudySpec:
    """A StudySpec from YAML text.

    Raises:
        SpecError: it is too large, no YAML (the line is named), no mapping, or a field is wrong.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SpecError(f"{source} is larger than {MAX_BYTES // 1024} KiB", "a study file is a page of YAML")
    values = read_yaml(text, source)
    if not isinstance(values, dict):
        raise SpecError(f"{source} holds {type(values).__name__}, not fields", "start with `name: my_study`")
    try:
        return StudySpec.model_validate(values)
    except ValidationError as e:
        raise explain(e, source) from None


def load(path: str | Path) -> StudySpec:
    """The StudySpec in a YAML file.

    Raises:
        SpecError: the file cannot be read, or see :func:`parse`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(
            f"cannot read the study file {path}: it is not UTF-8 text", "give the path of a YAML file"
        ) from None
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) else str(e)
        raise SpecError(f"cannot read the study file {path}: {reason}", "give the path of a YAML file") from None
    return parse(text, str(path))
