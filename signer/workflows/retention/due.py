"""Whose data is to be deleted, of which kind, and on which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    func,
    literal,
    or_,
    select,
    union_all,
)
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

_DAY = timedelta(days=1)

_LONG_AGO = date(1900, 1, 1)
"""A day before anybody left."""

_FAMILY = (
    aliased(Relationship),
    aliased(Child),
    aliased(Child),
    aliased(Relationship),
    aliased(Parent),
)
"""From a parent to all who have a child of one name: the last of them."""

_Records = Select[str, int, int]
_AllRecords = CompoundSelect[str, int, int]

_ROW_WAITS_FOR = (DataKind.UNSIGNED, DataKind.DECLARATIONS)
"""What refers to a parent's row, which is kept for as long."""


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
    records: Mapping[str, Counter[int]] = {kind: Counter() for kind in DataKind}
    for kind, parent_id, number in session.execute(_records_due(settings, until)):
        records[kind][parent_id] += number
    years = periods(settings)
    held = set(session.scalars(select(RetentionHold.parent_id)))
    days: dict[datetime, tuple[date, dict[DataKind, date]]] = {}
    result = []
    meant = {parent_id for counts in records.values() for parent_id in counts}
    for parent_id, name, email, left_at in _last_leavings(session, meant):
        # Most leave at the end of a school year, in one import.
        if left_at not in days:
            on = school_date(left_at)
            days[left_at] = on, {kind: years_after(on, years[kind]) for kind in years}
        left_on, ends = days[left_at]
        due = {kind: day for kind, day in ends.items() if parent_id in records[kind]}
        if own := due.get(DataKind.PARENTS):
            waits = [due[kind] for kind in _ROW_WAITS_FOR if kind in due]
            due[DataKind.PARENTS] = max([own, *waits])
        result += [
            Expiry(
                kind,
                parent_id,
                name,
                email,
                records[kind][parent_id],
                left_on,
                due_on,
                held=parent_id in held,
            )
            for kind, due_on in due.items()
        ]
    order = {kind: place for place, kind in enumerate(DataKind)}
    return sorted(
        result, key=lambda it: (it.due_on, it.name, it.parent_id, order[it.kind])
    )


def count_due(session: Session, settings: Settings, until: date) -> Counter[DataKind]:
    """Count what `expiries` lists up to a day and nobody holds.

    Args:
        session: a transaction.
        settings: with the periods.
        until: the last day that is meant.

    Returns:
        How many records there are of each kind that has any.
    """
    due = _records_due(settings, until).subquery()
    counts = (
        select(due.c.kind, func.sum(due.c.records))
        .where(due.c.parent_id.not_in(select(RetentionHold.parent_id)))
        .group_by(due.c.kind)
    )
    return Counter(
        {DataKind(kind): int(number) for kind, number in session.execute(counts)}
    )


