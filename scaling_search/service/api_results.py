"""/api/v1: trials, choice, family, plots and exports of a study."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from scaling_search.errors import InputError, NotFound
from scaling_search.export.documents import csv_text, export, study_document
from scaling_search.export.frames import trial_frame
from scaling_search.networks.architecture import Rounding
from scaling_search.networks.coefficients import MAX_PHI, MIN_PHI, is_phi
from scaling_search.records import Role, TrialRow, TrialState
from scaling_search.service import sandbox_jobs
from scaling_search.service.api_common import Name, Number, record, router
from scaling_search.service.auth import Viewer
from scaling_search.service.context import AppContext, Context
from scaling_search.service.plot_data import plots_of
from scaling_search.service.schemas import ChoiceOut, EpochOut, TrialDetail, TrialList, TrialOut
from scaling_search.service.schemas_family import FamilyIn, FamilyOut, Phi
from scaling_search.spec.study import StudySpec
from scaling_search.store.summaries import TrialFilter

results = router("results")

Format = Literal["json", "csv", "markdown", "python", "yaml", "html", "bundle"]
TableFormat = Literal["csv", "json", "parquet"]
FILE_TYPES = {
    "json": ("application/json", "json"),
    "csv": ("text/csv", "csv"),
    "markdown": ("text/markdown", "md"),
    "python": ("text/x-python", "py"),
    "yaml": ("application/yaml", "yaml"),
    "html": ("text/html", "html"),
    "bundle": ("application/zip", "zip"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
}
"""Format → (media type, file extension)."""
FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type, _ in FILE_TYPES.values()}, "description": "A file."}
}
NO_CHOICE_HINT = "a choice is made when a round of runs is complete"
MAX_PHIS = 32
MAX_ROWS = 1_000_000


async def wanted_trials(
    state: Annotated[list[TrialState] | None, Query(description="Only these states.")] = None,
    role: Annotated[Role | None, Query(description="candidate, or base: the unscaled network.")] = None,
    key: Annotated[str | None, Query(max_length=200, description="Only this network.")] = None,
    round: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in key or error.")] = None,
    least: Annotated[float | None, Query(ge=0, le=1, description="Accuracies of at least this.")] = None,
) -> TrialFilter:
    """Dependency: the filter in the query string."""
    return TrialFilter(tuple(state or ()), role, key, round, q, least)


WantedTrials = Annotated[TrialFilter, Depends(wanted_trials)]
SortColumn = Annotated[str, Query(max_length=40, description="Column to sort by.")]


def as_file(name: str, form: str, content: str | bytes) -> Response:
    """A file to download."""
    media_type, extension = FILE_TYPES[form]
    disposition = {"content-disposition": f'attachment; filename="{name}.{extension}"'}
    return Response(content, media_type=media_type, headers=disposition)


def table_text(rows: list[TrialRow], form: str) -> str | bytes:
    """The output of `scaling-search trials --format`."""
    frame = trial_frame(rows)
    if form == "csv":
        return csv_text(frame)
    if form == "json":
        return str(frame.to_json(orient="records", date_format="iso", indent=2)) + "\n"
    content: bytes = frame.to_parquet(index=False)
    return content


def log_of(row: TrialRow, curve: list[EpochOut]) -> list[str]:
    """The log lines of a trial: start, counted MACs, epochs, error, end."""
    lines = []
    if row.started_at:
        lines.append(f"{row.started_at:%Y-%m-%d %H:%M:%S} UTC started")
    if row.counted_macs:
        lines.append(f"fvcore counted {row.counted_macs:,} MACs; the closed form says {row.macs:,}")
    for e in curve:
        lines.append(
            f"attempt {e.attempt} epoch {e.epoch + 1}: loss {e.train_loss:.4f}, "
            f"validation loss {e.validation_loss:.4f}, accuracy {e.accuracy:.2%}, rate {e.learning_rate:.2e}, "
            f"{e.seconds:.1f} s, {e.images_per_second:.0f} images/s"
        )
    if row.error:
        lines.append(row.error)
    if row.finished_at:
        lines.append(f"{row.finished_at:%Y-%m-%d %H:%M:%S} UTC {row.state}")
    return lines


@results.get("/studies/{name}/trials")
def list_trials(
    context: Context,
    actor: Viewer,
    name: Name,
    wanted: WantedTrials,
    sort: SortColumn = "number",
    descending: bool = False,
    after: Annotated[str | None, Query(max_length=1000, description="`next` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TrialList:
    """A page of a study's trials."""
    context.store.study(name)
    page = context.studies.trials(name, wanted, sort, descending, after, limit)
    trials = [TrialOut(**TrialOut.values(row)) for row in page.rows]
    return TrialList(trials=trials, matching=page.matching, next=page.next)


