"""Addresses that mail came back from for good, until the office has them retried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from signer import clock
from signer.errors import ParentUnknown
from signer.mail.bounces.reports import Finality
from signer.mail.kinds import WITH_LINK, Kind
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.staff.tell import staff_member_of, version_of


@dataclass(frozen=True, slots=True)
class BouncedMail:
    """A mail that came back.

    Attributes:
        told_at: when that was read here.
        parent: the parent's or teacher's name; empty for a mail to the office, the
            headteacher or a witness.
        email: their address.
        version: the version that it was about, where it was about one.
        mail: its kind, such as ``ask``.
        finality: whether the next mail would come back as well.
        status: the enhanced status code, or empty.
        diagnostic: what the mail server said, without addresses.
        lifted_at: when the office had the address tried again.
    """

    told_at: datetime
    parent: str
    email: str
    version: int | None
    mail: str
    finality: Finality
    status: str
    diagnostic: str
    lifted_at: datetime | None


def is_dead(
    email_key: InstrumentedAttribute[str] | str,
) -> ColumnElement[bool]:
    """Return the condition that mail to an address came back for good.

    Another address of the same parent is another matter: it is asked as usual.

    Args:
        email_key: the address as the register compares it, or its column.
    """
    return (
        select(Bounce.id)
        .where(
            Bounce.email_key == email_key,
            Bounce.finality == Finality.PERMANENT,
            Bounce.lifted_at.is_(None),
        )
        .exists()
    )


def list_bounces(context: AppContext) -> tuple[BouncedMail, ...]:
    """Return every mail that came back, the newest first."""
    with context.sessions.reading() as session:
        rows = session.execute(
            select(Bounce, Outbox, Request.version_number, Parent.name, Parent.email)
            .join(Outbox, Bounce.outbox_id == Outbox.id)
            .outerjoin(Request, Outbox.request_id == Request.id)
            .outerjoin(Parent, Request.parent_id == Parent.id)
            .order_by(Bounce.told_at.desc(), Bounce.id.desc())
        )
        bounces = []
        for bounce, outbox, version, name, email in rows:
            person = (name, email) if bounce.email_key else ("", "")
            teacher = staff_member_of(session, outbox)
            if teacher is not None:
                person = teacher.name, teacher.email
            told_of = None
            if outbox.kind == Kind.STAFF_RELEASE:
                told_of = version_of(outbox.occasion)
            bounces.append(
                BouncedMail(
                    told_at=bounce.told_at,
                    parent=person[0],
                    email=person[1],
                    version=version or told_of,
                    mail=outbox.kind,
                    finality=bounce.finality,
                    status=bounce.status,
                    diagnostic=bounce.diagnostic,
                    lifted_at=bounce.lifted_at,
                )
            )
        return tuple(bounces)


def try_again(context: AppContext, email: str) -> int:
    """Send again what came back from an address for good, and go on reminding it.

    Afterwards the address counts as any other, and for each request one mail with a
    link is in the outbox, and one of each other mail that came back. What nobody
    wants any more is dropped as it goes out. Gives how many mails are queued.

    Args:
        context: the context.
        email: the address in the register.

    Raises:
        ParentUnknown: nobody at this address has ever been in the register.
    """
    now = clock.now()
    key = email.strip().lower()
    with context.sessions.writing() as session:
        if session.scalar(select(Parent.id).where(Parent.email_key == key)) is None:
            raise ParentUnknown
        rows = session.execute(
            select(Bounce, Outbox)
            .join(Outbox, Bounce.outbox_id == Outbox.id)
            .where(
                Bounce.email_key == key,
                Bounce.finality == Finality.PERMANENT,
                Bounce.lifted_at.is_(None),
            )
            .order_by(Outbox.id, Bounce.id)
            .with_for_update()
        ).all()
        newest: dict[tuple[int | None, str], tuple[Bounce, Outbox]] = {}
        for bounce, outbox in rows:
            bounce.lifted_at = now
            kind = "link" if Kind(outbox.kind) in WITH_LINK else outbox.kind
            newest[outbox.request_id, kind] = bounce, outbox
        queued = [
            queue_mail(
                session,
                Kind(outbox.kind),
                f"again:{bounce.id}",
                request_id=outbox.request_id,
            )
            for bounce, outbox in newest.values()
        ]
    context.wake_worker()
    return sum(queued)
