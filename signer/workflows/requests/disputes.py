"""Disputes: somebody who holds a parent's link says that they are not the parent.

Until the office has looked, the parent's links open a page without names, and no mail
goes to the address. A note to the office is the dispute's record.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from signer import clock
from signer.errors import DisputeUnknown
from signer.mail.kinds import TO_PARENTS
from signer.store.tables import Note, Outbox, Parent, Request
from signer.user_text import one_line, same_name
from signer.workflows.context import AppContext

_OPEN = Note.settled_at.is_(None)

THE_REGISTER = "the register: the parent left it"
"""Who settled a dispute, where an import took the last parent at the address out."""

THE_ADDRESS = "the register: the address was corrected"
"""Who settled a dispute, where the last parent at the address has another one."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """That a link is said to have reached the wrong person.

    Attributes:
        raised_at: when that was said.
        parent: whom the link was meant for.
        email: the address in dispute, in lower case.
        version: the version that the link was for.
        settled_at: when the office had looked; None while mail is held.
        settled_by: who looked.
    """

    raised_at: datetime
    parent: str
    email: str
    version: int
    settled_at: datetime | None
    settled_by: str | None


def is_disputed(session: Session, request: Request) -> bool:
    """Whether a dispute is open about a request's parent at their present address."""
    query = (
        select(Note.id)
        .join(Request, Note.request_id == Request.id)
        .where(
            Note.disputed_key == request.parent.email_key,
            Request.parent_id == request.parent_id,
            _OPEN,
        )
    )
    return session.scalar(query.limit(1)) is not None


def is_open_about(
    parent: InstrumentedAttribute[int], email_key: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Return the condition of `is_disputed`, for a query about requests.

    Args:
        parent: the column of the id of the request's parent.
        email_key: the column of the parent's present address, in lower case.
    """
    noted = aliased(Request)
    return (
        exists()
        .where(Note.disputed_key == email_key, _OPEN)
        .where(Note.request_id == noted.id, noted.parent_id == parent)
    )


def in_dispute(parent: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a dispute is open about a parent.

    Args:
        parent: the column of the parent's id.
    """
    disputed = (
        select(Request.parent_id)
        .join(Note, Note.request_id == Request.id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(Note.disputed_key == Parent.email_key, _OPEN)
    )
    return parent.in_(disputed)


def is_held(email_key: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition that no mail goes to an address, whoever it is for."""
    return email_key.in_(select(Note.disputed_key).where(_HELD))


def mail_is_held() -> ColumnElement[bool]:
    """Return the condition that a mail of the outbox waits for the office to look."""
    requests = select(Request.id).join(Parent).where(is_held(Parent.email_key))
    return Outbox.kind.in_(TO_PARENTS) & Outbox.request_id.in_(requests)


_HELD = Note.disputed_key.is_not(None) & _OPEN


def list_disputes(context: AppContext) -> tuple[Dispute, ...]:
    """Return every dispute, those that are open first, then the newest first."""
    with context.sessions.reading() as session:
        rows = session.execute(
            select(Note, Request.version_number, Parent.name)
            .join(Request, Note.request_id == Request.id)
            .join(Parent, Parent.id == Request.parent_id)
            .where(Note.disputed_key.is_not(None))
            .order_by(Note.settled_at.is_not(None), Note.id.desc())
        )
        return tuple(
            Dispute(
                note.written_at,
                name,
                note.disputed_key or "",
                version,
                note.settled_at,
                note.settled_by,
            )
            for note, version, name in rows
        )


def settle_disputes(
    context: AppContext, email: str, *, by: str, name: str = ""
) -> tuple[str, ...]:
    """Settle what is in dispute at an address: it is the parent's after all.

    Afterwards the parents' links open their requests again, and mail to the address
    goes on. An address that is wrong needs no settling: the dispute ends once it is
    corrected.

    Args:
        context: the context.
        email: the address in the register.
        by: who in the office looked.
        name: the parent's name, where one of several at the address is meant.

    Returns:
        The names of the parents.

    Raises:
        DisputeUnknown: nothing is in dispute at the address.
        TextRefused: ``by`` is empty or cannot be kept.
    """
    settled_by = one_line("by", by)
    with context.sessions.writing() as session:
        query = (
            select(Note, Parent.name)
            .join(Request, Note.request_id == Request.id)
            .join(Parent, Parent.id == Request.parent_id)
            .where(Note.disputed_key == email.strip().lower(), _OPEN)
            .order_by(Note.id)
            .with_for_update(of=Note)
        )
        if name:
            query = query.where(Parent.name_key == same_name(name))
        rows = session.execute(query).all()
        if not rows:
            raise DisputeUnknown
        for note, _ in rows:
            note.settled_at, note.settled_by = clock.now(), settled_by
        names = tuple(dict.fromkeys(row[1] for row in rows))
    context.wake_worker()
    return names


def settle_unused(session: Session, addresses: Collection[str], *, by: str) -> None:
    """Settle what is in dispute at addresses that no parent has any more.

    Where another parent has one, mail might reach the wrong person there still, so
    that it stays on hold (`on_hold_at`).

    Args:
        session: the transaction in which parents leave, or get other addresses.
        addresses: those that they had, in lower case.
        by: what settled it.
    """
    used = select(Parent.email_key).where(Parent.left_at.is_(None))
    session.execute(
        update(Note)
        .where(_HELD, Note.disputed_key.in_(addresses), Note.disputed_key.not_in(used))
        .values(settled_at=clock.now(), settled_by=by)
    )


def on_hold_at(
    session: Session, addresses: Collection[str], *, without: Collection[int] = ()
) -> list[tuple[str, str]]:
    """Return name and address of each parent to whom no mail goes, by name.

    Args:
        session: any transaction.
        addresses: of these alone, in lower case.
        without: the ids of parents who are left out.
    """
    query = (
        select(Parent.name, Parent.email)
        .where(
            Parent.email_key.in_(addresses),
            is_held(Parent.email_key),
            Parent.left_at.is_(None),
            Parent.id.not_in(without),
        )
        .order_by(Parent.name_key, Parent.id)
    )
    return [(name, email) for name, email in session.execute(query)]
