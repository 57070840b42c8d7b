"""By when parents are to have answered, and of whom that day has passed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.config import Settings
from signer.i18n import counted
from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.school_calendar import school_date, school_day_from
from signer.store.columns import Status
from signer.store.tables import PinnedVersion, Request
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt


def deadline_of(settings: Settings, version: Version, asked: date) -> date | None:
    """Return the last day on which a parent answers in time; None where there is none.

    It is the day that the release names. A parent who is asked on that day or later has
    as many days from being asked as the settings give, and so has everybody where the
    release names none; an end on no school day moves to the next school day.

    Args:
        settings: the operator's settings.
        version: what the parent was asked to sign.
        asked: the day on which the parent was asked.
    """
    if version.sign_by and asked.isoformat() < version.sign_by:
        return date.fromisoformat(version.sign_by)
    if not settings.deadline_days:
        return None
    last = asked + timedelta(days=settings.deadline_days)
    return school_day_from(last, settings.holidays)


def deadline_of_campaign(
    context: AppContext, session: Session, number: int
) -> date | None:
    """Return the deadline of those who were asked when a version was; None for none."""
    pinned = session.get_one(PinnedVersion, number)
    version = context.version(number, pinned.sha256)
    return deadline_of(context.settings, version, school_date(pinned.pinned_at))


def is_overdue(
    context: AppContext, session: Session, number: int | None
) -> ColumnElement[bool]:
    """Return the condition that a request is open although its deadline has passed.

    Args:
        context: the context.
        session: the transaction that it is for.
        number: the version that parents are asked to sign; None before any.
    """
    today = school_date(clock.now())
    # Campaigns and imports ask many at one moment: there are few of those.
    asked = select(Request.asked_at).where(
        Request.version_number == number, Request.status == Status.PENDING
    )
    late = []
    if number is not None:
        version = context.version(number)
        for moment in session.scalars(asked.distinct()):
            last = deadline_of(context.settings, version, school_date(moment))
            if last is not None and last < today:
                late.append(moment)
    return and_(
        Request.status == Status.PENDING,
        Request.asked_at.in_(late),
        ~is_exempt(Request.parent_id),
    )


def deadline_words(version: int, last: date, overdue: int) -> str:
    """When the deadline of a campaign is or was, for people.

    Args:
        version: the version's number.
        last: the last day on which a parent answers in time.
        overdue: how many have not answered although their own deadline has passed.
    """
    day = date_in_words(last.isoformat())
    if last >= school_date(clock.now()):
        return f"The deadline for version {version} is {day}."
    parents = counted(overdue, "parent has", "parents have")
    return f"The deadline of version {version} was {day}: {parents} not answered."
