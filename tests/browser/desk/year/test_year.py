"""A school year, lived at the desk in browsers: 300 families in the long form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.desk.year import autumn, spring, winter
from tests.browser.desk.year.winter import RIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.desk.year.conftest import SchoolYear

pytestmark = [
    pytest.mark.browser,
    pytest.mark.tool("faketime"),
    # A year is longer than any other test, where others run beside it.
    pytest.mark.timeout(1800),
]


def test_a_year_at_the_desk(year: SchoolYear, tmp_path: Path) -> None:
    """Each member of staff does their part, and nobody types a command."""
    autumn.staff_come_in(year)
    autumn.families_come(year, tmp_path)
    autumn.text_is_written(year)
    autumn.checklist_is_done(year)
    autumn.version_is_released(year)
    winter.parents_answer(year)
    winter.office_follows_up(year, tmp_path)
    spring.families_come_and_go(year)
    spring.school_reports(year, tmp_path)
    year.school.well("log", "check")
    assert year.school.problems() == []
    logs = [one.read_text("utf-8") for one in year.school.folder.glob("*.log")]
    assert "Traceback" not in "".join(logs)
    assert RIGHT not in "".join(logs)
