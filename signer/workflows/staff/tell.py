"""Telling teachers of a release: one mail to each, to know and not to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, insert, literal, select
from sqlalchemy.orm import Session

from signer.mail.kinds import Kind
from signer.policy.versions import Version
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery
from signer.store.log.append import lock_log
from signer.store.tables import Bounce, Outbox, PinnedVersion
from signer.workflows.context import AppContext, current_number
from signer.workflows.mailing.outbox import mail_row

OCCASION = "staff_release:"
"""Before the version's number and the teacher's reference, in a mail's occasion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTold:
    """The mails to teachers about one release, counted.

    Attributes:
        version: the version's number.
        accepted: the mail server took the mail, and it has not come back.
        bounced: the mail server took the mail, and it came back.
        refused: the mail server would not take it.
        waiting: the mail is still to go out.
        unwanted: it was not sent, because its teacher had left the list.
    """

    version: int
    accepted: int
    bounced: int
    refused: int
    waiting: int
    unwanted: int


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling teachers did, or would do.

    Attributes:
        version: the version that parents are being asked to sign.
        newly: who is told by this: names and addresses.
        before: how many on the list had been told already.
    """

    version: int
    newly: tuple[tuple[str, str], ...]
    before: int


def tell_staff(context: AppContext, *, dry_run: bool = False) -> Telling | None:
    """Tell of the newest release whoever on the list has not been told of it.

    A release tells everybody by itself who is on the list when parents are first
    asked. This is for those who joined since. Afterwards each of them has one mail
    about it in the outbox, and nobody has two. Safe to repeat. None where parents have
    not been asked to sign any version yet.

    Args:
        context: the context.
        dry_run: only say who would be told.
    """
    if dry_run:
        with context.sessions.reading() as session:
            number = current_number(session)
            return None if number is None else _telling(session, number)
    with context.sessions.writing() as session:
        # Two who tell at once: the second sees what the first has queued.
        lock_log(session)
        number = current_number(session)
        if number is None:
            return None
        telling = _telling(session, number)
        queue_staff_mails(session, number)
    if telling.newly:
        context.wake_worker()
    return telling


def queue_staff_mails(session: Session, number: int) -> int:
    """Queue a mail about a version to each teacher without one; gives how many.

    Args:
        session: a transaction that writes and holds the log's head.
        number: of the version.
    """
    teachers = session.scalars(_untold(number)).all()
    if teachers:
        session.execute(
            insert(Outbox),
            [
                mail_row(Kind.STAFF_RELEASE, occasion_of(number, one.ref))
                for one in teachers
            ],
        )
    return len(teachers)


def occasion_of(number: int, ref: str) -> str:
    """The occasion of the mail that tells a teacher of a version."""
    return f"{OCCASION}{number}:{ref}"


def version_of(occasion: str) -> int:
    """The number of the version that such a mail is about."""
    return int(occasion.removeprefix(OCCASION).split(":")[0])


def staff_member_of(session: Session, outbox: Outbox) -> StaffMember | None:
    """The teacher that a mail is to; None where it is another, or they were erased."""
    if outbox.kind != Kind.STAFF_RELEASE.value:
        return None
    ref = outbox.occasion.rsplit(":", 1)[1]
    return session.scalar(select(StaffMember).where(StaffMember.ref == ref))


def releases_told(context: AppContext) -> tuple[StaffTold, ...]:
    """Count the mails to teachers, the newest version first; changes nothing."""
    with context.sessions.reading() as session:
        return count_told(session)


def count_told(session: Session) -> tuple[StaffTold, ...]:
    """Count the mails to teachers, the newest version first."""
    came_back = select(Bounce.id).where(Bounce.outbox_id == Outbox.id).exists()
    fate = case((came_back, literal("bounced")), else_=Outbox.delivery)
    rows = session.execute(
        select(Outbox.occasion, fate).where(Outbox.kind == Kind.STAFF_RELEASE.value)
    )
    counted = Counter((version_of(occasion), str(fate)) for occasion, fate in rows)
    return tuple(
        StaffTold(
            version=number,
            accepted=counted[number, Delivery.SENT],
            bounced=counted[number, "bounced"],
            refused=counted[number, Delivery.REFUSED],
            waiting=counted[number, Delivery.QUEUED],
            unwanted=counted[number, Delivery.DROPPED],
        )
        for number in sorted({number for number, _ in counted}, reverse=True)
    )


def unreached(session: Session) -> Sequence[StaffMember]:
    """The teachers on the list whom the newest mail about a release did not reach."""
    newest = (
        select(func.max(Outbox.id))
        .where(
            Outbox.kind == Kind.STAFF_RELEASE.value,
            Outbox.occasion.endswith(StaffMember.ref),
        )
        .correlate(StaffMember)
        .scalar_subquery()
    )
    came_back = select(Bounce.id).where(Bounce.outbox_id == Outbox.id).exists()
    return session.scalars(
        select(StaffMember)
        .join(Outbox, Outbox.id == newest)
        .where(
            StaffMember.left_at.is_(None),
            (Outbox.delivery == Delivery.REFUSED) | came_back,
        )
        .order_by(StaffMember.name, StaffMember.id)
    ).all()


def pinned_version(context: AppContext, session: Session, occasion: str) -> Version:
    """The version that a mail to a teacher is about."""
    number = version_of(occasion)
    pinned = session.get_one(PinnedVersion, number)
    return context.version(number, pinned.sha256)


def _telling(session: Session, number: int) -> Telling:
    newly = tuple((one.name, one.email) for one in session.scalars(_untold(number)))
    active = select(func.count()).select_from(StaffMember)
    listed = session.scalar(active.where(StaffMember.left_at.is_(None))) or 0
    return Telling(number, newly, listed - len(newly))


def _untold(number: int) -> Select[StaffMember]:
    """The teachers on the list who have no mail about a version."""
    occasion = literal(f"{OCCASION}{number}:").concat(StaffMember.ref)
    told = select(Outbox.id).where(Outbox.occasion == occasion).exists()
    return (
        select(StaffMember)
        .where(StaffMember.left_at.is_(None), ~told)
        .order_by(StaffMember.id)
    )
