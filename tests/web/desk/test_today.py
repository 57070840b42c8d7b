"""The first page: what waits, and how the campaign goes by day and by year group."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.web.desk.home.plot import plot
from signer.workflows.desk.today import Day, look_at_today
from signer.workflows.requests.follow_link import open_link
from tests.conftest import new_database
from tests.workflows.conftest import Post, ask_and_send, sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system has a way of its own to count by hours."""
    return new_database(request, tmp_path)


def test_who_signed_is_counted_by_the_days_of_the_school(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """Half past eleven in a summer's evening in UTC is the next day in London."""
    frozen(timedelta(days=190))
    ask_and_send(app_context)
    at = clock.now().replace(hour=23, minute=30)
    with clock.frozen(at):
        sign(app_context, open_link(app_context, Post(app_context).token("Amira Khan")))
        found = look_at_today(app_context)
    day = (at + timedelta(hours=1)).date()
    assert [one for one in found.days if one.signed] == [Day(day, 1, 1)]
    groups = {one.name: (one.signed, one.asked) for one in found.year_groups}
    assert groups["Year 5"] == groups["Year 8"] == (1, 1)
    assert groups["Year 10"] == (0, 2)


def test_the_page_has_the_figures_without_names_for_a_reviewer(
    sign_in: Callable[[DeskRole], Browser], sign: Callable[[str], Page]
) -> None:
    """A Head of School sees numbers, and no parent."""
    sign("Amira Khan")
    page = sign_in(DeskRole.REVIEWER).open("/desk/")
    assert "Asked4" in page.text.replace(" ", "")
    assert "Signed125.0%" in page.text.replace(" ", "")
    assert "Khan" not in page.tree.text_content()
    assert "/s/" not in page.answer.text


def test_a_plot_ends_at_what_the_table_says() -> None:
    """The line ends at the height of its last number, below that of all."""
    days = [
        Day(date(2026, 9, 1) + timedelta(days=n), n, n * (n + 1) // 2) for n in range(5)
    ]
    drawn = plot(days, asked=20)
    assert drawn is not None
    heights = {tick.words: tick.at for tick in drawn.rows}
    last = drawn.line.split()[-1].split(",")
    assert float(last[0]) == drawn.right
    assert heights["20"] < float(last[1]) == heights["10"] < heights["0"]
    assert plot(days[:1], asked=20) is None
    assert plot(days, asked=0) is None
