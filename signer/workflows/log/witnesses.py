"""Sending the log's newest head away each month, to people who keep it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import AuthorityChanged
from signer.ledger.signed_notes import NoteVerifier
from signer.mail.kinds import Kind
from signer.mail.letter import Attachment, Letter
from signer.school_calendar import school_date
from signer.store.log.append import lock_log
from signer.store.log.tables import SignedCheckpoint
from signer.store.tables import Outbox
from signer.workflows.context import AppContext
from signer.workflows.keys.timestamp_authority import timestamp_authority
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.log.sign_when_due import keep_log
from signer.workflows.mailing.outbox import queue_mail

if TYPE_CHECKING:
    from signer.pki.tsa_client import TimestampAuthority

OCCASION = "witness:"
"""Before the month and a hash of the address, in the occasion of the mail."""

_HASH_CHARACTERS = 16


def mail_witnesses(context: AppContext) -> int:
    """Queue this month's mail to each witness; gives how many were queued by this.

    Afterwards each has one for this month, and where a timestamp authority is set
    the head in it is stamped. Nothing is queued while the log cannot be signed.

    Raises:
        SealError: the timestamp authority gives no usable answer; nothing was queued.
        KeyUnusable: its certificate cannot be read.
    """
    month = school_date(clock.now()).isoformat()[:7]
    due = {_occasion(month, one) for one in context.settings.witnesses}
    with context.sessions.reading() as session:
        there = select(Outbox.occasion).where(Outbox.occasion.in_(due))
        due -= set(session.scalars(there))
    if not due or keep_log(context) is None:
        return 0
    _stamp_newest(context)
    with context.sessions.writing() as session:
        # Two workers that see the same month write one mail.
        lock_log(session)
        return sum(queue_mail(session, Kind.WITNESS, one) for one in sorted(due))


def witness_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail to a witness; None for somebody who is none any more."""
    month = row.occasion.removeprefix(OCCASION).partition(":")[0]
    who = (
        one
        for one in context.settings.witnesses
        if _occasion(month, one) == row.occasion
    )
    address = next(who, None)
    signed = _newest_to_send(context, session)
    if address is None or signed is None:
        return None
    settings = context.settings
    attachments = [Attachment("checkpoint", signed.note.encode(), "plain", "text")]
    if signed.cosignatures:
        # The timestamp is over the note alone, which therefore stays as it was.
        attachments.append(
            Attachment("checkpoint-cosigned", signed.cosigned.encode(), "plain", "text")
        )
    if signed.timestamp is not None:
        attachments.append(
            Attachment("checkpoint.tst", signed.timestamp, "timestamp-token")
        )
    values = {
        "school": settings.school_name,
        "origin": signed.origin.origin,
        "size": signed.size,
        "root": signed.root.hex(),
        "signed_at_text": clock.in_school_time(signed.signed_at),
        "stamped": signed.timestamp is not None,
        "log_url": f"{settings.base_url}/log/",
        "guide_url": f"{settings.base_url}/guides/auditors/",
        "verifier": str(NoteVerifier.parse(signed.origin.verifier)),
        "office_email": settings.office_email,
    }
    return Letter(Kind.WITNESS, "", address, values, tuple(attachments))


def _occasion(month: str, address: str) -> str:
    mark = hashlib.sha256(address.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{OCCASION}{month}:{mark}"


def _newest_to_send(context: AppContext, session: Session) -> SignedCheckpoint | None:
    """The newest head; with an authority set, the newest that it has stamped."""
    newest = newest_checkpoint(session)
    if newest is None or not context.settings.tsa_url:
        return newest
    stamped = session.scalars(
        select(SignedCheckpoint)
        .where(
            SignedCheckpoint.origin_number == newest.origin_number,
            SignedCheckpoint.timestamp.is_not(None),
        )
        .order_by(SignedCheckpoint.size.desc())
        .limit(1)
    ).first()
    return stamped or newest


def _stamp_newest(context: AppContext) -> None:
    authority = timestamp_authority(context.settings)
    if authority is None:
        return
    with context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        if newest is None or newest.timestamp is not None:
            return
        number, message = newest.id, newest.note.encode()
    # Nobody waits for a lock while the authority takes its time.
    token = _token(authority, message)
    with context.sessions.writing() as session:
        session.get_one(SignedCheckpoint, number).timestamp = token


def _token(authority: TimestampAuthority, message: bytes) -> bytes:
    try:
        token = authority.timestamp(message, authority.measured())
    except AuthorityChanged:
        authority.forget()
        token = authority.timestamp(message, authority.measured())
    raw: bytes = token.dump()
    return raw