def _records_due(settings: Settings, until: date | None) -> _AllRecords:
    """Kind, parent and number of records of what is to be deleted up to a day.

    The replies and the notes of one parent may be told in two rows.
    """
    years = periods(settings)
    days = {kind: _last_day(until, years[kind]) for kind in DataKind}
    # Most periods are one year: who was gone by then is looked for once.
    gone_by = {day: _gone_by(day) for day in set(days.values())}
    gone = {kind: gone_by[day].c.id for kind, day in days.items()}
    signed = Request.status == Status.SIGNED

    def of_requests(kind: DataKind) -> _Records:
        return select(
            literal(kind.value).label("kind"),
            Request.parent_id.label("parent_id"),
            func.count().label("records"),
        ).group_by(Request.parent_id)

    def of_gone(kind: DataKind) -> _Records:
        return of_requests(kind).where(Request.parent_id.in_(select(gone[kind])))

    def of_few(kind: DataKind) -> _Records:
        """The same, beginning with what there is little of instead of the parents."""
        return of_requests(kind).where((Request.parent_id + 0).in_(select(gone[kind])))

    of_staff = (
        select(literal(DataKind.NOTES.value), ParentNote.parent_id, func.count())
        .where(ParentNote.parent_id.in_(select(gone[DataKind.NOTES])))
        .group_by(ParentNote.parent_id)
    )
    row = gone[DataKind.PARENTS]
    rows = select(literal(DataKind.PARENTS.value), row, literal(1))
    for kind, meant in ((DataKind.UNSIGNED, ~signed), (DataKind.DECLARATIONS, signed)):
        if years[kind] > years[DataKind.PARENTS]:
            waits = select(Request.id).where(meant, Request.parent_id == row).exists()
            rows = rows.where(or_(row.in_(select(gone[kind])), ~waits))
    return union_all(
        of_gone(DataKind.REPLIES)
        .join(Outbox, Outbox.request_id == Request.id)
        .where(Outbox.reply.is_not(None)),
        of_few(DataKind.REPLIES)
        .join(Outbox, Outbox.request_id == Request.id)
        .join(Bounce, Bounce.outbox_id == Outbox.id),
        of_few(DataKind.NOTES).join(Note, Note.request_id == Request.id),
        of_staff,
        of_gone(DataKind.UNSIGNED).where(~signed),
        of_gone(DataKind.DECLARATIONS).where(signed),
        rows,
    )


def _last_day(until: date | None, years: int) -> date | None:
    """The last day of which years are over by another day; None where that is any."""
    if until is None or until == date.max:
        return None
    if until.year - years < _LONG_AGO.year:
        return _LONG_AGO
    day = years_after(until, -years)
    # From a 29th of February they are over on a 28th.
    return day + _DAY if years_after(day + _DAY, years) <= until else day


def _gone_by(day: date | None) -> CTE:
    """The parents whose last child had left by the end of a day; None for any day.

    Nobody with a child there. A child is there while any parent of theirs is in the
    register: one who left the register earlier, such as after a separation, is counted
    from the child's leaving. A child is known by name alone, since the year group
    changes, so of two with one name the one who leaves last counts.
    """
    own, child, same_name, others, member = _FAMILY
    stays: ColumnElement[bool] = member.left_at.is_(None)
    left: ColumnElement[bool] = Parent.left_at.is_not(None)
    if day is not None:
        stays = or_(stays, member.left_at > end_of(day))
        left = Parent.left_at <= end_of(day)
    with_somebody = (
        select(own.child_id)
        .join(child, child.id == own.child_id)
        .join(same_name, same_name.name_key == child.name_key)
        .join(others, others.child_id == same_name.id)
        .join(member, member.id == others.parent_id)
        .where(own.parent_id == Parent.id, stays)
        .correlate(Parent)
    )
    return select(Parent.id).where(left, ~with_somebody.exists()).cte()


def _last_leavings(
    session: Session, meant: Collection[int]
) -> Iterator[tuple[int, str, str, datetime]]:
    """When the last child of each of some parents left, after id, name and address."""
    own, child, same_name, others, member = _FAMILY
    query = (
        select(
            Parent.id,
            Parent.name,
            Parent.email,
            func.coalesce(func.max(member.left_at), Parent.left_at),
        )
        .outerjoin(own, own.parent_id == Parent.id)
        .outerjoin(child, child.id == own.child_id)
        .outerjoin(same_name, same_name.name_key == child.name_key)
        .outerjoin(others, others.child_id == same_name.id)
        .outerjoin(member, member.id == others.parent_id)
        .where(Parent.left_at.is_not(None))
        .group_by(Parent.id, Parent.name, Parent.email, Parent.left_at)
    )
    if len(meant) <= _FEW:
        query = query.where(Parent.id.in_(meant))
    for parent_id, name, email, left_at in session.execute(query):
        if left_at is not None and parent_id in meant:
            yield parent_id, name, email, left_at
