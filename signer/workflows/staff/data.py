"""What is kept of a teacher: handed over, erased, and deleted when its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import StaffUnknown
from signer.mail.kinds import Kind
from signer.school_calendar import school_date
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery
from signer.store.locking import lock_table
from signer.store.tables import Bounce, Outbox
from signer.workflows.context import AppContext
from signer.workflows.retention.rules import years_after
from signer.workflows.staff.tell import version_of


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail to a teacher about a release.

    Attributes:
        version: the version that it told of.
        queued_at: when it was put into the outbox.
        sent_at: when the mail server accepted it, or None.
        delivery: what came of it.
        reply: what the mail server said, without addresses.
        came_back: what was said each time that it came back.
    """

    version: int
    queued_at: datetime
    sent_at: datetime | None
    delivery: Delivery
    reply: str | None
    came_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaffData:
    """All that is kept of a teacher.

    Attributes:
        name: as in the list.
        email: as in the list.
        added_at: when they came onto the list.
        left_at: when they left it, or None.
        mails: each mail to them, the oldest first.
    """

    name: str
    email: str
    added_at: datetime
    left_at: datetime | None
    mails: tuple[StaffMail, ...]


def export_teacher(context: AppContext, email: str) -> StaffData:
    """Everything that is kept of a teacher, one who has left the list included.

    Raises:
        StaffUnknown: nothing is kept of anybody at this address.
    """
    with context.sessions.reading() as session:
        teacher = _teacher(session, email)
        mails = session.scalars(
            select(Outbox).where(_to(teacher.ref)).order_by(Outbox.id)
        ).all()
        return StaffData(
            teacher.name,
            teacher.email,
            teacher.added_at,
            teacher.left_at,
            tuple(_mail(one) for one in mails),
        )


def erase_teacher(context: AppContext, email: str) -> str:
    """Erase a teacher, from the list too; gives the name that they had.

    Afterwards no table holds the name, the address or what a mail server replied. That
    a mail went to somebody is still counted. Copies in backups and in mailboxes are
    not reached.

    Raises:
        StaffUnknown: nothing is kept of anybody at this address.
    """
    with context.sessions.writing() as session:
        lock_table(session, StaffMember)
        teacher = _teacher(session, email)
        name = teacher.name
        _erase(session, teacher)
    context.sessions.truncate_wal()
    return name


def delete_former_staff(context: AppContext) -> int:
    """Erase teachers who left the list so long ago that their time is over.

    Gives how many were erased by this.
    """
    today = school_date(clock.now())
    years = context.settings.retention_staff_years
    left = StaffMember.left_at.is_not(None)
    with context.sessions.reading() as session:
        if session.scalar(select(StaffMember.id).where(left).limit(1)) is None:
            return 0
    with context.sessions.writing() as session:
        lock_table(session, StaffMember)
        due = [
            one
            for one in session.scalars(select(StaffMember).where(left))
            if one.left_at and years_after(school_date(one.left_at), years) <= today
        ]
        for teacher in due:
            _erase(session, teacher)
    if due:
        context.sessions.truncate_wal()
    return len(due)


def _teacher(session: Session, email: str) -> StaffMember:
    key = email.strip().lower()
    teacher = session.scalar(select(StaffMember).where(StaffMember.email_key == key))
    if teacher is None:
        raise StaffUnknown
    return teacher


def _to(ref: str) -> ColumnElement[bool]:
    return (Outbox.kind == Kind.STAFF_RELEASE.value) & Outbox.occasion.endswith(ref)


def _erase(session: Session, teacher: StaffMember) -> None:
    mails = _to(teacher.ref)
    ids = select(Outbox.id).where(mails)
    session.execute(delete(Bounce).where(Bounce.outbox_id.in_(ids)))
    unsent = mails & Outbox.delivery.in_([Delivery.QUEUED, Delivery.REFUSED])
    session.execute(update(Outbox).where(unsent).values(delivery=Delivery.DROPPED))
    session.execute(update(Outbox).where(mails).values(reply=None))
    session.delete(teacher)


def _mail(mail: Outbox) -> StaffMail:
    return StaffMail(
        version=version_of(mail.occasion),
        queued_at=mail.queued_at,
        sent_at=mail.sent_at,
        delivery=mail.delivery,
        reply=mail.reply,
        came_back=tuple(
            f"{one.status} {one.diagnostic}".strip() for one in mail.bounces
        ),
    )
