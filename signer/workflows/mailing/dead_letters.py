"""Mails that were not accepted: looking at them, and trying them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from signer import clock
from signer.errors import MailUnknown
from signer.mail.kinds import TO_PARENTS, WITH_LINK, Kind
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery, Status
from signer.store.tables import Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.staff.tell import staff_member_of
from signer.workflows.yearly.occasions import yearly_parent


class MailState(StrEnum):
    """The state of a mail that the mail server has not accepted."""

    WAITING = "waiting"
    REFUSED = "refused"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class UnsentMail:
    """A mail that the mail server has not accepted.

    Attributes:
        number: of the mail, for trying it again.
        kind: what it is about.
        state: its state.
        recipient: the parent or teacher with the address, or "office", "headteacher",
            "staff", "witness".
        queued_at: when it was put into the outbox.
        due_at: when it is tried next; None where it is not.
        attempts: how often it was tried.
        reply: what the mail server said last, without addresses.
    """

    number: int
    kind: str
    state: MailState
    recipient: str
    queued_at: datetime
    due_at: datetime | None
    attempts: int
    reply: str | None


def unsent_mail(
    context: AppContext, states: Sequence[MailState] = tuple(MailState)
) -> tuple[UnsentMail, ...]:
    """Every mail that was not accepted, oldest first; changes nothing.

    Args:
        context: the context.
        states: which of them.
    """
    query = (
        select(Outbox, Parent)
        .outerjoin(Request, Request.id == Outbox.request_id)
        .outerjoin(Parent, Parent.id == Request.parent_id)
        .where(or_(*map(in_state, states)))
        .order_by(Outbox.id)
    )
    with context.sessions.reading() as session:
        return tuple(
            _unsent(row, _person(session, row) or parent)
            for row, parent in session.execute(query)
        )


def retry_mail(
    context: AppContext,
    numbers: Sequence[int] = (),
    states: Sequence[MailState] = (),
) -> int:
    """Make mails due at once, with all their time again; gives how many.

    Their Message-IDs stay. A pause of the mail server stays as well: see `resume`.

    Args:
        context: the context.
        numbers: mails by their numbers.
        states: and all those in these states.

    Raises:
        MailUnknown: a number is of no mail that can be tried again; nothing changed.
    """
    wanted = [Outbox.id.in_(numbers), *map(in_state, states)]
    every = or_(*map(in_state, MailState))
    with context.sessions.writing() as session:
        rows = session.scalars(
            select(Outbox)
            .where(every, or_(*wanted))
            .order_by(Outbox.id)
            .with_for_update()
        ).all()
        missing = set(numbers) - {row.id for row in rows}
        if missing:
            raise MailUnknown(min(missing))
        for row in rows:
            make_due(row)
    if rows:
        context.wake_worker()
    return len(rows)


def make_due(row: Outbox) -> None:
    """Give a mail that was not accepted all its time again, from now."""
    row.delivery, row.due_at, row.attempts = Delivery.QUEUED, clock.now(), 0
    row.trouble = row.tried_at = row.gave_up_at = None


def mail_asks_again(session: Session, version: int) -> int:
    """Make the asks due again that were given up; gives how many.

    Of parents who have not answered, and whom no mail with a link reached.

    Args:
        session: a transaction that writes.
        version: what they were asked to sign.
    """
    other = aliased(Outbox)
    reached = (
        select(other.id)
        .where(
            other.request_id == Outbox.request_id,
            other.kind.in_(WITH_LINK),
            other.delivery.in_([Delivery.QUEUED, Delivery.SENT]),
        )
        .exists()
    )
    rows = session.scalars(
        select(Outbox)
        .join(Request, Request.id == Outbox.request_id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(
            in_state(MailState.DEAD),
            Outbox.kind == Kind.ASK.value,
            Request.version_number == version,
            Request.status == Status.PENDING,
            Parent.left_at.is_(None),
            Parent.email != "",
            ~is_exempt(Parent.id),
            ~reached,
        )
        .order_by(Outbox.id)
        .with_for_update(of=Outbox)
    ).all()
    newest = {row.request_id: row for row in rows}
    for row in newest.values():
        make_due(row)
    return len(newest)


def in_state(state: MailState) -> ColumnElement[bool]:
    """The condition for the outbox rows of mails that stand there."""
    gave_up = Outbox.gave_up_at.is_not(None)
    unsent = Outbox.delivery.in_([Delivery.QUEUED, Delivery.REFUSED])
    if state is MailState.DEAD:
        return and_(unsent, gave_up)
    delivery = Delivery.QUEUED if state is MailState.WAITING else Delivery.REFUSED
    return and_(Outbox.delivery == delivery, ~gave_up)


def _person(session: Session, row: Outbox) -> Parent | StaffMember | None:
    """Whom a mail about no request is to, of those who may still be there."""
    if row.request_id is not None:
        return None
    return staff_member_of(session, row) or yearly_parent(session, row)


def _unsent(row: Outbox, person: Parent | StaffMember | None) -> UnsentMail:
    if row.gave_up_at is not None:
        state = MailState.DEAD
    elif row.delivery is Delivery.REFUSED:
        state = MailState.REFUSED
    else:
        state = MailState.WAITING
    return UnsentMail(
        number=row.id,
        kind=row.kind,
        state=state,
        recipient=_recipient(row, person),
        queued_at=row.queued_at,
        due_at=row.due_at if row.delivery is Delivery.QUEUED else None,
        attempts=row.attempts,
        reply=row.reply,
    )


def _recipient(row: Outbox, person: Parent | StaffMember | None) -> str:
    if row.kind == Kind.ERASURE or (row.kind == Kind.YEARLY and person is None):
        return "a parent who was erased"
    if row.kind == Kind.STAFF_RELEASE and person is None:
        return "a teacher who was erased"
    if row.kind in {*TO_PARENTS, Kind.STAFF_RELEASE} and person is not None:
        return f"{person.name} <{person.email}>"
    if row.kind.startswith("office_"):
        return "office"
    if row.kind.startswith("staff_"):
        return "staff"
    return "witness" if row.kind == "witness" else "headteacher"
