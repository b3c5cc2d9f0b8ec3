"""Slow jobs run in the sandbox process: plans, reports, families. Arguments and results must pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from scaling_search.analysis.validation import ArmResult, results
from scaling_search.engine.local import default_slots
from scaling_search.export.bundle import bundle
from scaling_search.networks.architecture import Rounding
from scaling_search.networks.bases import base_network
from scaling_search.networks.coefficients import Triple
from scaling_search.networks.family import family
from scaling_search.records import TrialRow
from scaling_search.report import ChoiceView, StudyData, build_choice_view, collect_study_data, report_html
from scaling_search.report.plan_figure import plan_svg
from scaling_search.report.validation_figure import arms_svg
from scaling_search.report.validation_table import finding
from scaling_search.search.plan import design, plan
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.store import Store, open_database


def make_plan(spec: dict[str, Any], slots: int | None) -> dict[str, Any]:
    """The plan of a spec as in `plan --json`, and its figure as ``svg``."""
    study = StudySpec.model_validate(spec)
    candidates = search_space(study)
    result = plan(study, candidates, slots or study.run.slots or default_slots())
    return {**result, "svg": str(plan_svg(candidates, *design(study, candidates)))}


def make_family(
    triple: Sequence[float], base: str, resolution: int | None, phi: Sequence[float], rounding: Rounding, divisor: int
) -> dict[str, Any]:
    """A family of networks in JSON form."""
    network = base_network(base)
    network = network.resized(resolution) if resolution else network
    return family(Triple(*triple), network, phi, rounding, divisor).to_dict()


def _study_data(db: str, name: str) -> StudyData:
    with closing(Store(open_database(db))) as store:
        return collect_study_data(store.study(name), store.trials(name), store.epochs(name), store.choice(name))


def make_choice_view(db: str, name: str) -> ChoiceView:
    """The view of the newest choice of a study."""
    return build_choice_view(_study_data(db, name))


def make_validation(spec: dict[str, Any], rows: Sequence[TrialRow]) -> tuple[list[ArmResult], str, str]:
    """The results of a validation: its networks, the finding as text, the figure as SVG."""
    arms = results(StudySpec.model_validate(spec), rows)
    return arms, finding(arms), str(arms_svg(arms)) if arms else ""


def make_report(db: str, name: str) -> str:
    """The HTML report."""
    return report_html(_study_data(db, name))


def make_bundle(db: str, name: str) -> bytes:
    """The bundle as a ZIP archive with one folder."""
    with closing(Store(open_database(db))) as store:
        files = bundle(store.study(name), store.trials(name), store.epochs(name), store.choice(name))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(f"{name}/{file}", content)
    return buffer.getvalue()
