"""When the text must be reviewed, and telling the headteacher in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from signer import clock
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.policy.change_log import review_due
from signer.policy.dates import month_in_words
from signer.policy.reviews import read_reviews
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.store.log.append import lock_log
from signer.store.tables import Outbox
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail

SOON = timedelta(days=30)
"""How long before the last day of its month a review is called due."""

AT_MOST_EVERY = timedelta(days=27)
"""Two mails about one review are never closer than this, whatever the months."""

DECEMBER = 12


@dataclass(frozen=True, slots=True)
class ReviewDate:
    """The next review of the version in force.

    Attributes:
        month: the month by which it must be done, ``2027-08``.
        soon: whether its last day is within 30 days.
        overdue: whether its last day has passed.
    """

    month: str
    soon: bool
    overdue: bool


def review_date(context: AppContext) -> ReviewDate:
    """When the version in force must be reviewed.

    Raises:
        VersionFileError: the record of reviews cannot be read.
    """
    month = review_due(context.versions, read_reviews(context.settings.versions_dir))
    today = school_date(clock.now())
    last = last_day(month)
    return ReviewDate(month, soon=today <= last <= today + SOON, overdue=today > last)


def review_words(review: ReviewDate) -> str:
    """When the next review is due, for people."""
    month = month_in_words(review.month)
    if review.overdue:
        return f"The review is overdue: it was due by the end of {month}."
    if review.soon:
        return f"A review is due within 30 days: by the end of {month}."
    return f"Next review: by the end of {month}."


def remind_of_review(context: AppContext) -> bool:
    """Queue a mail to the headteacher's address when a review is due or overdue.

    Afterwards there is one for this month at most, and none within four weeks of
    another. Gives whether one was queued by this.

    Raises:
        VersionFileError: the record of reviews cannot be read.
    """
    review = review_date(context)
    if not (review.soon or review.overdue):
        return False
    now = clock.now()
    about = f"review:{review.month}:"
    with context.sessions.writing() as session:
        # Two workers that see the same date write one mail.
        lock_log(session)
        lately = select(Outbox.id).where(
            Outbox.kind == Kind.HEAD_REVIEW.value,
            Outbox.occasion.startswith(about),
            Outbox.queued_at > now - AT_MOST_EVERY,
        )
        if session.scalar(lately.limit(1)) is not None:
            return False
        this_month = school_date(now).isoformat()[:7]
        return queue_mail(session, Kind.HEAD_REVIEW, about + this_month)


def review_letter(context: AppContext) -> Letter | None:
    """The mail about the next review; None once its date is far away."""
    review = review_date(context)
    if not (review.soon or review.overdue):
        return None
    version = in_force(context.versions)
    values = {
        "school": context.settings.school_name,
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "month_text": month_in_words(review.month),
        "overdue": review.overdue,
        "guide_url": f"{context.settings.base_url}/guides/headteacher/",
    }
    return Letter(Kind.HEAD_REVIEW, "", context.settings.head_email, values)


def last_day(month: str) -> date:
    """The last day of a month, ``2027-08``."""
    year, number = int(month[:4]), int(month[5:7])
    after = date(year + number // DECEMBER, number % DECEMBER + 1, 1)
    return after - timedelta(days=1)
