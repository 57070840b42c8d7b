"""Telling named staff, once, whom a deadline has passed without an answer."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.policy.dates import date_in_words
from signer.school_calendar import is_school_day, school_date
from signer.store.log.append import lock_log
from signer.store.tables import Outbox
from signer.workflows.campaigns.deadlines import deadline_of_campaign
from signer.workflows.campaigns.selection import Selection, year_group_key
from signer.workflows.context import AppContext, current_number
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.register.list import Listed, list_in

OCCASION = "overdue:"
"""Before the version and a hash of the address, in the occasion of the mail."""

NAMED = 100
"""How many parents the mail names; where there are more it only counts them."""

OVERDUE = Selection(overdue=True)

_HASH_CHARACTERS = 16


def escalate(context: AppContext) -> int:
    """Queue the mail to each named member of staff, once a campaign's deadline is over.

    Afterwards each has one for the campaign, whatever comes later. Nothing is queued
    while nobody is overdue, and on no day without school.

    Gives how many mails were queued by this.
    """
    settings = context.settings
    today = school_date(clock.now())
    if not settings.escalation_emails or not is_school_day(today, settings.holidays):
        return 0
    with context.sessions.reading() as session:
        number = current_number(session)
        if number is None:
            return 0
        last = deadline_of_campaign(context, session, number)
        due = {_occasion(number, one) for one in settings.escalation_emails}
        queued = select(Outbox.occasion).where(Outbox.occasion.in_(due))
        due -= set(session.scalars(queued))
        if not due or last is None or last >= today:
            return 0
        if not list_in(context, session, number, OVERDUE):
            return 0
    with context.sessions.writing() as session:
        # Two workers that see the same deadline write one mail.
        lock_log(session)
        return sum(queue_mail(session, Kind.STAFF_OVERDUE, one) for one in sorted(due))


def overdue_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail about those whose deadline has passed; None where nobody is left.

    It holds names and counts by year group, and neither addresses nor links.
    """
    settings = context.settings
    number = int(row.occasion.removeprefix(OCCASION).partition(":")[0])
    who = (
        one
        for one in settings.escalation_emails
        if _occasion(number, one) == row.occasion
    )
    address = next(who, None)
    if address is None or current_number(session) != number:
        return None
    last = deadline_of_campaign(context, session, number)
    people = list_in(context, session, number, OVERDUE)
    if last is None or not people:
        return None
    version = context.version(number)
    values = {
        "school": settings.school_name,
        "policy_title": version.title,
        "version": number,
        "label": version.label,
        "deadline_text": date_in_words(last.isoformat()),
        "count": len(people),
        "groups": _by_year_group(people, named=len(people) <= NAMED),
        "named": len(people) <= NAMED,
        "office_email": settings.office_email,
    }
    return Letter(Kind.STAFF_OVERDUE, "", address, values)


def _by_year_group(people: list[Listed], *, named: bool) -> list[dict[str, object]]:
    """Each parent once, at the youngest child."""
    groups: dict[str, list[Listed]] = defaultdict(list)
    for one in people:
        groups[min(one.year_groups, key=year_group_key, default="")].append(one)
    return [
        {
            "year_group": group or "No year group",
            "count": len(groups[group]),
            "people": [
                f"{one.name} ({', '.join(name for name, _, _ in one.children)})"
                if one.children
                else one.name
                for one in groups[group]
                if named
            ],
        }
        for group in sorted(groups, key=year_group_key)
    ]


def _occasion(number: int, address: str) -> str:
    mark = hashlib.sha256(address.lower().encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{OCCASION}{number}:{mark}"
