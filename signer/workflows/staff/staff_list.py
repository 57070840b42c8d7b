"""The list of teachers who are told of releases: bringing it in, and looking at it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import RegisterError, StaffLeaversUncounted, StaffUnknown
from signer.mail.kinds import Kind
from signer.register.staff.read import StaffReading, Teacher
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery
from signer.store.locking import lock_table
from signer.store.tables import Bounce, Outbox
from signer.workflows.context import AppContext
from signer.workflows.staff.tell import version_of

REF_BYTES = 9

UNCOUNTED_SHARE = 10
"""More than one in so many leave only where their number was said."""


@dataclass(frozen=True, slots=True)
class StaffImported:
    """What an import of the list did, or would do: names and addresses.

    Attributes:
        added: they are new.
        returned: they had left the list and are back.
        renamed: their address had another name, which follows it.
        unchanged: how many stay as they are.
        missing: on the list, and not in the file.
        left: whether those missing have left the list by this.
        listed: how many were on the list before.
    """

    added: tuple[tuple[str, str], ...]
    returned: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str, str], ...]
    unchanged: int
    missing: tuple[tuple[str, str], ...]
    left: bool
    listed: int

    @property
    def too_many_leave(self) -> bool:
        """Whether so many are missing that the file may be a part of a list."""
        return len(self.missing) * UNCOUNTED_SHARE > self.listed


@dataclass(frozen=True, slots=True)
class ListedTeacher:
    """A teacher on the list, and the newest mail about a release to them.

    Attributes:
        name: as in the file.
        email: as in the file.
        added_at: when they came onto the list.
        version: of the newest mail; None where there was none.
        delivery: what came of it; None likewise.
        bounced: whether it came back after it was accepted.
        at: when it was accepted, or put into the outbox.
        reply: what a mail server said last, without addresses.
    """

    name: str
    email: str
    added_at: datetime
    version: int | None
    delivery: Delivery | None
    bounced: bool
    at: datetime | None
    reply: str


def import_staff(
    context: AppContext,
    reading: StaffReading,
    *,
    leavers: bool = False,
    leaving: int | None = None,
    dry_run: bool = False,
) -> StaffImported:
    """Bring the list of teachers to what a file says.

    Afterwards everybody in the file is on the list, once for each address. Whoever is
    not in it stays, unless leavers are let go: then they are told nothing more, and
    mails that wait for them are not sent. Nobody is told of a release by this.

    Args:
        context: the context.
        reading: the file, read.
        leavers: whether those who are missing have left.
        leaving: how many are said to leave; must be given where it is more than a
            tenth, and right where it is given.
        dry_run: only say what would change.

    Raises:
        RegisterError: the file holds problems; nothing changed.
        StaffLeaversUncounted: so many would leave that their number must be given, or
            another number was; nothing changed.
    """
    if reading.problems:
        raise RegisterError(tuple(one.sentence() for one in reading.problems))
    if dry_run:
        with context.sessions.reading() as session:
            return _compare(session, reading.teachers, left=False)
    with context.sessions.writing() as session:
        lock_table(session, StaffMember)
        result = _compare(session, reading.teachers, left=leavers)
        if leavers:
            _check_count(result, leaving)
        _apply(session, reading.teachers, leavers=leavers)
    return result


def list_staff(context: AppContext) -> tuple[ListedTeacher, ...]:
    """Everybody on the list, by name, with the newest mail to each."""
    with context.sessions.reading() as session:
        teachers = session.scalars(
            select(StaffMember)
            .where(StaffMember.left_at.is_(None))
            .order_by(func.lower(StaffMember.name), StaffMember.id)
        ).all()
        mails = session.scalars(
            select(Outbox)
            .where(Outbox.kind == Kind.STAFF_RELEASE.value)
            .order_by(Outbox.id)
        )
        newest = {mail.occasion.rsplit(":", 1)[1]: mail for mail in mails}
        came_back = session.scalars(
            select(Bounce)
            .join(Outbox, Outbox.id == Bounce.outbox_id)
            .where(Outbox.kind == Kind.STAFF_RELEASE.value)
            .order_by(Bounce.id)
        )
        bounces = {bounce.outbox_id: bounce for bounce in came_back}
        return tuple(_listed(one, newest.get(one.ref), bounces) for one in teachers)


def remove_teacher(context: AppContext, email: str) -> str:
    """Take a teacher off the list; gives their name.

    Afterwards they are told nothing more. Their name and address are deleted when the
    time for that is over.

    Raises:
        StaffUnknown: nobody on the list has this address.
    """
    with context.sessions.writing() as session:
        teacher = session.scalars(
            select(StaffMember)
            .where(
                StaffMember.email_key == email.strip().lower(),
                StaffMember.left_at.is_(None),
            )
            .with_for_update()
        ).first()
        if teacher is None:
            raise StaffUnknown
        teacher.left_at = clock.now()
        return teacher.name


def _compare(
    session: Session, teachers: Sequence[Teacher], *, left: bool
) -> StaffImported:
    known = {one.email_key: one for one in session.scalars(select(StaffMember))}
    there = [(one, known[one.key]) for one in teachers if one.key in known]
    named = {one.key for one in teachers}
    active = [one for one in known.values() if one.left_at is None]
    returned = tuple(
        (one.name, one.email) for one, row in there if row.left_at is not None
    )
    renamed = tuple(
        (one.name, one.email, row.name)
        for one, row in there
        if row.left_at is None and row.name != one.name
    )
    missing = sorted(
        (one.name, one.email) for one in active if one.email_key not in named
    )
    return StaffImported(
        added=tuple((one.name, one.email) for one in teachers if one.key not in known),
        returned=returned,
        renamed=renamed,
        unchanged=len(there) - len(returned) - len(renamed),
        missing=tuple(missing),
        left=left,
        listed=len(active),
    )


def _check_count(result: StaffImported, leaving: int | None) -> None:
    count = len(result.missing)
    uncounted = leaving is None and result.too_many_leave
    if uncounted or leaving not in {None, count}:
        raise StaffLeaversUncounted(count, leaving)


def _apply(session: Session, teachers: Sequence[Teacher], *, leavers: bool) -> None:
    now = clock.now()
    known = {one.email_key: one for one in session.scalars(select(StaffMember))}
    for teacher in teachers:
        row = known.pop(teacher.key, None)
        if row is None:
            session.add(
                StaffMember(
                    ref=secrets.token_hex(REF_BYTES),
                    name=teacher.name,
                    email=teacher.email,
                    email_key=teacher.key,
                    added_at=now,
                )
            )
        else:
            row.name, row.email, row.left_at = teacher.name, teacher.email, None
    if leavers:
        for row in known.values():
            row.left_at = row.left_at or now


def _listed(
    teacher: StaffMember, mail: Outbox | None, bounces: Mapping[int, Bounce]
) -> ListedTeacher:
    if mail is None:
        person = teacher.name, teacher.email, teacher.added_at
        return ListedTeacher(*person, None, None, bounced=False, at=None, reply="")
    bounce = bounces.get(mail.id)
    reply = "" if mail.delivery is Delivery.SENT else mail.reply or ""
    if bounce is not None:
        reply = f"{bounce.status} {bounce.diagnostic}".strip()
    return ListedTeacher(
        name=teacher.name,
        email=teacher.email,
        added_at=teacher.added_at,
        version=version_of(mail.occasion),
        delivery=mail.delivery,
        bounced=bounce is not None,
        at=mail.sent_at or mail.queued_at,
        reply=reply,
    )
