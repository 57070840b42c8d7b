"""Sending a new link: to whoever asks for one at an address, and from the office.

Anybody can ask, so that asking ends no link and fills no mailbox. A link that fell into
the wrong hands is ended by the office, which sends another.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from signer import clock
from signer.correlation import correlated
from signer.errors import RequestUnknown
from signer.mail.kinds import Kind
from signer.store.columns import Delivery, Status
from signer.store.tables import Outbox, Parent, Request
from signer.store.transient import LinkAsk
from signer.workflows.context import AppContext, current_number
from signer.workflows.desk.sign_in import answer_sign_in_ask
from signer.workflows.mailing.outbox import REISSUED_LINK, queue_mail
from signer.workflows.requests.ask_limits import forget_networks
from signer.workflows.requests.disputes import is_held
from signer.workflows.requests.link_asks import address_in

AT_MOST_EVERY = timedelta(minutes=10)
"""How often a new link is mailed for one request that is asked for by anybody."""

MOST_A_DAY = 3
"""How many are mailed for one request within any 24 hours, so that nobody's mailbox
fills."""


@dataclass(frozen=True, slots=True)
class Reissued:
    """What came of sending new links to an address.

    Attributes:
        links: how many are to be mailed.
        held: whether they wait, for it is in dispute whose address it is.
    """

    links: int
    held: bool


def answer_link_asks(context: AppContext) -> int:
    """Queue the links that were asked for, and forget addresses and networks.

    Each is forgotten in the transaction that queues its mails: none is lost by a
    crash, and none is answered twice.

    Returns:
        How many were looked at.
    """
    count = 0
    while True:
        with context.sessions.writing() as session:
            ask = session.scalar(
                select(LinkAsk)
                .order_by(LinkAsk.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if ask is None:
                forget_networks(session)
                return count
            with correlated(ask.correlation_id):
                if ask.to_desk:
                    answer_sign_in_ask(context, session, ask)
                elif (email := address_in(context, ask)) is not None:
                    _queue_asked_links(session, email)
            session.delete(ask)
        count += 1


def reissue_links(context: AppContext, email: str) -> Reissued:
    """Queue a new link for every parent at an address who has a request.

    As each is mailed, the parent's older links end. Where the address is in dispute,
    they are mailed once that is settled.

    Args:
        context: the context.
        email: the address as typed.

    Raises:
        RequestUnknown: no parent at the address was asked.
    """
    with context.sessions.writing() as session:
        requests = _requests_at(session, email)
        if not requests:
            raise RequestUnknown
        for request in requests:
            _queue_link(session, request, REISSUED_LINK)
        held = bool(_requests_at(session, email, is_held(Parent.email_key)))
    context.wake_worker()
    return Reissued(len(requests), held)


def reissue_link_of(context: AppContext, parent_id: int) -> Reissued:
    """Queue a new link for one parent, whoever else has their address.

    As it is mailed, their older links end. While one waits to go out, no second one is
    queued beside it.

    Args:
        context: the context.
        parent_id: who.

    Raises:
        RequestUnknown: they were not asked, have left, or have no address.
    """
    with context.sessions.writing() as session:
        request = session.scalar(
            _present(current_number(session))
            .where(Parent.id == parent_id, Parent.email != "")
            .with_for_update(of=Request)
        )
        if request is None:
            raise RequestUnknown
        if not _waits_for_link(session, request):
            _queue_link(session, request, REISSUED_LINK)
        held = bool(
            session.scalar(
                select(Parent.id).where(
                    Parent.id == parent_id, is_held(Parent.email_key)
                )
            )
        )
    context.wake_worker()
    return Reissued(1, held)


def _waits_for_link(session: Session, request: Request) -> bool:
    waiting = select(Outbox.id).where(
        Outbox.request_id == request.id,
        Outbox.kind == Kind.NEW_LINK.value,
        Outbox.delivery == Delivery.QUEUED,
    )
    return session.scalar(waiting.limit(1)) is not None


def _queue_asked_links(session: Session, email: str) -> None:
    """Queue a new link for each request that has not had too many lately."""
    now = clock.now()
    # What is held would wait, and go out all at once.
    for request in _requests_at(session, email, ~is_held(Parent.email_key)):
        mailed = session.scalars(
            select(Outbox.queued_at).where(
                Outbox.request_id == request.id,
                Outbox.kind == Kind.NEW_LINK.value,
                Outbox.queued_at > now - timedelta(days=1),
            )
        ).all()
        lately = any(queued_at > now - AT_MOST_EVERY for queued_at in mailed)
        if len(mailed) < MOST_A_DAY and not lately:
            _queue_link(session, request, "new_link:")


def _requests_at(
    session: Session, email: str, *also: ColumnElement[bool]
) -> Sequence[Request]:
    """Lock and return the present requests of every parent at an address."""
    return session.scalars(
        _present(current_number(session))
        .where(Parent.email_key == email.strip().lower(), *also)
        .with_for_update(of=Request)
    ).all()


def _present(number: int | None) -> Select[Request]:
    """Select what those who have not left were asked for last.

    Args:
        number: of the version in force; None where there is none.
    """
    return (
        select(Request)
        .join(Parent)
        .where(
            Parent.left_at.is_(None),
            Request.version_number == number,
            Request.status != Status.WITHDRAWN,
        )
    )


def _queue_link(session: Session, request: Request, occasion: str) -> None:
    occasion += f"{request.id}:{secrets.token_hex(8)}"
    queue_mail(session, Kind.NEW_LINK, occasion, request_id=request.id)
