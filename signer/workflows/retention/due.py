"""Whose data is to be deleted, of which kind, and on which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from signer.config import Settings
from signer.school_calendar import end_of, school_date
from signer.store.columns import Status
from signer.store.register.tables import ParentNote
from signer.store.retention import RetentionHold
from signer.store.tables import (
    Bounce,
    Child,
    Note,
    Outbox,
    Parent,
    Relationship,
    Request,
)
from signer.workflows.retention.rules import DataKind, periods, years_after

_FEW = 5_000
"""How many parents are named to the database one by one."""

_LONG_AGO = 1900
"""A year before anybody left."""

_Counts = Mapping[DataKind, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Expiry:
    """Data of one kind, of one parent who has left, and when its time is over.

    Attributes:
        kind: what it is.
        parent_id: whose; the row's id.
        name: the parent's name.
        email: the parent's address.
        records: how many records there are.
        left_on: the day at the school on which the last child left.
        due_on: the first day on which it is to be deleted.
        held: whether it is kept past that day, until somebody ends the hold.
    """

    kind: DataKind
    parent_id: int
    name: str
    email: str
    records: int
    left_on: date
    due_on: date
    held: bool


def expiries(
    session: Session, settings: Settings, until: date | None = None
) -> list[Expiry]:
    """All data of parents whose last child has left, the first to be deleted first.

    Args:
        session: a transaction.
        settings: with the periods.
        until: only what is to be deleted on this day or before; None for all.
    """
    years = periods(settings)
    # Who leaves after that has nothing of the kind that is over by then.
    last = {
        kind: None if until is None else _about_years_before(until, years[kind])
        for kind in DataKind
    }
    counts = _count_records(session, last)
    meant = None if until is None else _perhaps_due(session, counts, last)
    held = set(session.scalars(select(RetentionHold.parent_id)))
    days: dict[date, dict[DataKind, date]] = {}
    result = []
    for parent_id, name, email, left_at in _last_leavings(session, meant):
        left_on = school_date(left_at)
        if left_on not in days:
            days[left_on] = {kind: years_after(left_on, years[kind]) for kind in years}
        due = {
            kind: day
            for kind, day in days[left_on].items()
            if kind is DataKind.PARENTS or parent_id in counts[kind]
        }
        # The row of a parent stays for as long as a request refers to it.
        due[DataKind.PARENTS] = max(
            due[kind]
            for kind in (DataKind.UNSIGNED, DataKind.DECLARATIONS, DataKind.PARENTS)
            if kind in due
        )
        result += [
            Expiry(
                kind,
                parent_id,
                name,
                email,
                counts[kind].get(parent_id, 1),
                left_on,
                due_on,
                held=parent_id in held,
            )
            for kind, due_on in due.items()
            if until is None or due_on <= until
        ]
    order = {kind: place for place, kind in enumerate(DataKind)}
    return sorted(
        result, key=lambda it: (it.due_on, it.name, it.parent_id, order[it.kind])
    )


def _about_years_before(day: date, years: int) -> datetime:
    """A moment, not long after the last leaving of which years are over by a day."""
    first_day = day.replace(year=max(day.year - years, _LONG_AGO), day=1)
    return end_of(first_day + timedelta(days=day.day + 1))


def _perhaps_due(
    session: Session, counts: _Counts, last: Mapping[DataKind, datetime | None]
) -> set[int]:
    """Those who left of whom anything may be over: hardly any of them, most days.

    Not who has declarations alone, and left too lately for those: the parent's own
    row waits for them.
    """
    waits = counts[DataKind.DECLARATIONS]
    some = {*counts[DataKind.REPLIES], *counts[DataKind.NOTES]}
    if unsigned := counts[DataKind.UNSIGNED]:
        left = session.scalars(_left(last[DataKind.UNSIGNED]))
        some.update(unsigned.keys() & set(left))
    long_ago = session.scalars(_left(last[DataKind.DECLARATIONS])).all()
    lately = session.scalars(_left(max(filter(None, last.values())))).all()
    return some.union(long_ago, (one for one in lately if not waits.get(one)))


def _left(last: datetime | None) -> Select[int]:
    """Who left; until a moment, where there is one."""
    left = select(Parent.id).where(Parent.left_at.is_not(None))
    return left if last is None else left.where(Parent.left_at <= last)


def _last_leavings(
    session: Session, meant: Collection[int] | None
) -> Iterator[tuple[int, str, str, datetime]]:
    """When the last child of each parent left, after the parent's id, name and address.

    Nothing of parents with a child there. A child is there while any parent of theirs
    is in the register: one who left the register earlier, such as after a separation,
    is counted from the child's leaving. A child is known by name alone, since the year
    group changes, so of two with one name the one who leaves last counts.

    Args:
        session: a transaction.
        meant: of whom it is asked; None for everybody.
    """
    own, others = aliased(Relationship), aliased(Relationship)
    child, same_name, member = aliased(Child), aliased(Child), aliased(Parent)
    is_there = case((member.id.is_not(None) & member.left_at.is_(None), 1))
    query = (
        select(
            Parent.id,
            Parent.name,
            Parent.email,
            Parent.left_at,
            func.max(member.left_at),
        )
        .outerjoin(own, own.parent_id == Parent.id)
        .outerjoin(child, child.id == own.child_id)
        .outerjoin(same_name, same_name.name_key == child.name_key)
        .outerjoin(others, others.child_id == same_name.id)
        .outerjoin(member, member.id == others.parent_id)
        .where(Parent.left_at.is_not(None))
        .group_by(Parent.id, Parent.name, Parent.email, Parent.left_at)
        .having(func.count(is_there) == 0)
    )
    if meant is not None and len(meant) <= _FEW:
        query = query.where(Parent.id.in_(meant))
    for parent_id, name, email, left_at, last in session.execute(query):
        if left_at is not None and (meant is None or parent_id in meant):
            yield parent_id, name, email, left_at if last is None else last


def _count_records(
    session: Session, last: Mapping[DataKind, datetime | None]
) -> _Counts:
    """How many records of each kind there are of each parent who has left.

    Args:
        session: a transaction.
        last: of each kind, the last moment at which whoever is meant has left; None
            for any. Requests are counted of all.
    """
    replies, notes = _left(last[DataKind.REPLIES]), _left(last[DataKind.NOTES])
    mails = (
        select(Request.parent_id, func.count())
        .join(Outbox, Outbox.request_id == Request.id)
        .where(Request.parent_id.in_(replies))
        .group_by(Request.parent_id)
    )
    replied = _numbers(session, mails.where(Outbox.reply.is_not(None)))
    returned = _numbers(session, mails.join(Bounce, Bounce.outbox_id == Outbox.id))
    told = _numbers(
        session,
        select(Request.parent_id, func.count())
        .join(Note, Note.request_id == Request.id)
        .where(Request.parent_id.in_(notes))
        .group_by(Request.parent_id),
    )
    noted = _numbers(
        session,
        select(ParentNote.parent_id, func.count())
        .where(ParentNote.parent_id.in_(notes))
        .group_by(ParentNote.parent_id),
    )
    signed: dict[int, int] = {}
    unsigned: dict[int, int] = {}
    for parent_id, count, of_these in session.execute(
        select(
            Request.parent_id,
            func.count(),
            func.count(case((Request.status == Status.SIGNED, 1))),
        )
        .where(Request.parent_id.in_(_left(None)))
        .group_by(Request.parent_id)
    ):
        if of_these:
            signed[parent_id] = of_these
        if count > of_these:
            unsigned[parent_id] = count - of_these
    return {
        DataKind.REPLIES: Counter(replied) + Counter(returned),
        DataKind.NOTES: Counter(told) + Counter(noted),
        DataKind.UNSIGNED: unsigned,
        DataKind.DECLARATIONS: signed,
        DataKind.PARENTS: {},
    }


def _numbers(session: Session, query: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}
