"""A school year in figures: who was covered when, by what, and what parents said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from signer import clock
from signer.policy.reviews import Review, read_reviews
from signer.policy.versions import Version
from signer.school_calendar import (
    end_of,
    last_day_of_school_year,
    school_date,
    school_year_from,
)
from signer.store.columns import NoteKind, SignedHow, Status
from signer.store.desk.inbox import NoteAnswer
from signer.store.exemption.tables import Exemption
from signer.store.paper.tables import Paper
from signer.store.tables import (
    Child,
    Membership,
    Note,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
)
from signer.workflows.campaigns.selection import request_for, year_group_key
from signer.workflows.context import AppContext, current_number
from signer.workflows.desk.inbox import waits_for_office
from signer.workflows.record.answers import Answers, count_answers
from signer.workflows.record.coverage_by_day import CoveredDay, coverage_by_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VersionOfYear:
    """A version that was in force in the year, or was released in it.

    Attributes:
        version: its text, with its dates, and who approved it.
        asked_at: when parents were first asked to sign it; None before that.
        campaign: what parents answered until now; None before that.
    """

    version: Version
    asked_at: datetime | None
    campaign: Answers | None


@dataclass(frozen=True, slots=True)
class Told:
    """What parents told the office, of one kind.

    Attributes:
        kind: of what.
        received: how many messages came in the year.
        answered: how many of them were answered by mail from the desk.
        signed: of how many the parent has signed that version.
        waiting: how many still wait for the office.
    """

    kind: NoteKind
    received: int
    answered: int
    signed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What went another way.

    Attributes:
        exempted: how many parents were said to need not sign, in the year.
        exemptions_ended: how many of such were ended in it.
        exempt: how many held at its end, or hold now.
        papers: how many papers were recorded in it.
        papers_undone: how many records of papers were undone in it.
    """

    exempted: int
    exemptions_ended: int
    exempt: int
    papers: int
    papers_undone: int


