"""Emptying the outbox: minting the link, composing, sending, noting what came of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from signer import clock
from signer.errors import MailError, MailRefused
from signer.links import fingerprint
from signer.mail.composing import Kind, compose
from signer.store.tables import Delivery, Link, Outbox, Request
from signer.workflows.follow_link import LinkState, state_of
from signer.workflows.letters import Letter, alarm_letter, office_letter, parent_letter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.mail.transport import Transport
    from signer.workflows.house import House

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a worker may take over one mail before another one tries."""

LONGEST_WAIT = timedelta(hours=6)
"""The longest pause between two attempts."""

_WITH_LINK = {Kind.ASK, Kind.NEW_LINK}
_TO_PARENT = {*_WITH_LINK, Kind.RECEIPT, Kind.ACKNOWLEDGEMENT}


def send_mail(house: House, transport: Transport) -> int:
    """Send whatever is due; gives how many mails were accepted.

    Afterwards each mail is sent, refused for good, dropped because its request no
    longer wants it, or due again later. Several workers share the outbox; none
    waits for another. A worker that dies between the server's "yes" and our note
    of it leads to a second copy, under the same Message-ID, and never to none.
    """
    sent = 0
    while (claimed := _claim(house)) is not None:
        outbox_id, letter = claimed
        if letter is None:
            continue
        sent += _deliver(house, transport, outbox_id, letter)
    return sent


def waiting_mail(house: House) -> int:
    """How many mails are still to go out."""
    with house.sessions.reading() as session:
        query = select(func.count()).where(Outbox.delivery == Delivery.QUEUED)
        return session.scalar(query) or 0


def _claim(house: House) -> tuple[int, Letter | None] | None:
    now = clock.now()
    with house.sessions.writing() as session:
        row = session.scalars(
            select(Outbox)
            .where(Outbox.delivery == Delivery.QUEUED, Outbox.due_at <= now)
            .order_by(Outbox.due_at, Outbox.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.attempts += 1
        row.due_at = now + LEASE
        letter = _write(house, session, row)
        if letter is None:
            row.delivery = Delivery.DROPPED
        return row.id, letter


def _write(house: House, session: Session, row: Outbox) -> Letter | None:
    """The mail of an outbox row, or None where nobody wants it any more."""
    kind = Kind(row.kind)
    if row.request_id is None:
        return alarm_letter(house, session)
    request = session.get_one(Request, row.request_id)
    if kind not in _TO_PARENT:
        return office_letter(house, session, kind, row)
    link = ""
    if kind in _WITH_LINK:
        wanted = {LinkState.OPEN}
        if kind is Kind.NEW_LINK:
            wanted |= {LinkState.DECLINED, LinkState.SIGNED}
        if state_of(session, request) not in wanted or request.parent.left_at:
            return None
        link = _mint(house, session, request, revoke_older=kind is Kind.NEW_LINK)
    return parent_letter(house, session, kind, request, link=link)


def _mint(
    house: House, session: Session, request: Request, *, revoke_older: bool
) -> str:
    now = clock.now()
    if revoke_older:
        session.execute(
            update(Link)
            .where(
                Link.revoked_at.is_(None),
                Link.request_id.in_(
                    select(Request.id).where(Request.parent_id == request.parent_id)
                ),
            )
            .values(revoked_at=now)
        )
    token, link_id = house.tokens.mint()
    session.add(
        Link(request_id=request.id, fingerprint=fingerprint(link_id), made_at=now)
    )
    return f"{house.settings.base_url}/s/{token}"


def _deliver(house: House, transport: Transport, outbox_id: int, letter: Letter) -> int:
    host = urlsplit(house.settings.base_url).hostname or "localhost"
    with house.sessions.reading() as session:
        row = session.get_one(Outbox, outbox_id)
        message_id = f"<{row.message_ref}@{host}>"
        attempts = row.attempts
    try:
        message = compose(
            letter.kind,
            sender=house.settings.mail_from,
            to_name=letter.to_name,
            to_email=letter.to_email,
            message_id=message_id,
            at=clock.now(),
            values=letter.values,
            attachments=letter.attachments,
        )
        reply = transport.send(message)
    except MailRefused as error:
        _log.warning("mail %s refused: %s", outbox_id, error.reply)
        _note(house, outbox_id, Delivery.REFUSED, error.reply)
        return 0
    except MailError as error:
        # The server's "not now", or a fault of ours that a later release mends.
        wait = min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_WAIT)
        _log.warning("mail %s deferred for %s: %s", outbox_id, wait, error.reply)
        _note(house, outbox_id, Delivery.QUEUED, error.reply, wait)
        return 0
    _note(house, outbox_id, Delivery.SENT, reply)
    return 1


def _note(
    house: House,
    outbox_id: int,
    delivery: Delivery,
    reply: str,
    wait: timedelta = timedelta(),
) -> None:
    now = clock.now()
    with house.sessions.writing() as session:
        row = session.get_one(Outbox, outbox_id, with_for_update=True)
        row.delivery = delivery
        row.reply = reply
        row.due_at = now + wait
        row.sent_at = now if delivery is Delivery.SENT else None
