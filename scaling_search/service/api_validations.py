"""Validations of a study: what came of each, and where its networks look."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from scaling_search.analysis.validation import ArmResult, validation_name
from scaling_search.errors import NotFound
from scaling_search.records import StudyState
from scaling_search.service import sandbox_jobs as heavy
from scaling_search.service.api_common import Name, router
from scaling_search.service.auth import Viewer
from scaling_search.service.context import Kept, kept
from scaling_search.spec.study import StudySpec
from scaling_search.store.gradcam_maps import GradcamMapsRow

validations = router("results")


class ValidationOut(BaseModel):
    """A validation: its networks as `scaling-search validate --json` prints them, and the scores of its activation maps."""

    study: str
    state: StudyState
    phi: float
    seeds: int
    epochs: int
    finding: str
    arms: list[dict[str, Any]]
    maps: list[dict[str, Any]] | None


class Seen:
    """A validation as its page shows it: the spec's sizes, results, figure (SVG) and maps."""

    def __init__(self, own: Kept, name: str) -> None:
        row = own.store.study(name)
        spec = StudySpec.model_validate(row.spec)
        assert spec.validation is not None
        self.name, self.state, self.reason = name, row.state, row.reason
        self.phi, self.seeds, self.epochs = spec.validation.phi, spec.validation.seeds, spec.proxy.epochs
        self.target = spec.budget.target**self.phi
        self.arms: list[ArmResult]
        self.arms, self.finding, self.figure = own.kitchen.call(heavy.make_validation, row.spec, own.store.trials(name))
        self.maps: GradcamMapsRow | None = own.maps.newest(name)


def seen(own: Kept, name: str) -> list[Seen]:
    """The validations of a study, in the order of φ; of a validation, itself.

    Raises:
        NotFound: there is no such study.
    """
    itself = StudySpec.model_validate(own.store.study(name).spec).validation is not None
    names = [name] if itself else own.board.names_with_prefix(validation_name(name, 1))
    return sorted((Seen(own, n) for n in names), key=lambda v: v.phi)


@validations.get("/studies/{name}/validations")
def read_validations(request: Request, actor: Viewer, name: Name) -> list[ValidationOut]:
    """The study's validations: networks of equal real cost trained for longer, judged once by the test split."""
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
        for v in seen(kept(request), name)
    ]


@validations.get(
    "/studies/{name}/maps.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A picture."}},
)
def read_maps(request: Request, actor: Viewer, name: Name) -> Response:
    """A validation's class activation maps: a row an image, a column a network."""
    kept(request).store.study(name)
    found = kept(request).maps.newest(name)
    if found is None:
        raise NotFound(f"there are no maps of {name!r}", f"make them with: scaling-search cam {name}")
    return Response(found.picture, media_type="image/png")
