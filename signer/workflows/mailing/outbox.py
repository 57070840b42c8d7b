"""Putting mail into the outbox, inside the transaction of what it tells of."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import MAIL_KINDS, Kind
from signer.store.tables import Outbox

MESSAGE_REF_BYTES = 12

REISSUED_LINK = "reissued_link:"
"""How the occasion of a mail begins whose link ends those before it."""


def queue_mail(  # noqa: PLR0913 - what makes up a row, each named by its caller
    session: Session,
    kind: Kind,
    occasion: str,
    *,
    request_id: int | None = None,
    note_id: int | None = None,
    after: timedelta = timedelta(),
) -> bool:
    """Put one mail into the outbox, or nothing when it is there already.

    Gives whether it was put there by this.

    Args:
        session: the transaction of what the mail tells of. Its caller holds a lock
            on the request, so that nobody queues the same occasion meanwhile.
        kind: which mail.
        occasion: what it is for; the same occasion is queued once.
        request_id: the request it is about.
        note_id: the parent's words that it passes on.
        after: how long a trouble has to pass before the mail is due.
    """
    there = select(Outbox.id).where(Outbox.occasion == occasion)
    if session.scalar(there) is not None:
        return False
    mail = new_mail(kind, occasion, request_id=request_id, note_id=note_id)
    mail.due_at += after
    session.add(mail)
    return True


def new_mail(
    kind: Kind,
    occasion: str,
    *,
    request_id: int | None = None,
    note_id: int | None = None,
) -> Outbox:
    """A row for the outbox, due at once."""
    return Outbox(**mail_row(kind, occasion, request_id=request_id, note_id=note_id))


def mail_row(
    kind: Kind,
    occasion: str,
    *,
    request_id: int | None = None,
    note_id: int | None = None,
) -> dict[str, Any]:
    """The values of a row for the outbox, due at once; for inserting many."""
    now = clock.now()
    return {
        "occasion": occasion,
        "kind": kind.value,
        "request_id": request_id,
        "note_id": note_id,
        "rank": MAIL_KINDS[kind].rank.value,
        "message_ref": secrets.token_hex(MESSAGE_REF_BYTES),
        "queued_at": now,
        "due_at": now,
    }
