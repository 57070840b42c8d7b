"""Noting what came of a mail: sent, refused, later, or a dead letter."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import (
    MailError,
    MailRefused,
    MailServerTrouble,
    SignerError,
    TroubleScope,
)
from signer.mail.kinds import TO_PARENTS, TO_STAFF, Kind
from signer.store.columns import Delivery
from signer.store.tables import Link, Outbox, Request
from signer.workflows.context import AppContext
from signer.workflows.mailing.alarms import queue_alarm
from signer.workflows.mailing.claim import Claimed
from signer.workflows.mailing.content import REFUSED
from signer.workflows.mailing.dead_letters import make_due
from signer.workflows.mailing.outbox import REISSUED_LINK, new_mail
from signer.workflows.mailing.server_state import (
    alarm,
    is_doubted,
    note_accepted,
    note_refusal,
    note_reply,
    note_trouble,
    paused_until,
    refused_in_a_row,
)
from signer.workflows.mailing.waits import DEAD_LETTER_PAUSE, pause_after
from signer.workflows.retention.erasure_notice import end_erasure_notice

_log = logging.getLogger(__name__)

TRIED_FOR = timedelta(days=5)
"""How long a mail is tried before it is a dead letter."""

REMINDERS_TRIED_FOR = timedelta(days=1)
"""A reminder is not worth more: the next one comes."""

LEAST_TRIES = 8
"""A mail that was tried less often is tried on, whatever the time."""


_OUTBOX = cast("Table", Outbox.__table__)
_SENT = (
    # Of the table and not of the class: there is one for each mail, and nothing of it
    # is in the session.
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("outbox_id"))
    .values(
        delivery=Delivery.SENT,
        reply=bindparam("its_reply"),
        trouble=None,
        gave_up_at=None,
        due_at=bindparam("at"),
        sent_at=bindparam("at"),
    )
    .returning(is_doubted())
)


def note_sent(context: AppContext, claimed: Claimed, reply: str) -> None:
    """Note that the server accepted a mail.

    A worker that is killed afterwards has noted it. The disk is not waited for: that
    the next claim does, and until then a power cut takes the note back, and the mail
    goes out again.
    """
    values = {"outbox_id": claimed.outbox_id, "its_reply": reply, "at": clock.now()}
    with context.sessions.writing(synced=False) as session:
        doubted = session.connection().execute(_SENT, values).scalar()
        if claimed.kind is Kind.ERASURE and (told := _row(session, claimed)):
            end_erasure_notice(session, told)
        # Whatever a stranger can ask for ends no link.
        row = _row(session, claimed) if claimed.kind is Kind.NEW_LINK else None
        if row and row.occasion.startswith(REISSUED_LINK):
            _revoke_older(session, row, claimed)
        if doubted:
            note_accepted(session, to_parent=claimed.kind in TO_PARENTS)


def note_failure(
    context: AppContext, claimed: Claimed, error: SignerError | str
) -> bool:
    """Note that a mail was not accepted, and when it is tried again, if ever.

    Gives whether sending is paused by it, or was before.

    Only a recipient that does not exist is refused for good, and of those to the
    office and the headteacher not even that; see `note_refusal`. Whatever the server or
    the operator has to mend is tried for days and pauses the others; see
    `note_trouble`.

    Args:
        context: the context.
        claimed: the mail.
        error: what it met, or the words of a fault of ours.
    """
    alarmed: MailServerTrouble | None = None
    with context.sessions.writing() as session:
        row = _row(session, claimed)
        if row is None:
            # The parent was erased meanwhile.
            return False
        error, disbelieved = _judged(session, row, error)
        row.reply = error if isinstance(error, str) else str(error)
        row.trouble = None
        if isinstance(error, MailRefused):
            _refuse(session, row)
            note_reply(session, row.reply)
            _log.warning("mail %s refused: %s", row.id, row.reply)
            return False
        if isinstance(error, MailServerTrouble):
            row.trouble = error.scope.value
        if row.trouble == TroubleScope.CONNECTION:
            # It was never offered: when the server is there, it is the next.
            row.attempts -= 1
            row.due_at = claimed.due_at
        else:
            _try_later(session, row, from_server=isinstance(error, MailError))
        if isinstance(error, MailServerTrouble):
            if note_trouble(session, error, row.id, disbelieved=disbelieved):
                alarmed = error
        elif isinstance(error, MailError):
            note_reply(session, row.reply)
        _log.warning("mail %s deferred: %s", row.id, row.reply)
        session.flush()
        paused = paused_until(session)[0] is not None
    if alarmed is not None:
        alarm(alarmed)
    return paused


def _row(session: Session, claimed: Claimed) -> Outbox | None:
    return session.get(Outbox, claimed.outbox_id, with_for_update=True)


def _judged(
    session: Session, row: Outbox, error: SignerError | str
) -> tuple[SignerError | str, bool]:
    """The error, or the operator's trouble that a refusal is in truth.

    With it is noted whether it is that since too many were refused.
    """
    if not isinstance(error, MailRefused):
        return error, False
    if row.kind in TO_STAFF:
        row.gave_up_at = row.gave_up_at or clock.now()
        return MailServerTrouble(error.reply, TroubleScope.MAIL), False
    if not error.by_server or note_refusal(session, row):
        return error, False
    _put_back(session)
    return MailServerTrouble(error.reply, TroubleScope.SERVER), True


def _put_back(session: Session) -> None:
    """Have the refusals tried again that came before one that is not believed."""
    for row in refused_in_a_row(session):
        make_due(row)
        row.attempts, row.trouble = 1, TroubleScope.SERVER.value
        _try_later(session, row, from_server=True)
        _log.warning("mail %s was refused, and is tried again", row.id)


def _refuse(session: Session, row: Outbox) -> None:
    row.delivery, row.due_at = Delivery.REFUSED, clock.now()
    if row.kind == Kind.ERASURE:
        # Nobody has another address, or the parent to ask for one.
        row.delivery = Delivery.DROPPED
        end_erasure_notice(session, row)
    elif row.kind in TO_PARENTS and row.request_id is not None:
        # A mail that is lost is the office's to know, and not the log's alone. One
        # that was sent again by hand is told of again.
        first = f"{REFUSED}{row.id}"
        told = select(func.count()).where(
            or_(Outbox.occasion == first, Outbox.occasion.startswith(f"{first}:"))
        )
        times = session.scalar(told.select_from(Outbox)) or 0
        occasion = f"{first}:{times + 1}" if times else first
        session.add(new_mail(Kind.OFFICE_REFUSED, occasion, request_id=row.request_id))
    elif row.kind == Kind.STAFF_RELEASE:
        session.flush()
        queue_alarm(session, "staff")


def _try_later(session: Session, row: Outbox, *, from_server: bool) -> None:
    now = clock.now()
    row.tried_at = min(row.tried_at or now, now)
    row.due_at = now + pause_after(row.attempts)
    reminder = row.kind == Kind.REMIND
    patience = REMINDERS_TRIED_FOR if reminder else TRIED_FOR
    over = (
        from_server and row.attempts >= LEAST_TRIES and now - row.tried_at >= patience
    )
    if row.kind in TO_STAFF:
        if over:
            row.gave_up_at = row.gave_up_at or now
        if row.gave_up_at is not None:
            row.due_at = now + DEAD_LETTER_PAUSE
    elif over and reminder:
        row.delivery = Delivery.DROPPED
    elif over and row.kind == Kind.ERASURE:
        row.delivery = Delivery.DROPPED
        end_erasure_notice(session, row)
    elif over:
        row.delivery, row.gave_up_at = Delivery.REFUSED, now
        queue_alarm(session, "staff" if row.kind == Kind.STAFF_RELEASE else "mail")


def _revoke_older(session: Session, row: Outbox, claimed: Claimed) -> None:
    """End the links that a parent had before the office sent a new one.

    Not before the new one is mailed: until then they are all that the parent has.
    """
    # What earlier attempts minted, perhaps in the second of asking, may have arrived.
    first = claimed.attempts == 1
    asked_at = row.queued_at
    parent_id = select(Request.parent_id).where(Request.id == row.request_id)
    session.execute(
        update(Link)
        .where(
            Link.revoked_at.is_(None),
            Link.made_at <= asked_at if first else Link.made_at < asked_at,
            Link.fingerprint != claimed.mark,
            Link.request_id.in_(
                select(Request.id).where(
                    Request.parent_id == parent_id.scalar_subquery()
                )
            ),
        )
        .values(revoked_at=clock.now())
    )
