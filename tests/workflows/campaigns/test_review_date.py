"""A review is announced in time, and the headteacher hears of it once a month."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.mail.kinds import Kind
from signer.policy.reviews import Review, record_review
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.workflows.campaigns.review_date import (
    ReviewDate,
    remind_of_review,
    review_date,
)
from tests.workflows.conftest import Post, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)


def reviewed(app_context: AppContext, *, due: str = "2027-08") -> None:
    record_review(
        app_context.settings.versions_dir,
        Review("2026-11-22", 2, "Executive Headteacher", due),
    )


def occasions(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        query = select(Outbox.occasion).where(Outbox.kind == Kind.HEAD_REVIEW.value)
        return list(session.scalars(query.order_by(Outbox.id)))


@pytest.mark.parametrize(
    ("day", "soon", "overdue"),
    [
        (date(2027, 7, 31), False, False),
        (date(2027, 8, 1), True, False),
        (date(2027, 8, 31), True, False),
        (date(2027, 9, 1), False, True),
    ],
)
def test_a_review_is_due_thirty_days_before_its_month_ends(
    app_context: AppContext, day: date, soon: object, overdue: object
) -> None:
    """The last day of the month still counts; the day after is overdue."""
    reviewed(app_context)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with clock.frozen(noon):
        assert review_date(app_context) == ReviewDate(
            "2027-08", soon=bool(soon), overdue=bool(overdue)
        )


def test_a_review_in_december_is_due_until_the_year_ends(
    app_context: AppContext,
) -> None:
    """The month after it is in another year."""
    reviewed(app_context, due="2026-12")
    with clock.frozen(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)):
        assert review_date(app_context).soon
    with clock.frozen(datetime(2027, 1, 1, tzinfo=UTC)):
        assert review_date(app_context).overdue


def test_the_headteacher_hears_once_a_month(
    app_context: AppContext, post: Post, frozen: Advance
) -> None:
    """Somebody looks each day for a year, and no month has two mails."""
    days = []
    for number in range(365):
        if remind_of_review(app_context):
            days.append(number)
        frozen(DAY)
    months = [one.rsplit(":", 1)[1] for one in occasions(app_context)]
    assert months[0] == "2026-11"
    assert len(months) == len(set(months)) == len(days) >= 12
    assert all(b - a >= 27 for a, b in pairwise(days))


def test_a_month_that_ends_does_not_bring_two_mails(
    app_context: AppContext, frozen: Advance
) -> None:
    """Due at the end of September: told on 31 August, and not on 1 September."""
    reviewed(app_context, due="2027-09")
    found = []
    with clock.frozen(datetime(2027, 8, 29, 12, tzinfo=UTC)) as advance:
        for _ in range(20):
            if remind_of_review(app_context):
                found.append(clock.now().date())
            advance(DAY)
    assert found == [date(2027, 8, 31)]


def test_workers_that_look_at_once_write_one_mail(app_context: AppContext) -> None:
    """Several see the same date."""
    runs = [
        threading.Thread(target=remind_of_review, args=(app_context,)) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert occasions(app_context) == ["review:2023-08:2026-11"]


def test_the_mail_says_what_is_overdue_and_what_to_do(
    app_context: AppContext, post: Post
) -> None:
    """It goes to the headteacher's address, and names the month."""
    remind_of_review(app_context)
    assert post.send() == 1
    (mail,) = post.mails()
    assert mail["To"] == app_context.settings.head_email
    assert "by the end of August 2023" in words(mail)
    assert "signer review" in words(mail)


def test_a_mail_on_its_way_is_dropped_once_the_review_is_recorded(
    app_context: AppContext, post: Post
) -> None:
    """Nobody is told to do what is done."""
    remind_of_review(app_context)
    reviewed(app_context)
    assert post.send() == 0
    with app_context.sessions.reading() as session:
        assert session.scalars(select(Outbox.delivery)).one() is Delivery.DROPPED


def test_a_review_that_is_far_away_is_no_news(app_context: AppContext) -> None:
    """Nothing is written."""
    reviewed(app_context)
    before = snapshot(app_context)
    assert remind_of_review(app_context) is False
    assert snapshot(app_context) == before
