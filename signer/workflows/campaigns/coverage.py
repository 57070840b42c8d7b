"""Who was covered by which text at a moment of the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Subquery, and_, func, or_, select

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


IS_SIGNED_BY_PAPER = and_(Paper.request_id == Request.id, Paper.undone_at.is_(None))
"""That a paper is the one by which a request is signed."""


def covered_at(context: AppContext, at: datetime) -> Covered:
    """Who was covered by which text; what happened in that second is counted in.

    Args:
        context: the context.
        at: the moment.
    """
    signed = _last_signed(at)
    present = (
        select(Membership.id)
        .where(
            Membership.parent_id == Parent.id,
            Membership.joined_at <= at,
            or_(Membership.left_at.is_(None), Membership.left_at > at),
        )
        .exists()
    )
    query = (
        select(
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
        .where(present)
        .order_by(Parent.name_key, Parent.email_key)
    )
    with context.sessions.reading() as session:
        version = session.scalar(
            select(func.max(PinnedVersion.number)).where(PinnedVersion.pinned_at <= at)
        )
        return Covered(
            at, version, tuple(Coverage(*row) for row in session.execute(query))
        )


def _last_day(at: datetime) -> date:
    """The last day that has ended at a moment."""
    return school_date(at + timedelta(seconds=1)) - timedelta(days=1)


def _last_signed(at: datetime) -> Subquery:
    """The newest version that each parent had signed."""
    return (
        select(Request.parent_id, func.max(Request.version_number).label("number"))
        .outerjoin(Paper, IS_SIGNED_BY_PAPER)
        .where(
            Request.status == Status.SIGNED,
            # A paper tells its day alone: it counts from the end of that, or from when
            # it was recorded where that was earlier.
            or_(Request.closed_at <= at, Paper.signed_on <= _last_day(at).isoformat()),
        )
        .group_by(Request.parent_id)
        .subquery()
    )
