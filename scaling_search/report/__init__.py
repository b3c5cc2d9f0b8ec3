"""Rows → figures, words and an HTML report of a study; the same for the command line, the dashboard and the README."""

from scaling_search.report.page import figures, html
from scaling_search.report.summary import Findings, findings, networks, surface_grid, surface_of
from scaling_search.report.svg import standalone

__all__ = ["Findings", "figures", "findings", "html", "networks", "standalone", "surface_grid", "surface_of"]
