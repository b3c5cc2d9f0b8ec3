"""Rows → figures, words and an HTML report of a study; the same for the command line, the dashboard and the README."""

from scaling_search.report.choice_view import Portrait, portrait, triangle_of
from scaling_search.report.html import figures, html
from scaling_search.report.study_data import Findings, findings, networks, surface_grid, surface_of
from scaling_search.report.svg import standalone

__all__ = [
    "Findings",
    "Portrait",
    "figures",
    "findings",
    "html",
    "networks",
    "portrait",
    "standalone",
    "surface_grid",
    "surface_of",
    "triangle_of",
]
