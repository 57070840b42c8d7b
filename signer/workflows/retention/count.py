"""How many records are to be deleted up to a day: counted where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from signer.config import Settings
from signer.school_calendar import end_of
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

_DAY = timedelta(days=1)

_LONG_AGO = date(1900, 1, 1)
"""A day before anybody left."""


def count_due(session: Session, settings: Settings, until: date) -> Counter[DataKind]:
    """Count what `expiries` lists up to a day and nobody holds, one kind after another.

    Args:
        session: a transaction.
        settings: with the periods.
        until: the last day that is meant; before the last year that calendars have.

    Returns:
        How many records there are of each kind that has any.
    """
    years = periods(settings)
    days = {kind: _last_day(until, years[kind]) for kind in DataKind}
    counts = Counter(
        {
            DataKind.REPLIES: session.scalar(_returned(days[DataKind.REPLIES])) or 0,
            DataKind.NOTES: session.scalar(_told(days[DataKind.NOTES])) or 0,
        }
    )
    columns = {
        DataKind.REPLIES: _replies(),
        DataKind.NOTES: _noted(),
        DataKind.UNSIGNED: _requests(_UNSIGNED),
        DataKind.DECLARATIONS: _requests(~_UNSIGNED),
        DataKind.PARENTS: _is_last(days),
    }
    # Most periods are one year: who was gone by then is looked for once.
    for day in set(days.values()):
        kinds = [kind for kind in columns if days[kind] == day]
        sums = (func.sum(columns[kind]) for kind in kinds)
        found = session.execute(select(*sums).where(_gone_by(day))).one()
        for kind, count in zip(kinds, found, strict=True):
            # Of nobody at all there is no sum.
            counts[kind] += int(count or 0)
    return +counts


def _last_day(until: date, years: int) -> date:
    """The last day of which years are over by another day."""
    if until.year - years < _LONG_AGO.year:
        return _LONG_AGO
    day = years_after(until, -years)
    # From a 29th of February they are over on a 28th.
    return day + _DAY if years_after(day + _DAY, years) <= until else day


_UNSIGNED = Request.status != Status.SIGNED


def _gone_by(day: date) -> ColumnElement[bool]:
    """Whether a parent's last child had left by the end of a day, and nobody holds it.

    `_last_leavings` of `signer.workflows.retention.due` says who that is.
    """
    moment = end_of(day)
    own, others = aliased(Relationship), aliased(Relationship)
    child, same_name, member = aliased(Child), aliased(Child), aliased(Parent)
    is_later = (
        select(own.child_id)
        .join(child, child.id == own.child_id)
        .join(same_name, same_name.name_key == child.name_key)
        .join(others, others.child_id == same_name.id)
        .join(member, member.id == others.parent_id)
        .where(
            own.parent_id == Parent.id,
            or_(member.left_at.is_(None), member.left_at > moment),
        )
        .correlate(Parent)
        .exists()
    )
    held = select(RetentionHold.parent_id)
    return and_(Parent.left_at <= moment, Parent.id.not_in(held), ~is_later)


def _returned(day: date) -> Select[int]:
    """How many mails came back from parents who were gone."""
    return (
        select(func.count(Bounce.id))
        .join(Outbox, Outbox.id == Bounce.outbox_id)
        .join(Request, Request.id == Outbox.request_id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(_gone_by(day))
    )


def _told(day: date) -> Select[int]:
    """How many notes there are of parents who were gone."""
    return (
        select(func.count(Note.id))
        .join(Request, Request.id == Note.request_id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(_gone_by(day))
    )


def _noted() -> ScalarSelect[int]:
    """How many notes of staff there are about a parent."""
    return (
        select(func.count(ParentNote.id))
        .where(ParentNote.parent_id == Parent.id)
        .correlate(Parent)
        .scalar_subquery()
    )


def _requests(meant: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many requests a parent has."""
    return (
        select(func.count(Request.id))
        .where(Request.parent_id == Parent.id, meant)
        .correlate(Parent)
        .scalar_subquery()
    )


def _replies() -> ScalarSelect[int]:
    """How many mails to a parent the mail server replied to."""
    return (
        select(func.count(Outbox.reply))
        .join(Request, Request.id == Outbox.request_id)
        .where(Request.parent_id == Parent.id)
        .correlate(Parent)
        .scalar_subquery()
    )


def _is_last(days: Mapping[DataKind, date]) -> ColumnElement[int]:
    """One where no request is kept for longer than the parent's row; else none."""
    waits = [
        and_(_requests(of_kind) > 0, ~_gone_by(days[kind]))
        for kind, of_kind in (
            (DataKind.UNSIGNED, _UNSIGNED),
            (DataKind.DECLARATIONS, ~_UNSIGNED),
        )
        if days[kind] < days[DataKind.PARENTS]
    ]
    return case((or_(false(), *waits), 0), else_=1)
