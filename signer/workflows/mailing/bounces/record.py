"""Recording that a mail came back, and telling the office of a dead address."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import MailRefused
from signer.mail.bounces import reports
from signer.mail.bounces.reports import Action, Finality, finality
from signer.mail.headers import mailbox
from signer.mail.kinds import TO_PARENTS, Kind
from signer.store.campaigns.staff import StaffMember
from signer.store.locking import lock_table
from signer.store.tables import Bounce, Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.mailing.alarms import queue_alarm
from signer.workflows.mailing.content import BOUNCED
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.staff.tell import staff_member_of

_log = logging.getLogger(__name__)

_WORST_FIRST = [Finality.PERMANENT, Finality.OPERATOR, Finality.PASSING]


class Outcome(StrEnum):
    """What became of a notice about a mail."""

    RECORDED = "recorded"
    KNOWN = "known"
    """The same notice was recorded before."""
    NO_FAILURE = "no_failure"
    """It is about a mail of ours, and says that it is delayed or was passed on."""
    UNMATCHED = "unmatched"
    """It is about no mail that was sent from here."""


def record_bounce(
    context: AppContext, notices: Sequence[reports.Bounce], event_sha256: str
) -> Outcome:
    """Record a mail that came back.

    Afterwards a failure has its row, once for each notice however often it is read.
    Where an address is dead, the office has one mail about it in the outbox, once
    for each address and version, and no more reminders go there until the office has
    it tried again. What was sent stays as it is: the mail server did accept it.

    Only a mail that names the reference of one that was sent counts: strangers cannot
    know its 96 random bits.

    Args:
        context: the context.
        notices: what one mail or event says of each recipient; recipients that are
            left out are the mail's own.
        event_sha256: SHA-256 (hex) of what tells of it.
    """
    references = {ref for notice in notices for ref in notice.references}
    if not references or not _is_ours(context, references):
        return Outcome.UNMATCHED
    with context.sessions.writing() as session:
        outbox = session.scalars(
            _sent(references).order_by(Outbox.id).limit(1).with_for_update()
        ).first()
        if outbox is None:
            # Erased a moment ago.
            return Outcome.UNMATCHED
        parent = _parent(session, outbox)
        teacher = staff_member_of(session, outbox)
        chosen = _choose(notices, parent or teacher)
        if chosen is None:
            return Outcome.NO_FAILURE
        notice, kind = chosen
        # Two notices of one address at once: the second sees the first.
        lock_table(session, Bounce)
        if session.scalar(
            select(Bounce.id).where(
                Bounce.outbox_id == outbox.id, Bounce.event_sha256 == event_sha256
            )
        ):
            return Outcome.KNOWN
        told_before = parent is not None and _is_dead(session, outbox, parent)
        bounce = Bounce(
            outbox_id=outbox.id,
            event_sha256=event_sha256,
            email_key=parent.email_key if parent else None,
            finality=kind,
            status=notice.status,
            diagnostic=notice.diagnostic,
            told_at=clock.now(),
        )
        session.add(bounce)
        session.flush()
        if teacher is not None and kind is Finality.PERMANENT:
            queue_alarm(session, "staff")
        tell = teacher is None and kind is Finality.PERMANENT and not told_before
        if tell:
            occasion = f"{BOUNCED}{bounce.id}"
            session.add(
                new_mail(Kind.OFFICE_REFUSED, occasion, request_id=outbox.request_id)
            )
        _log.log(
            logging.WARNING if kind is Finality.OPERATOR else logging.INFO,
            "mail %s came back (%s): %s",
            outbox.id,
            kind,
            f"{notice.status} {notice.diagnostic}".strip(),
        )
    if tell:
        context.wake_worker()
    return Outcome.RECORDED


def _is_ours(context: AppContext, references: set[str]) -> bool:
    with context.sessions.reading() as session:
        return session.scalar(_sent(references).limit(1)) is not None


def _sent(references: set[str]) -> Select[Outbox]:
    return select(Outbox).where(Outbox.message_ref.in_(references), Outbox.attempts > 0)


def _parent(session: Session, outbox: Outbox) -> Parent | None:
    """The parent that a mail went to; None for one to the school or a witness."""
    if outbox.request_id is None or Kind(outbox.kind) not in TO_PARENTS:
        return None
    return session.get_one(Request, outbox.request_id).parent


def _choose(
    notices: Sequence[reports.Bounce], person: Parent | StaffMember | None
) -> tuple[reports.Bounce, Finality] | None:
    """The failure that counts, and what it says; None where nothing failed."""
    if person is None:
        failed = [one for one in notices if one.action is Action.FAILED]
        # No family did anything about it.
        return (failed[0], Finality.OPERATOR) if failed else None
    own = _written_forms(person.email)
    named = [one for one in notices if not one.recipients or own & {*one.recipients}]
    failed = [one for one in named or notices if one.action is Action.FAILED]
    rated = [(one, _rated(one, names_person=bool(named))) for one in failed]
    return min(rated, key=lambda pair: _WORST_FIRST.index(pair[1]), default=None)


def _rated(notice: reports.Bounce, *, names_person: bool) -> Finality:
    kind = finality(notice.status)
    if kind is Finality.PERMANENT and not names_person:
        # An address that a family's own server passed it on to; they may have others.
        return Finality.PASSING
    return kind


def _written_forms(email: str) -> set[str]:
    """An address as the register has it, and as it is written in a mail."""
    try:
        written = mailbox("", email)
    except MailRefused:
        return {email.lower()}
    return {email.lower(), f"{written.username}@{written.domain}".lower()}


def _is_dead(session: Session, outbox: Outbox, parent: Parent) -> bool:
    """Whether the office has been told of an address, for the same version."""
    request = session.get_one(Request, outbox.request_id)
    query = (
        select(Bounce.id)
        .join(Outbox, Bounce.outbox_id == Outbox.id)
        .join(Request, Outbox.request_id == Request.id)
        .where(
            Bounce.email_key == parent.email_key,
            Bounce.finality == Finality.PERMANENT,
            Bounce.lifted_at.is_(None),
            Request.version_number == request.version_number,
        )
    )
    return session.scalar(query.limit(1)) is not None