@results.get("/studies/{name}/trials.{form}", response_class=Response, responses=FILE_RESPONSES)
def download_trials(
    context: Context,
    request: Request,
    actor: Viewer,
    name: Name,
    form: TableFormat,
    wanted: WantedTrials,
    sort: SortColumn = "number",
    descending: bool = False,
) -> Response:
    """A study's trials, or the matching ones, as CSV, JSON or Parquet: the table of `scaling-search trials`."""
    context.store.study(name)
    page = context.studies.trials(name, wanted, sort, descending, None, MAX_ROWS)
    record(request, actor, "export", name, f"trials as {form}")
    return as_file(f"{name}-trials", form, table_text(page.rows, form))


@results.get("/studies/{name}/trials/{number}")
def read_trial(context: Context, actor: Viewer, name: Name, number: Number) -> TrialDetail:
    """One trial with its epochs, its network and its log."""
    row = context.studies.trial(name, number)
    curve = [EpochOut.of(a, e) for a, e in context.studies.trial_epochs(name, number)]
    rest = {"architecture": row.architecture.to_dict(), "curve": curve, "log": log_of(row, curve)}
    return TrialDetail(**TrialOut.values(row), **rest)


@results.get("/studies/{name}/plots")
def read_plots(context: Context, actor: Viewer, name: Name) -> dict[str, Any]:
    """Data of the study page's plots: networks, thinned curves, the best so far, the timeline."""
    return plots_of(context, name)


@results.get("/studies/{name}/choice")
def read_choice(context: Context, actor: Viewer, name: Name) -> ChoiceOut:
    """The newest choice with its tie region and probabilities, and the fitted surface over a grid of the triangle."""
    context.store.study(name)
    choice = context.studies.choice(name)
    if choice is None:
        raise NotFound(f"study {name!r} has no choice yet", NO_CHOICE_HINT)
    return ChoiceOut(made_at=choice.made_at, result=choice.result, portrait=choice.portrait)


@results.get("/studies/{name}/family")
def read_family(
    context: Context,
    actor: Viewer,
    name: Name,
    phi: Annotated[
        list[Phi] | None, Query(max_length=MAX_PHIS, description="φ of B1, B2, … Default: the spec's.")
    ] = None,
    rounding: Rounding | None = None,
) -> FamilyOut:
    """The family of the chosen coefficients, for any φ and rounding."""
    context.store.study(name)
    choice = context.store.choice(name)
    if choice is None:
        raise NotFound(f"study {name!r} has no choice yet", NO_CHOICE_HINT)
    return FamilyOut(**family_for(context, name, choice, phi, rounding))


def family_for(
    context: AppContext, name: str, choice: dict[str, Any], phi: list[float] | None, rounding: Rounding | None
) -> dict[str, Any]:
    """The family of a choice; the stored one unless φ or rounding differ.

    Raises:
        InputError: a φ is out of range, or there are too many.
    """
    spec = StudySpec.model_validate(context.store.study(name).spec).family
    if phi is not None and (len(phi) > MAX_PHIS or not all(map(is_phi, phi))):
        raise InputError(
            f"phi: expected up to {MAX_PHIS} numbers from {MIN_PHI:g} to {MAX_PHI:g} without 0",
            "for example: 0.5, 1, 2",
        )
    if (phi or spec.phi) == spec.phi and (rounding or spec.rounding) == spec.rounding:
        stored: dict[str, Any] = choice["family"]
        return stored
    triple = [choice[k] for k in ("alpha", "beta", "gamma")]
    settings = (spec.base, spec.resolution, phi or spec.phi, rounding or spec.rounding, spec.divisor)
    return context.sandbox.call(sandbox_jobs.make_family, triple, *settings)


@results.post("/family")
def make_family(context: Context, actor: Viewer, given: FamilyIn) -> FamilyOut:
    """The family of any triple; no study is needed."""
    if given.alpha * given.beta * given.gamma == 1:
        raise InputError("alpha, beta and gamma are all 1: nothing grows", "give a triple with a product near 2")
    triple = (given.alpha, given.beta, given.gamma)
    settings = (given.base, given.resolution, given.phi, given.rounding, given.divisor)
    return FamilyOut(**context.sandbox.call(sandbox_jobs.make_family, triple, *settings))


@results.get("/studies/{name}/export/{form}", response_class=Response, responses=FILE_RESPONSES)
def export_study(context: Context, request: Request, actor: Viewer, name: Name, form: Format) -> Response:
    """The coefficients and the family for training code, an HTML report, or all data (the bundle as a ZIP archive)."""
    row, choice = context.store.study(name), context.store.choice(name)
    if form == "html":
        content: str | bytes = context.sandbox.call(sandbox_jobs.make_report, context.settings.db, name)
    elif form == "bundle":
        content = context.sandbox.call(sandbox_jobs.make_bundle, context.settings.db, name)
    else:
        content = export(study_document(row, choice), form)
    record(request, actor, "export", name, form)
    return as_file(name, form, content)
