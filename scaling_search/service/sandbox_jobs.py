"""What the kitchen cooks: plans, portraits, reports and families. Each takes plain values, and may take long."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from scaling_search.analysis.validation import ArmResult, arm_results
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
    """The plan of a spec, as `plan --json` prints it, and its picture under ``svg``."""
    study = StudySpec.model_validate(spec)
    candidates = search_space(study)
    made = plan(study, candidates, slots or study.run.slots or default_slots())
    return {**made, "svg": str(plan_svg(candidates, *design(study, candidates)))}


def make_family(
    triple: Sequence[float], base: str, resolution: int | None, phi: Sequence[float], rounding: Rounding, divisor: int
) -> dict[str, Any]:
    """A family in JSON form."""
    network = base_network(base)
    network = network.resized(resolution) if resolution else network
    return family(Triple(*triple), network, phi, rounding, divisor).to_dict()


def _found(db: str, name: str) -> StudyData:
    store = Store(open_database(db))
    try:
        return collect_study_data(store.study(name), store.trials(name), store.epochs(name), store.choice(name))
    finally:
        store.close()


def make_portrait(db: str, name: str) -> ChoiceView:
    """The portrait of a study whose choice has none yet."""
    return build_choice_view(_found(db, name))


def make_validation(spec: dict[str, Any], rows: Sequence[TrialRow]) -> tuple[list[ArmResult], str, str]:
    """What came of a validation: its networks, the finding in words, the figure."""
    found = arm_results(StudySpec.model_validate(spec), rows)
    return found, finding(found), str(arms_svg(found)) if found else ""


def make_report(db: str, name: str) -> str:
    """The HTML report."""
    return report_html(_found(db, name))


def make_bundle(db: str, name: str) -> bytes:
    """The bundle as a ZIP archive of one folder."""
    store = Store(open_database(db))
    try:
        files = bundle(store.study(name), store.trials(name), store.epochs(name), store.choice(name))
    finally:
        store.close()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(f"{name}/{file}", content)
    return out.getvalue()
