"""Who was covered by which text at a moment of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from signer.school_calendar import school_date
from signer.store.columns import SignedHow, Status
from signer.store.paper.tables import Paper
from signer.store.tables import Declaration, Membership, Parent, PinnedVersion, Request
from signer.workflows.context import AppContext


@dataclass(frozen=True, slots=True)
class Coverage:
    """A parent who was in the register, and the text that they had signed last.

    Attributes:
        name: in the register.
        email: in the register.
        version: the newest version that they had signed, or None where none.
        label: its label, such as "August 2022".
        how: by link or on paper.
        signed_at: when.
        declaration_id: the declaration's reference, where signed by link.
        dated: the date on the paper, ``2026-11-20``, where signed on paper and known.
            It may be before the office recorded it, and covers from then on.
    """

    name: str
    email: str
    version: int | None
    label: str | None
    how: SignedHow | None
    signed_at: datetime | None
    declaration_id: str | None
    dated: str | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """Everybody who was in the register at a moment.

    Attributes:
        at: the moment.
        version: the version that parents were being asked to sign, or None.
        parents: by name.
    """

    at: datetime
    version: int | None
    parents: tuple[Coverage, ...]

    @property
    def covered(self) -> int:
        """How many had signed the version in force, or one that came after it."""
        return sum(
            self.version is not None
            and one.version is not None
            and one.version >= self.version
            for one in self.parents
        )


IS_SIGNED_BY_PAPER = and_(Paper.request_id == Request.id, Paper.undone_at.is_(None))
"""That a paper is the one by which a request is signed."""


def covered_at(context: AppContext, at: datetime) -> Covered:
    """Who was covered by which text; what happened in that second is counted in.

    Args:
        context: the context.
        at: the moment.
    """
    with context.sessions.reading() as session:
        people = _read(session, _coverages(at))
        return Covered(
            at, _version_at(session, at), tuple(coverage for _, coverage in people)
        )


def count_present(session: Session, at: datetime, *, meant: ColumnElement[bool]) -> int:
    """Count those who are meant of whom `covered_at` lists.

    Args:
        session: any transaction.
        at: the moment.
        meant: the condition that a parent is meant.
    """
    query = select(func.count(Parent.id)).where(_was_present(at), meant)
    return session.scalar(query) or 0


def covered_page(
    session: Session,
    at: datetime,
    *,
    meant: ColumnElement[bool],
    offset: int,
    limit: int,
) -> tuple[tuple[int, Coverage], ...]:
    """Return some of those whom `covered_at` lists, in its order: ids, and by what.

    Args:
        session: any transaction.
        at: the moment.
        meant: the condition that a parent is meant.
        offset: how many come before.
        limit: how many there are at most.
    """
    # The ids of one page first: what is told of each is read for those alone.
    ids = session.scalars(
        select(Parent.id)
        .where(_was_present(at), meant)
        .order_by(*_ORDER)
        .offset(offset)
        .limit(limit)
    ).all()
    return _read(session, _coverages(at, among=ids))


def count_covered(session: Session, at: datetime) -> tuple[int | None, int, int]:
    """Count what `covered_at` lists, without listing it.

    Args:
        session: any transaction.
        at: the moment.

    Returns:
        The version that parents were being asked to sign, how many parents were in the
        register, and how many of them had signed that one or one that came after it.
    """
    version = _version_at(session, at)
    signed = (
        select(Request.id)
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(
            Request.parent_id == Parent.id,
            Request.version_number >= (version or 0),
            _had_signed(at),
        )
        .exists()
    )
    parents, covered = session.execute(
        select(func.count(), func.count(case((signed, 1))))
        .select_from(Parent)
        .where(_was_present(at))
    ).one()
    return version, parents, 0 if version is None else covered


_Rows = Select[
    int, str, str, int, str, SignedHow | None, datetime | None, str, str | None
]

_ORDER = (Parent.name_key, Parent.email_key, Parent.id)


def _coverages(at: datetime, among: Sequence[int] | None = None) -> _Rows:
    """Return the query for a row of each parent who was in the register at a moment.

    Args:
        at: the moment.
        among: the ids of those who are meant; None for everybody.
    """
    signed = _last_signed(at, among)
    query = (
        select(
            Parent.id,
            Parent.name,
            Parent.email,
            Request.version_number,
            PinnedVersion.label,
            Request.signed_how,
            Request.closed_at,
            Declaration.id,
            Paper.signed_on,
        )
        .outerjoin(signed, signed.c.parent_id == Parent.id)
        .outerjoin(
            Request,
            and_(
                Request.parent_id == Parent.id,
                Request.version_number == signed.c.number,
            ),
        )
        .outerjoin(PinnedVersion, PinnedVersion.number == Request.version_number)
        .outerjoin(Declaration, Declaration.request_id == Request.id)
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(_was_present(at))
        .order_by(*_ORDER)
    )
    return query if among is None else query.where(Parent.id.in_(among))


def _read(session: Session, query: _Rows) -> tuple[tuple[int, Coverage], ...]:
    return tuple((row[0], Coverage(*row[1:])) for row in session.execute(query))


def _version_at(session: Session, at: datetime) -> int | None:
    return session.scalar(
        select(func.max(PinnedVersion.number)).where(PinnedVersion.pinned_at <= at)
    )


def _was_present(at: datetime) -> ColumnElement[bool]:
    return (
        select(Membership.id)
        .where(
            Membership.parent_id == Parent.id,
            Membership.joined_at <= at,
            or_(Membership.left_at.is_(None), Membership.left_at > at),
        )
        .exists()
    )


def _last_day(at: datetime) -> date:
    """The last day that has ended at a moment."""
    return school_date(at + timedelta(seconds=1)) - timedelta(days=1)


def _last_signed(at: datetime, among: Sequence[int] | None) -> Subquery:
    """The newest version that each parent had signed."""
    meant = true() if among is None else Request.parent_id.in_(among)
    return (
        select(Request.parent_id, func.max(Request.version_number).label("number"))
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(
            meant,
            _had_signed(at),
        )
        .group_by(Request.parent_id)
        .subquery()
    )


def _had_signed(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a request, joined with its paper, had been signed."""
    # A paper tells its day alone: it counts from the end of that, or from when it was
    # recorded where that was earlier.
    return and_(
        Request.status == Status.SIGNED,
        or_(Request.closed_at <= at, Paper.signed_on <= _last_day(at).isoformat()),
    )
