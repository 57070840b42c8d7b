"""Which yearly mail of the outbox is whose."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, literal, select, update
from sqlalchemy.orm import Session

from signer.mail.kinds import Kind
from signer.store.register.tables import YearlyMail
from signer.store.tables import Bounce, Outbox, Parent, Request

OCCASION = "yearly:"
"""Before the reference of a yearly mail, in the occasion of its row of the outbox."""


def yearly_parent(session: Session, row: Outbox) -> Parent | None:
    """Return whom a yearly mail is to; None where it is to nobody any more.

    That is where its parent was erased, and where they were merged into one who has
    the mail of that year.

    Args:
        session: a transaction.
        row: of the outbox.
    """
    if row.kind != Kind.YEARLY:
        return None
    if row.occasion.startswith(OCCASION):
        ref = row.occasion.removeprefix(OCCASION)
        return session.scalars(
            select(Parent).join(YearlyMail).where(YearlyMail.ref == ref)
        ).one_or_none()
    # One that came back, and that the office has sent again.
    return session.scalars(
        select(Parent).join(Request).where(Request.id == row.request_id)
    ).one_or_none()


def years_of(session: Session, parent: Parent) -> Sequence[int]:
    """Return the school years of a parent's yearly mails, oldest first."""
    return session.scalars(
        select(YearlyMail.school_year)
        .where(YearlyMail.parent_id == parent.id)
        .order_by(YearlyMail.school_year)
    ).all()


def mails_without_request(session: Session, parent: Parent) -> Sequence[Outbox]:
    """Return the yearly mails to a parent from before they were ever asked to sign."""
    return session.scalars(
        select(Outbox).where(*_without_request(parent)).order_by(Outbox.id)
    ).all()


def carry_over_yearly_mail(session: Session, goes: Parent, keeper: Parent) -> None:
    """Let a parent have had the yearly mails of another record of theirs, which goes.

    Of two for one year, the one to the other record is nobody's, and never sent.
    """
    had = years_of(session, keeper)
    session.execute(
        update(YearlyMail)
        .where(YearlyMail.parent_id == goes.id, YearlyMail.school_year.not_in(had))
        .values(parent_id=keeper.id)
    )


def delete_yearly_mail(session: Session, parent: Parent) -> None:
    """Delete what the outbox has of a parent's yearly mails without a request."""
    own = select(Outbox.id).where(*_without_request(parent))
    session.execute(delete(Bounce).where(Bounce.outbox_id.in_(own)))
    session.execute(delete(Outbox).where(*_without_request(parent)))


def _without_request(parent: Parent) -> tuple[ColumnElement[bool], ...]:
    occasions = select(literal(OCCASION) + YearlyMail.ref).where(
        YearlyMail.parent_id == parent.id
    )
    return Outbox.request_id.is_(None), Outbox.occasion.in_(occasions)
