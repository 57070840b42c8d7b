"""Emptying the outbox: minting the link, composing, sending, noting what came of it."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from signer import clock
from signer.correlation import correlated
from signer.errors import MailRefused, SignerError
from signer.links import fingerprint
from signer.mail.composing import Kind, compose
from signer.school_days import (
    is_school_day,
    morning_of,
    school_date,
    school_day_from,
)
from signer.store.tables import Delivery, Link, Outbox, Request
from signer.workflows.alarms import alarm_letter
from signer.workflows.follow_link import LinkState, state_of
from signer.workflows.keep_log import cover_receipts
from signer.workflows.letters import (
    REFUSED,
    Letter,
    office_letter,
    parent_letter,
)
from signer.workflows.mail_witnesses import witness_letter
from signer.workflows.mailing.dead_addresses import is_dead
from signer.workflows.outbox import new_mail
from signer.workflows.review_date import review_letter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.mail.transport import Transport
    from signer.workflows.house import House

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a worker may take over one mail before another one tries."""

LONGEST_WAIT = timedelta(hours=6)
"""The longest pause between two attempts."""

_WITH_LINK = {Kind.ASK, Kind.NEW_LINK, Kind.REMIND}
_TO_PARENT = {*_WITH_LINK, Kind.RECEIPT, Kind.ACKNOWLEDGEMENT}


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A mail that no other worker tries while the lease lasts.

    Attributes:
        outbox_id: its row.
        attempts: how often it was tried, this time included.
        message_ref: the local part of its Message-ID.
        letter: what it says; None where nobody wants it, or it cannot be written.
        mark: the fingerprint of the link in it, or empty.
        correlation_id: of the act that it tells of; None of an older release's.
    """

    outbox_id: int
    attempts: int
    message_ref: str
    letter: Letter | None
    mark: str = ""
    correlation_id: str | None = None


def send_mail(house: House, transport: Transport) -> int:
    """Send whatever is due; gives how many mails were accepted.

    Afterwards each mail is sent, refused for good, dropped because its request no
    longer wants it, or due again later. Several workers share the outbox; none
    waits for another. A worker that dies between the server's "yes" and our note
    of it leads to a second copy, under the same Message-ID, and never to none.
    """
    sent, covered = 0, True
    while True:
        # A receipt carries its proof. Where none can be had, it goes without.
        covered = covered and cover_receipts(house)
        house.beat()
        claimed = None if house.stopping.is_set() else _claim(house)
        if claimed is None:
            return sent
        if claimed.letter is not None:
            with correlated(claimed.correlation_id):
                sent += _deliver(house, transport, claimed, claimed.letter)


def waiting_mail(house: House) -> int:
    """How many mails are still to go out."""
    with house.sessions.reading() as session:
        query = select(func.count()).where(Outbox.delivery == Delivery.QUEUED)
        return session.scalar(query) or 0


def _claim(house: House) -> _Claimed | None:
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
        today = school_date(now)
        if row.kind == Kind.REMIND and not is_school_day(
            today, house.settings.holidays
        ):
            # It was due, and the server would not have it in time.
            row.due_at = morning_of(school_day_from(today, house.settings.holidays))
            return _Claimed(row.id, row.attempts, row.message_ref, None)
        row.attempts += 1
        row.due_at = now + LEASE
        letter, mark = None, ""
        try:
            with session.begin_nested():
                letter, mark = _write(house, session, row)
        except Exception as error:  # noqa: BLE001 - one mail holds up no other
            _log_fault(row.id, error)
            row.due_at = now + _pause(row.attempts)
            row.reply = f"this mail cannot be written ({type(error).__name__})"
        else:
            if letter is None:
                row.delivery = Delivery.DROPPED
        return _Claimed(
            row.id, row.attempts, row.message_ref, letter, mark, row.correlation_id
        )


def _write(house: House, session: Session, row: Outbox) -> tuple[Letter | None, str]:
    """The mail of an outbox row, and the fingerprint of the link in it.

    None in place of the mail where nobody wants it any more.
    """
    kind = Kind(row.kind)
    if kind is Kind.HEAD_REVIEW:
        return review_letter(house), ""
    if kind is Kind.WITNESS:
        return witness_letter(house, session, row), ""
    if row.request_id is None:
        return alarm_letter(house, session, row), ""
    request = session.get_one(Request, row.request_id)
    if kind not in _TO_PARENT:
        return office_letter(house, session, kind, row), ""
    link = mark = ""
    if kind in _WITH_LINK:
        wanted = {LinkState.OPEN}
        if kind is Kind.NEW_LINK:
            wanted |= {LinkState.DECLINED, LinkState.SIGNED}
        came_back = kind is Kind.REMIND and session.scalar(
            select(is_dead(request.parent.email_key))
        )
        unwanted = state_of(session, request) not in wanted or request.parent.left_at
        if unwanted or came_back:
            return None, ""
        link, mark = _mint(house, session, request)
    return parent_letter(house, session, kind, request, link=link), mark


def _mint(house: House, session: Session, request: Request) -> tuple[str, str]:
    """The address of a new link, and the fingerprint that is kept of it."""
    token, link_id = house.tokens.mint()
    mark = fingerprint(link_id)
    session.add(Link(request_id=request.id, fingerprint=mark, made_at=clock.now()))
    return f"{house.settings.base_url}/s/{token}", mark


def _deliver(
    house: House, transport: Transport, claimed: _Claimed, letter: Letter
) -> int:
    host = urlsplit(house.settings.base_url).hostname or "localhost"
    try:
        message = compose(
            letter.kind,
            sender=house.settings.mail_from,
            to_name=letter.to_name,
            to_email=letter.to_email,
            message_id=f"<{claimed.message_ref}@{host}>",
            at=clock.now(),
            values=letter.values,
            language=house.language,
            attachments=letter.attachments,
        )
        reply = transport.send(message)
    except MailRefused as error:
        _log.warning("mail %s refused: %s", claimed.outbox_id, error.reply)
        _note(house, claimed, Delivery.REFUSED, error.reply)
        return 0
    except SignerError as error:
        # The server's "not now", or what the operator or a later release mends.
        _log.warning("mail %s deferred: %s", claimed.outbox_id, error)
        _note(house, claimed, Delivery.QUEUED, str(error))
        return 0
    except Exception as error:  # noqa: BLE001 - one mail holds up no other
        _log_fault(claimed.outbox_id, error)
        reply = f"a fault of ours ({type(error).__name__})"
        _note(house, claimed, Delivery.QUEUED, reply)
        return 0
    _note(house, claimed, Delivery.SENT, reply)
    _log.info("mail %s (%s) accepted", claimed.outbox_id, letter.kind)
    return 1


def _pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_WAIT)


def _log_fault(outbox_id: int, error: Exception) -> None:
    # Where it happened, and not its message, which may hold a name or an address.
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("mail %s: %s in\n%s", outbox_id, type(error).__name__, where)


def _note(house: House, claimed: _Claimed, delivery: Delivery, reply: str) -> None:
    now = clock.now()
    with house.sessions.writing() as session:
        row = session.get(Outbox, claimed.outbox_id, with_for_update=True)
        if row is None:
            # The parent was erased meanwhile.
            return
        row.delivery = delivery
        row.reply = reply
        row.due_at = now
        if delivery is Delivery.QUEUED:
            row.due_at += _pause(claimed.attempts)
        if delivery is Delivery.SENT:
            row.sent_at = now
            if row.kind == Kind.NEW_LINK:
                _revoke_older(session, row, claimed)
        if delivery is Delivery.REFUSED and Kind(row.kind) in _TO_PARENT:
            # A mail that is lost is the office's to know, and not the log's alone.
            occasion = f"{REFUSED}{row.id}"
            session.add(
                new_mail(Kind.OFFICE_REFUSED, occasion, request_id=row.request_id)
            )


def _revoke_older(session: Session, row: Outbox, claimed: _Claimed) -> None:
    """End the links that the parent of a request had before asking for a new one.

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
