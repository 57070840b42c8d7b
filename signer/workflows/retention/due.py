"""Whose data is to be deleted, of which kind, and on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from signer.config import Settings
from signer.school_calendar import school_date
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

_LEFT = select(Parent.id, Parent.left_at)

_Counts = dict[DataKind, dict[int, int]]


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


def expiries(session: Session, settings: Settings) -> list[Expiry]:
    """All data of parents whose last child has left, the first to be deleted first.

    Args:
        session: a transaction.
        settings: with the periods.
    """
    counts = _count_records(session)
    held = set(session.scalars(select(RetentionHold.parent_id)))
    years = periods(settings)
    parents = {
        parent.id: parent
        for parent in session.scalars(select(Parent).where(Parent.left_at.is_not(None)))
    }
    result = []
    for parent_id, left_at in _last_leavings(session).items():
        parent = parents[parent_id]
        left_on = school_date(left_at)
        due = {
            kind: years_after(left_on, years[kind])
            for kind in DataKind
            if kind is DataKind.PARENTS or counts[kind].get(parent_id)
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
                parent.name,
                parent.email,
                counts[kind].get(parent_id, 1),
                left_on,
                due_on,
                held=parent_id in held,
            )
            for kind, due_on in due.items()
        ]
    order = list(DataKind)
    return sorted(
        result, key=lambda it: (it.due_on, it.name, it.parent_id, order.index(it.kind))
    )


def _last_leavings(session: Session) -> Mapping[int, datetime]:
    """When the last child of each parent left; nothing of parents with one there.

    A child is there while any parent of theirs is in the register: one who left the
    register earlier, such as after a separation, is counted from the child's leaving. A
    child is known by name alone, since the year group changes, so of two with one name
    the one who leaves last counts.
    """
    left_at = {row.id: row.left_at for row in session.execute(_LEFT)}
    children: dict[str, set[int]] = defaultdict(set)
    names: dict[int, set[str]] = defaultdict(set)
    related = select(Relationship.parent_id, Child.name_key).join(
        Child, Child.id == Relationship.child_id
    )
    for parent_id, name_key in session.execute(related):
        children[name_key].add(parent_id)
        names[parent_id].add(name_key)
    leavings = {}
    for parent_id in left_at:
        family = {parent_id}.union(*(children[name] for name in names[parent_id]))
        moments = [left_at[member] for member in family]
        known = [moment for moment in moments if moment is not None]
        if len(known) == len(moments):
            leavings[parent_id] = max(known)
    return leavings


def _count_records(session: Session) -> _Counts:
    """How many records of each kind there are of each parent."""
    replies = _by_parent(
        select(Request.parent_id, func.count())
        .join(Outbox, Outbox.request_id == Request.id)
        .where(Outbox.reply.is_not(None))
    )
    bounces = _by_parent(
        select(Request.parent_id, func.count())
        .join(Outbox, Outbox.request_id == Request.id)
        .join(Bounce, Bounce.outbox_id == Outbox.id)
    )
    requests = select(Request.parent_id, func.count())
    queries = {
        DataKind.NOTES: _by_parent(
            select(Request.parent_id, func.count()).join(
                Note, Note.request_id == Request.id
            )
        ),
        DataKind.UNSIGNED: _by_parent(requests.where(Request.status != Status.SIGNED)),
        DataKind.DECLARATIONS: _by_parent(
            requests.where(Request.status == Status.SIGNED)
        ),
    }
    counts: _Counts = {
        kind: _numbers(session, query) for kind, query in queries.items()
    }
    noted = select(ParentNote.parent_id, func.count()).group_by(ParentNote.parent_id)
    for parent_id, count in _numbers(session, noted).items():
        told = counts[DataKind.NOTES]
        told[parent_id] = told.get(parent_id, 0) + count
    counts[DataKind.PARENTS] = {}
    replied, returned = _numbers(session, replies), _numbers(session, bounces)
    counts[DataKind.REPLIES] = {
        parent_id: replied.get(parent_id, 0) + returned.get(parent_id, 0)
        for parent_id in replied.keys() | returned.keys()
    }
    return counts


def _numbers(session: Session, query: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _by_parent(query: Select[int, int]) -> Select[int, int]:
    return (
        query.join(Parent, Parent.id == Request.parent_id)
        .where(Parent.left_at.is_not(None))
        .group_by(Request.parent_id)
    )
