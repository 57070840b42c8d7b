"""By when parents answer in time: what mails, lists and counts say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from signer.policy.versions import in_force, read_versions
from signer.school_calendar import Holiday
from signer.workflows.campaigns.deadlines import deadline_of
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.selection import Selection
from signer.workflows.campaigns.status import count_status
from signer.workflows.register.list import list_register
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import Post, sign, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.config import Settings
    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

CHRISTMAS = Holiday(date(2026, 12, 19), date(2027, 1, 4))


@pytest.mark.parametrize(
    ("sign_by", "days", "asked", "last"),
    [
        ("", 0, "2026-11-22", None),
        ("", 5, "2026-11-22", "2026-11-27"),
        # A Sunday, and a day of the holidays.
        ("", 14, "2026-11-22", "2026-12-07"),
        ("", 14, "2026-12-10", "2027-01-05"),
        ("2026-12-18", 0, "2026-11-22", "2026-12-18"),
        ("2026-12-18", 5, "2026-12-17", "2026-12-18"),
        # Who joins when the day has come is not late at once.
        ("2026-12-18", 5, "2026-12-18", "2027-01-05"),
        ("2026-12-18", 0, "2026-12-18", None),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_last_day(
    settings: Settings, sign_by: str, days: int, asked: str, last: str | None
) -> None:
    """The release's own day, or so many days from being asked."""
    version = in_force(read_versions(settings.versions_dir))
    given = replace(settings, deadline_days=days, holidays=(CHRISTMAS,))
    day = deadline_of(
        given, replace(version, sign_by=sign_by), date.fromisoformat(asked)
    )
    assert (day and day.isoformat()) == last


class TestFiveDays:
    """Asked on Sunday 22 November 2026, to be answered by Friday the 27th."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Five days for everybody."""
        return replace(settings, deadline_days=5)

    def test_mails_say_it(
        self, app_context: AppContext, asked: Post, frozen: Advance
    ) -> None:
        """The ask, and reminders before and after, each in text and in HTML."""
        frozen(timedelta(days=3))
        remind_parents(app_context)
        asked.send()
        frozen(timedelta(days=5))
        remind_parents(app_context)
        asked.send()
        mails = asked.to("Amira Khan")
        for mail, expected in zip(
            mails,
            [
                "We need your answer by 27 November 2026.",
                "We need your answer by 27 November 2026.",
                "We needed your answer by 27 November 2026. You can still sign.",
            ],
            strict=True,
        ):
            html = mail.get_body(("html",))
            assert html is not None
            assert expected in " ".join(words(mail).split())
            assert expected in html.get_content()

    def test_lists_and_counts_know_it(
        self, app_context: AppContext, asked: Post, frozen: Advance
    ) -> None:
        """Nobody is overdue on the last day; on the next, whoever has not answered."""
        sign(app_context, open_link(app_context, asked.token("Amira Khan")))
        frozen(timedelta(days=5))
        standing = count_status(app_context)
        assert (standing.sign_by, standing.overdue) == (date(2026, 11, 27), 0)
        overdue = Selection(overdue=True)
        assert list_register(app_context, overdue) == []
        frozen(timedelta(days=1))
        late = list_register(app_context, overdue)
        assert [one.name for one in late] == ["Niamh O'Brien", "Tom O'Brien", "王小明"]
        assert {one.sign_by for one in late} == {date(2026, 11, 27)}
        assert count_status(app_context).overdue == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_deadline_nothing_speaks_of_one(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """No sentence in the mail, and nobody is ever overdue."""
    assert "answer by" not in words(asked.to("Amira Khan")[0])
    frozen(timedelta(days=300))
    standing = count_status(app_context)
    assert (standing.sign_by, standing.overdue) == (None, 0)
    assert list_register(app_context, Selection(overdue=True)) == []
