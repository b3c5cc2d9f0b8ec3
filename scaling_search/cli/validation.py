"""The `validate` and `cam` commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaling_search.cli.common import (
    Db,
    Json,
    Output,
    Slots,
    StudyArgument,
    check_known_format,
    console,
    no_choice,
    open_store,
    print_json,
    with_db,
    write,
)
from scaling_search.errors import InputError

if TYPE_CHECKING:
    from scaling_search.analysis.validation import ArmResult
    from scaling_search.spec.study import StudySpec
    from scaling_search.store import Store

app = typer.Typer()


@app.command()
def validate(
    study: StudyArgument,
    seeds: Annotated[int | None, typer.Option(min=1, help="Runs of each network. Default: 5; 2 with --phi 2.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of each run. Default: 5 times the study's proxy.epochs.")
    ] = None,
    phi: Annotated[
        float, typer.Option(min=0.5, max=4, help="1: candidates. 2: networks that cost 2² times the base.")
    ] = 1.0,
    figure: Annotated[Path | None, typer.Option(help="Write the figure to this SVG file.")] = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, json or markdown.")] = None,
    output: Output = None,
    db: Db = None,
    slots: Slots = None,
    as_json: Json = False,
) -> None:
    """Train the choice, the extremes, the paper's shares and the base for longer, and compare them on the test split.

    The test split is read once, after training.
    """
    from scaling_search.analysis.validation import arm_results, validation_spec
    from scaling_search.cli.study import run_live
    from scaling_search.report.validation_table import FORMATS, render
    from scaling_search.spec.study import StudySpec

    check_known_format(form, FORMATS)
    store = open_store(db)
    row, choice = store.study(study), store.choice(study)
    if choice is None:
        raise no_choice(study, db)
    seeds = seeds or (5 if phi == 1 else 2)
    spec = validation_spec(StudySpec.model_validate(row.spec), choice["shares"], seeds, phi, epochs)
    run_live(spec, store, db, slots, f"scaling-search validate {study}")
    arms = arm_results(spec, store.trials(spec.name))
    if figure is not None:
        _write_figure(arms, figure)
    if (form := "json" if as_json else form) is not None:
        write(render(spec, arms, store.study(spec.name).versions, form), output)
    else:
        _print_arms(arms, f"{spec.name}: {spec.proxy.epochs} epochs")


def _write_figure(arms: list[ArmResult], path: Path) -> None:
    from scaling_search.report.validation_figure import arms_svg

    write(str(arms_svg(arms)), path)


def _print_arms(arms: list[ArmResult], title: str) -> None:
    from scaling_search.cli.display import table
    from scaling_search.report.validation_table import COLUMNS, finding, table_rows

    console().print(table(COLUMNS, table_rows(arms), title))
    console().print(f"{finding(arms)}.")


@app.command()
def cam(
    study: StudyArgument,
    images: Annotated[int, typer.Option(min=2, max=5000, help="Number of validation images to score.")] = 64,
    rows: Annotated[int, typer.Option(min=1, max=100, help="Number of images to draw.")] = 6,
    phi: Annotated[float, typer.Option(min=0.5, max=4, help="The --phi of the validation.")] = 1.0,
    output: Output = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Draw class activation maps (Grad-CAM) of the networks that `validate` trained, and score them (extra: cam).

    The picture and the scores are stored with the validation, and the dashboard shows them.
    """
    from rich.console import Console
    from rich.progress import track

    from scaling_search.analysis.validation import arms_of
    from scaling_search.paths import runs_folder
    from scaling_search.report.gradcam_image import png
    from scaling_search.report.labels import ARMS
    from scaling_search.store.gradcam_maps import GradcamMaps
    from scaling_search.training.checkpoints import folder_of
    from scaling_search.training.gradcam import explain, first_seeds, scores

    store = open_store(db)
    spec = _validation(store, study, phi, with_db(f"scaling-search validate {study}", db))
    name = spec.name
    arms = first_seeds(store.trials(name), {c.key: arm for arm, c in arms_of(spec).items()})
    maps, err = explain(arms, spec, folder_of(spec, runs_folder(db)), images), Console(stderr=True)
    arm_maps = list(track(maps, "maps", total=len(ARMS), console=err, transient=True, disable=not err.is_terminal))
    figures = scores(arm_maps)
    picture = png(arm_maps, figures, rows)
    GradcamMaps(store).keep(name, figures, picture)
    if output is not None:
        write(picture, output)
    if as_json:
        print_json({"study": name, "arms": figures})
    else:
        _print_scores(figures, f"{name}: {images} validation images, 95 % intervals over them")


def _print_scores(scores: list[dict[str, Any]], title: str) -> None:
    from scaling_search.cli.display import table
    from scaling_search.report.gradcam_table import COLUMNS, finding, table_rows
    from scaling_search.report.labels import plain

    console().print(table(COLUMNS, table_rows(scores), title))
    console().print(f"{plain(finding(scores))}.")


def _validation(store: Store, study: str, phi: float, command: str) -> StudySpec:
    """The validation of a study at φ, or the study itself if it is a validation.

    Raises:
        InputError: there is no such validation; the hint names ``command``, which makes it.
    """
    from scaling_search.analysis.validation import validation_name
    from scaling_search.errors import NotFound
    from scaling_search.spec.study import StudySpec

    spec = StudySpec.model_validate(store.study(study).spec)
    if spec.validation:
        return spec
    try:
        return StudySpec.model_validate(store.study(validation_name(study, phi)).spec)
    except NotFound:
        raise InputError(f"study {study!r} was not validated", f"run: {command}") from None