@dataclass(frozen=True, slots=True)
class GroupCovered:
    """The parents of one year group's children; one with two children is in two.

    Attributes:
        name: of the year group.
        parents: how many are in the register.
        covered: how many of them have signed the version in force.
    """

    name: str
    parents: int
    covered: int


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school year.

    Attributes:
        first: the first of September.
        last: the last of August.
        until: the last day that is told of: the last one, or today.
        days: who was covered on each day, from the first on which anybody was in the
            register.
        months: those of them with which a month ends, and the last one.
        versions: what was in force in it, or was released in it, ascending.
        reviews: reviews in it that changed nothing.
        told: what parents told the office in it, by kind.
        exceptions: what went another way.
        year_groups: who is covered today; None of a year that has ended.
    """

    first: date
    last: date
    until: date
    days: tuple[CoveredDay, ...]
    months: tuple[CoveredDay, ...]
    versions: tuple[VersionOfYear, ...]
    reviews: tuple[Review, ...]
    told: tuple[Told, ...]
    exceptions: Exceptions
    year_groups: tuple[GroupCovered, ...] | None

    @property
    def words(self) -> str:
        """What it is called: ``2026/27``."""
        return year_words(self.first)

    @property
    def has_ended(self) -> bool:
        """Whether all of it is told."""
        return self.until == self.last


def year_words(first: date) -> str:
    """What a school year is called: ``2026/27``."""
    return f"{first.year}/{(first.year + 1) % 100:02}"


def school_years(context: AppContext) -> tuple[date, ...]:
    """Return the first day of each school year since there was a register.

    The newest comes first, which is the present one.
    """
    now = school_year_from(school_date(clock.now()))
    with context.sessions.reading() as session:
        joined = session.scalar(select(func.min(Membership.joined_at)))
    first = school_year_from(school_date(joined)) if joined else now
    years = range(now.year, min(first, now).year - 1, -1)
    return tuple(now.replace(year=year) for year in years)


def look_at_year(context: AppContext, first: date) -> SchoolYear:
    """Return a school year in figures; changes nothing.

    How many queries that takes does not depend on how many parents there are.

    Args:
        context: the context.
        first: the first of September with which it begins; today or before.

    Raises:
        VersionFileError: the record of reviews cannot be read.
        VersionTampered: a version's file is not what parents were asked to sign.
    """
    last, today = last_day_of_school_year(first), school_date(clock.now())
    until = min(last, today)
    reviews = read_reviews(context.settings.versions_dir)
    with context.sessions.reading() as session:
        days = _days(session, first, until)
        covered = coverage_by_day(session, days)
        return SchoolYear(
            first,
            last,
            until,
            covered,
            tuple(one for one in covered if _ends_month(one.day, until)),
            _versions(context, session, first, until),
            tuple(one for one in reviews if _is_in(one.reviewed, first, last)),
            _told(session, first, until),
            _exceptions(session, first, until),
            _by_year_group(session) if until == today else None,
        )


def _days(session: Session, first: date, until: date) -> list[date]:
    joined = session.scalar(select(func.min(Membership.joined_at)))
    if joined is None:
        return []
    start = max(first, school_date(joined))
    return [start + place * _DAY for place in range((until - start).days + 1)]


def _ends_month(day: date, until: date) -> bool:
    return day == until or (day + _DAY).day == 1


def _is_in(written: str, first: date, last: date) -> bool:
    """Whether a day or a month, as releases have them, is in a year."""
    size = len(written)
    return first.isoformat()[:size] <= written <= last.isoformat()[:size]


def _versions(
    context: AppContext,
    session: Session,
    first: date,
    until: date,
) -> tuple[VersionOfYear, ...]:
    pinned = session.execute(
        select(
            PinnedVersion.number, PinnedVersion.sha256, PinnedVersion.pinned_at
        ).order_by(PinnedVersion.number)
    ).all()
    before = [number for number, _, at in pinned if school_date(at) <= first]
    asked = {number: at for number, _, at in pinned}
    versions = {number: context.version(number, sha256) for number, sha256, _ in pinned}
    versions |= {one.number: one for one in context.versions}
    told = {
        number: version
        for number, version in sorted(versions.items())
        if (number in asked and first <= school_date(asked[number]) <= until)
        or number in before[-1:]
        or _is_in(version.released, first, until)
    }
    answers = {one.version: one for one in count_answers(session, told)}
    return tuple(
        VersionOfYear(version, asked.get(number), answers.get(number))
        for number, version in told.items()
    )


def _within(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    first: date,
    until: date,
) -> ColumnElement[bool]:
    return (moment > end_of(first - _DAY)) & (moment <= end_of(until))


def _told(session: Session, first: date, until: date) -> tuple[Told, ...]:
    answered = select(NoteAnswer.id).where(NoteAnswer.note_id == Note.id).exists()
    conditions = (answered, Request.status == Status.SIGNED, waits_for_office())
    rows = session.execute(
        select(
            Note.kind,
            func.count(),
            *(func.sum(case((one, 1), else_=0)) for one in conditions),
        )
        .join(Request, Request.id == Note.request_id)
        .where(_within(Note.written_at, first, until))
        .group_by(Note.kind)
    )
    found = {kind: Told(kind, *map(int, counts)) for kind, *counts in rows}
    return tuple(found.get(kind, Told(kind, 0, 0, 0, 0)) for kind in NoteKind)


def _exceptions(session: Session, first: date, until: date) -> Exceptions:
    made, ended, holds = _count(
        session,
        Exemption.id,
        _within(Exemption.made_at, first, until),
        _within(Exemption.ended_at, first, until),
        (Exemption.made_at <= end_of(until))
        & (Exemption.ended_at.is_(None) | (Exemption.ended_at > end_of(until))),
    )
    recorded, undone = _count(
        session,
        Paper.id,
        _within(Paper.recorded_at, first, until),
        _within(Paper.undone_at, first, until),
    )
    # A release of before recorded no paper of its own.
    kept = select(Paper.id).where(Paper.request_id == Request.id).exists()
    earlier = session.scalar(
        select(func.count()).where(
            # In the order of an index: few are signed on paper.
            Request.version_number.in_(select(PinnedVersion.number)),
            Request.status == Status.SIGNED,
            Request.signed_how == SignedHow.PAPER,
            _within(Request.closed_at, first, until),
            ~kept,
        )
    )
    return Exceptions(made, ended, holds, recorded + (earlier or 0), undone)


def _count(
    session: Session,
    row: InstrumentedAttribute[int],
    *conditions: ColumnElement[bool],
) -> Sequence[int]:
    """How many rows of a table each condition holds of."""
    # Of no row at all there is no sum.
    counted = (func.count(case((one, row))) for one in conditions)
    return session.execute(select(*counted)).one()


def _by_year_group(session: Session) -> tuple[GroupCovered, ...]:
    number = current_number(session)
    rows = session.execute(
        select(
            Child.year_group,
            func.count(Parent.id.distinct()),
            func.count(case((Request.status == Status.SIGNED, Parent.id)).distinct()),
        )
        .join(Relationship, Relationship.child_id == Child.id)
        .join(Parent, Parent.id == Relationship.parent_id)
        .outerjoin(Request, request_for(number))
        .where(Parent.left_at.is_(None))
        .group_by(Child.year_group)
    )
    parents, covered = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    names: defaultdict[tuple[int, str], str] = defaultdict(str)
    for written, count, signed in rows:
        key = year_group_key(written)
        names[key] = names[key] or written
        parents[key] += count
        covered[key] += signed
    return tuple(
        GroupCovered(names[key], parents[key], covered[key]) for key in sorted(parents)
    )
