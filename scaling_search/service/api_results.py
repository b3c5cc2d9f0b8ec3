"""/api/v1: trials, choice, family, plots and exports of a study."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response

from scaling_search.errors import InputError, NotFound
from scaling_search.export.documents import csv_text, export, study_document
from scaling_search.export.frames import trial_frame
from scaling_search.networks.architecture import Rounding
from scaling_search.networks.coefficients import MAX_PHI, MIN_PHI, is_phi
from scaling_search.records import Role, TrialRow, TrialState
from scaling_search.service import sandbox_jobs as heavy
from scaling_search.service.api_common import Name, Number, record, router
from scaling_search.service.auth import Viewer
from scaling_search.service.context import kept
from scaling_search.service.plot_data import plots_of
from scaling_search.service.schemas import ChoiceOut, EpochOut, TrialDetail, TrialList, TrialOut
from scaling_search.service.schemas_family import FamilyIn, FamilyOut, Phi
from scaling_search.spec.study import StudySpec
from scaling_search.store.summaries import TrialFilter

results = router("results")

Format = Literal["json", "csv", "markdown", "python", "yaml", "html", "bundle"]
TableFormat = Literal["csv", "json", "parquet"]
TYPES = {
    "json": ("application/json", "json"),
    "csv": ("text/csv", "csv"),
    "markdown": ("text/markdown", "md"),
    "python": ("text/x-python", "py"),
    "yaml": ("application/yaml", "yaml"),
    "html": ("text/html", "html"),
    "bundle": ("application/zip", "zip"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
}
"""Format → (media type, ending)."""
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind, _ in TYPES.values()}, "description": "A file."}
}
"""What an operation that gives a file answers."""


def wanted_trials(
    state: Annotated[list[TrialState] | None, Query(description="Only these states.")] = None,
    role: Annotated[Role | None, Query(description="candidate, or base: the unscaled network.")] = None,
    key: Annotated[str | None, Query(max_length=200, description="Only this network.")] = None,
    round: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in key or error.")] = None,
    least: Annotated[float | None, Query(ge=0, le=1, description="Accuracies of at least this.")] = None,
) -> TrialFilter:
    """The filter that a query describes."""
    return TrialFilter(tuple(state or ()), role, key, round, q, least)


def as_file(name: str, form: str, content: str | bytes) -> Response:
    """A download."""
    kind, ending = TYPES[form]
    disposition = {"content-disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, media_type=kind, headers=disposition)


def table_text(rows: list[TrialRow], form: str) -> str | bytes:
    """Trials as `scaling-search trials --format` writes them."""
    frame = trial_frame(rows)
    if form == "csv":
        return csv_text(frame)
    if form == "json":
        return str(frame.to_json(orient="records", date_format="iso", indent=2)) + "\n"
    content: bytes = frame.to_parquet(index=False)
    return content


def log_of(row: TrialRow, curve: list[EpochOut]) -> list[str]:
    """What is known of how a trial went, a line each."""
    lines = [f"{row.started_at:%Y-%m-%d %H:%M:%S} UTC started"] if row.started_at else []
    lines += (
        [f"fvcore counted {row.counted_macs:,} MACs; the closed form says {row.macs:,}"] if row.counted_macs else []
    )
    for e in curve:
        lines.append(
            f"attempt {e.attempt} epoch {e.epoch + 1}: loss {e.train_loss:.4f}, validation loss {e.validation_loss:.4f}, "
            f"accuracy {e.accuracy:.2%}, rate {e.learning_rate:.2e}, {e.seconds:.1f} s, {e.images_per_second:.0f} images/s"
        )
    lines += [row.error] if row.error else []
    return lines + ([f"{row.finished_at:%Y-%m-%d %H:%M:%S} UTC {row.state}"] if row.finished_at else [])


@results.get("/studies/{name}/trials")
def list_trials(
    request: Request,
    actor: Viewer,
    name: Name,
    state: Annotated[list[TrialState] | None, Query(description="Only these states.")] = None,
    role: Role | None = None,
    key: Annotated[str | None, Query(max_length=200, description="Only this network.")] = None,
    round: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in key or error.")] = None,
    least: Annotated[float | None, Query(ge=0, le=1, description="Accuracies of at least this.")] = None,
    sort: Annotated[str, Query(max_length=40, description="A column.")] = "number",
    descending: bool = False,
    after: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TrialList:
    """A page of a study's trials."""
    kept(request).store.study(name)
    wanted = wanted_trials(state, role, key, round, q, least)
    found = kept(request).board.trials(name, wanted, sort, descending, after, limit)
    trials = [TrialOut(**TrialOut.values(row)) for row in found.rows]
    return TrialList(trials=trials, matching=found.matching, next=found.next)


