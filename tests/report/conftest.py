"""One synthetic study and its page for the tests of the report."""

from __future__ import annotations

import pytest

from scaling_search.report import StudyData, report_html
from tests.support.report import failed_run, synthetic_study


@pytest.fixture(scope="session")
def data() -> StudyData:
    """A study in which depth is best, with one failed run."""
    return synthetic_study(extra=[failed_run])


@pytest.fixture(scope="session")
def page(data: StudyData) -> str:
    return report_html(data)
