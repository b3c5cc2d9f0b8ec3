"""/api/v1: validations of a study and their Grad-CAM maps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel

from scaling_search.analysis.validation import ArmResult, validation_name
from scaling_search.errors import NotFound
from scaling_search.records import StudyState
from scaling_search.service import sandbox_jobs
from scaling_search.service.api_common import Name, router
from scaling_search.service.auth import Viewer
from scaling_search.service.context import AppContext, Context
from scaling_search.spec.study import StudySpec
from scaling_search.store.gradcam_maps import GradcamMapsRow

validations = router("results")


class ValidationOut(BaseModel):
    """A validation: its networks as in `scaling-search validate --json`, and the scores of its Grad-CAM maps."""

    study: str
    state: StudyState
    phi: float
    seeds: int
    epochs: int
    finding: str
    arms: list[dict[str, Any]]
    maps: list[dict[str, Any]] | None


class ValidationView:
    """A validation as shown on its page: sizes, results, figure (SVG) and Grad-CAM maps."""

    def __init__(self, context: AppContext, name: str) -> None:
        row = context.store.study(name)
        spec = StudySpec.model_validate(row.spec)
        assert spec.validation is not None
        self.name, self.state, self.reason = name, row.state, row.reason
        self.phi, self.seeds, self.epochs = spec.validation.phi, spec.validation.seeds, spec.proxy.epochs
        self.target = spec.budget.target**self.phi
        self.arms: list[ArmResult]
        self.arms, self.finding, self.figure = context.sandbox.call(
            sandbox_jobs.make_validation, row.spec, context.store.trials(name)
        )
        self.maps: GradcamMapsRow | None = context.gradcam_maps.newest(name)


def validations_of(context: AppContext, name: str) -> list[ValidationView]:
    """The validations of a study, in the order of φ. For a validation: itself.

    Raises:
        NotFound: there is no such study.
    """
    is_validation = StudySpec.model_validate(context.store.study(name).spec).validation is not None
    names = [name] if is_validation else context.studies.names_with_prefix(validation_name(name, 1))
    return sorted((ValidationView(context, n) for n in names), key=lambda v: v.phi)


@validations.get("/studies/{name}/validations")
def read_validations(context: Context, actor: Viewer, name: Name) -> list[ValidationOut]:
    """The study's validations: networks of equal real cost, trained for longer and tested once on the test split."""
    return [
        ValidationOut(
            study=v.name,
            state=v.state,
            phi=v.phi,
            seeds=v.seeds,
            epochs=v.epochs,
            finding=v.finding,
            arms=[asdict(a) for a in v.arms],
            maps=v.maps.scores if v.maps else None,
        )
        for v in validations_of(context, name)
    ]


@validations.get(
    "/studies/{name}/maps.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A picture."}},
)
def read_maps(context: Context, actor: Viewer, name: Name) -> Response:
    """A validation's class activation maps, one row for each image and one column for each network."""
    context.store.study(name)
    maps = context.gradcam_maps.newest(name)
    if maps is None:
        raise NotFound(f"there are no maps of {name!r}", f"make them with: scaling-search cam {name}")
    return Response(maps.picture, media_type="image/png")