@results.get("/studies/{name}/trials.{form}", response_class=Response, responses=FILES)
def download_trials(
    request: Request,
    actor: Viewer,
    name: Name,
    form: TableFormat,
    state: Annotated[list[TrialState] | None, Query(description="Only these states.")] = None,
    role: Role | None = None,
    key: Annotated[str | None, Query(max_length=200)] = None,
    round: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    least: Annotated[float | None, Query(ge=0, le=1)] = None,
    sort: Annotated[str, Query(max_length=40)] = "number",
    descending: bool = False,
) -> Response:
    """A study's trials, all or those that match, as CSV, JSON or Parquet: the table of `scaling-search trials`."""
    kept(request).store.study(name)
    wanted = wanted_trials(state, role, key, round, q, least)
    found = kept(request).board.trials(name, wanted, sort, descending, None, 1_000_000)
    record(request, actor, "export", name, f"trials as {form}")
    return as_file(f"{name}-trials", form, table_text(found.rows, form))


@results.get("/studies/{name}/trials/{number}")
def read_trial(request: Request, actor: Viewer, name: Name, number: Number) -> TrialDetail:
    """One trial with its epochs, its network and its log."""
    row = kept(request).board.trial(name, number)
    curve = [EpochOut.of(a, e) for a, e in kept(request).board.trial_epochs(name, number)]
    rest = {"architecture": row.architecture.to_dict(), "curve": curve, "log": log_of(row, curve)}
    return TrialDetail(**TrialOut.values(row), **rest)


@results.get("/studies/{name}/plots")
def read_plots(request: Request, actor: Viewer, name: Name) -> dict[str, Any]:
    """What the study's page plots: networks, thinned curves, the best so far, the timeline."""
    return plots_of(kept(request), name)


@results.get("/studies/{name}/choice")
def read_choice(request: Request, actor: Viewer, name: Name) -> ChoiceOut:
    """The newest choice with its tie region and probabilities, and the fitted surface over a grid of the triangle."""
    kept(request).store.study(name)
    found = kept(request).board.choice(name)
    if found is None:
        raise NotFound(f"study {name!r} has no choice yet", "it is made when a round of runs is complete")
    return ChoiceOut(made_at=found.made_at, result=found.result, portrait=found.portrait)


@results.get("/studies/{name}/family")
def read_family(
    request: Request,
    actor: Viewer,
    name: Name,
    phi: Annotated[list[Phi] | None, Query(max_length=32, description="φ of B1, B2, … Default: the spec's.")] = None,
    rounding: Rounding | None = None,
) -> FamilyOut:
    """The chosen coefficients' family, for any φ and rounding."""
    kept(request).store.study(name)
    choice = kept(request).store.choice(name)
    if choice is None:
        raise NotFound(f"study {name!r} has no choice yet", "it is made when a round of runs is complete")
    return FamilyOut(**family_for(request, name, choice, phi, rounding))


def family_for(
    request: Request, name: str, choice: dict[str, Any], phi: list[float] | None, rounding: Rounding | None
) -> dict[str, Any]:
    """The family of a choice; the stored one unless φ or rounding differ.

    Raises:
        InputError: a φ is out of range, or there are too many.
    """
    spec = StudySpec.model_validate(kept(request).store.study(name).spec).family
    if phi is not None and (len(phi) > 32 or not all(map(is_phi, phi))):
        raise InputError(f"phi: up to 32 numbers from {MIN_PHI:g} to {MAX_PHI:g} are meant, 0 is not among them")
    if (phi or spec.phi) == spec.phi and (rounding or spec.rounding) == spec.rounding:
        stored: dict[str, Any] = choice["family"]
        return stored
    triple = [choice[k] for k in ("alpha", "beta", "gamma")]
    how = (spec.base, spec.resolution, phi or spec.phi, rounding or spec.rounding, spec.divisor)
    return kept(request).kitchen.call(heavy.make_family, triple, *how)


@results.post("/family")
def make_family(request: Request, actor: Viewer, given: FamilyIn) -> FamilyOut:
    """The family of any triple; no study is needed."""
    if given.alpha * given.beta * given.gamma == 1:
        raise InputError("alpha, beta and gamma are all 1: nothing grows", "give a triple with a product near 2")
    triple = (given.alpha, given.beta, given.gamma)
    how = (given.base, given.resolution, given.phi, given.rounding, given.divisor)
    return FamilyOut(**kept(request).kitchen.call(heavy.make_family, triple, *how))


@results.get("/studies/{name}/export/{form}", response_class=Response, responses=FILES)
def export_study(request: Request, actor: Viewer, name: Name, form: Format) -> Response:
    """The coefficients and the family for training code, a report to read, or all data (a ZIP of the bundle's files)."""
    own = kept(request)
    row, choice = own.store.study(name), own.store.choice(name)
    if form == "html":
        content: str | bytes = own.kitchen.call(heavy.make_report, own.settings.db, name)
    elif form == "bundle":
        content = own.kitchen.call(heavy.make_bundle, own.settings.db, name)
    else:
        content = export(study_document(row, choice), form)
    record(request, actor, "export", name, form)
    return as_file(name, form, content)
