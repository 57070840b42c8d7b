"""What the first page of the desk shows: what is wrong, and how the campaign goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.school_calendar import school_date
from signer.store.columns import NoteKind, Status
from signer.store.tables import Child, Relationship, Request
from signer.workflows.campaigns.selection import year_group_key
from signer.workflows.campaigns.status import Campaign, Standing, count_status
from signer.workflows.checklist.lines import Checklist
from signer.workflows.checklist.look import look_at_checklist
from signer.workflows.context import AppContext
from signer.workflows.desk.due import Due, look_at_due
from signer.workflows.desk.hours import day_of_hour, hour_of
from signer.workflows.desk.inbox import count_waiting
from signer.workflows.operations.findings import Finding
from signer.workflows.operations.readiness import examine

WAITING = {
    NoteKind.QUESTION: ("question to answer", "questions to answer"),
    NoteKind.DECLINE: ("parent does not agree", "parents do not agree"),
    NoteKind.NOT_ME: ("address is said to be wrong", "addresses are said to be wrong"),
    NoteKind.PAPER: ("parent wants a paper form", "parents want a paper form"),
}
"""What waits, for one and for several."""

MOST_DAYS = 92
"""How many days are drawn at most: those before are in the first of them."""


@dataclass(frozen=True, slots=True)
class Day:
    """How many had signed by the end of a day.

    Attributes:
        day: by the school's time.
        signed: how many signed on it.
        in_all: how many had signed by its end.
    """

    day: date
    signed: int
    in_all: int


@dataclass(frozen=True, slots=True)
class YearGroup:
    """The parents of one year group's children; one with two children is in two.

    Attributes:
        name: of the year group.
        asked: how many requests have not been withdrawn.
        signed: how many of them are signed.
    """

    name: str
    asked: int
    signed: int


@dataclass(frozen=True, slots=True)
class Today:
    """What needs somebody, and how the campaign goes.

    Attributes:
        findings: what is wrong with the service, the worst first.
        waiting: how many messages of parents wait for an answer, by kind.
        due: what is to be done by a day, or before something else goes on.
        standing: the newest campaign, counted, and who is in none.
        days: the newest campaign by day, from its first mail on.
        year_groups: the same by year group.
        checklist: what must be so before the first parent is asked; None once one was,
            and in the demonstration.
    """

    findings: tuple[Finding, ...]
    waiting: Mapping[NoteKind, int]
    due: tuple[Due, ...]
    standing: Standing
    days: tuple[Day, ...]
    year_groups: tuple[YearGroup, ...]
    checklist: Checklist | None = None

    @property
    def campaign(self) -> Campaign | None:
        """The newest campaign, if parents were ever asked."""
        return self.standing.campaigns[0] if self.standing.campaigns else None

    @property
    def asked(self) -> int:
        """How many parents of the newest campaign are to sign, or have."""
        campaign = self.campaign
        if campaign is None:
            return 0
        return campaign.asked - campaign.withdrawn - campaign.need_not_sign


def look_at_today(context: AppContext) -> Today:
    """Return what the first page shows; it changes nothing."""
    standing = count_status(context, newest_only=True)
    days: tuple[Day, ...] = ()
    year_groups: tuple[YearGroup, ...] = ()
    waiting: Mapping[NoteKind, int] = {}
    if standing.campaigns:
        number = standing.campaigns[0].version
        with context.sessions.reading() as session:
            waiting = count_waiting(session)
            days = _by_day(session, number)
            year_groups = _by_year_group(session, number)
    due = look_at_due(context, standing)
    findings = examine(context)
    checklist = None
    if not (standing.campaigns or context.settings.demo):
        checklist = look_at_checklist(context, findings)
    return Today(findings, waiting, due, standing, days, year_groups, checklist)


def _by_day(session: Session, number: int) -> tuple[Day, ...]:
    """How many signed a version on each day since parents were first asked."""
    asked = select(func.min(Request.asked_at)).where(Request.version_number == number)
    first_asked = session.scalar(asked)
    if first_asked is None:
        return ()
    hour = hour_of(session, Request.closed_at)
    rows = session.execute(
        select(hour, func.count())
        .where(Request.version_number == number, Request.status == Status.SIGNED)
        .group_by(hour)
    )
    today = school_date(clock.now())
    first = max(school_date(first_asked), today - timedelta(days=MOST_DAYS - 1))
    counts: Counter[date] = Counter()
    for text, count in rows:
        counts[max(day_of_hour(text), first)] += count
    days, in_all, day = [], 0, first
    while day <= max([today, *counts]):
        in_all += counts[day]
        days.append(Day(day, counts[day], in_all))
        day += timedelta(days=1)
    return tuple(days)


def _by_year_group(session: Session, number: int) -> tuple[YearGroup, ...]:
    rows = session.execute(
        select(Child.year_group, Request.status, func.count(func.distinct(Request.id)))
        .join(Relationship, Relationship.child_id == Child.id)
        .join(Request, Request.parent_id == Relationship.parent_id)
        .where(
            Request.version_number == number,
            Request.status != Status.WITHDRAWN,
        )
        .group_by(Child.year_group, Request.status)
    )
    asked: Counter[tuple[int, str]] = Counter()
    signed: Counter[tuple[int, str]] = Counter()
    names: defaultdict[tuple[int, str], str] = defaultdict(str)
    for written, status, count in rows:
        key = year_group_key(written)
        names[key] = names[key] or written
        asked[key] += count
        signed[key] += count if status is Status.SIGNED else 0
    return tuple(
        YearGroup(names[key], asked[key], signed[key]) for key in sorted(asked)
    )
