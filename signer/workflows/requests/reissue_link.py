"""Sending a new link to whoever asks for one at an address."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer import clock
from signer.correlation import correlated
from signer.mail.compose import Kind
from signer.private_text import PrivateText
from signer.store.columns import Status
from signer.store.tables import LinkAsk, Outbox, Parent, Request
from signer.workflows.context import current_number
from signer.workflows.mailing.outbox import queue_mail

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.workflows.context import AppContext

AT_MOST_EVERY = timedelta(minutes=10)
"""How often a new link is mailed for one request, so that nobody's mailbox fills."""


MOST_WAITING = 10_000
"""How many may wait for the worker, so that nobody can fill the disk."""

_PURPOSE = "link asks"


def ask_for_links(context: AppContext, email: str) -> bool:
    """Note that somebody wants a new link, and leave it to the worker.

    It does the same for every address, so that neither the answer nor the time it
    takes tells whether the address is in the register.

    Args:
        context: the context.
        email: the address as typed.

    Returns:
        False when too many are waiting; then nothing is noted.
    """
    address = PrivateText(context.settings.secret_keys, purpose=_PURPOSE).encrypt(email)
    with context.sessions.writing() as session:
        waiting = session.scalar(select(func.count()).select_from(LinkAsk)) or 0
        if waiting >= MOST_WAITING:
            return False
        session.add(LinkAsk(address=address))
    context.wake_worker()
    return True


def answer_link_asks(context: AppContext) -> int:
    """Queue the links that were asked for, and forget the addresses.

    Each is forgotten in the transaction that queues its mails: none is lost by a
    crash, and none is answered twice.

    Returns:
        How many were looked at.
    """
    texts = PrivateText(context.settings.secret_keys, purpose=_PURPOSE)
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
                return count
            email = texts.decrypt(ask.address)
            if email is not None:
                with correlated(ask.correlation_id):
                    _queue_links(session, email)
            session.delete(ask)
        count += 1


def reissue_links(context: AppContext, email: str) -> None:
    """Queue a new link for every parent at an address who has a request.

    Gives nothing and raises nothing that would tell whether the address is in the
    register. The older links go on opening the request.

    Args:
        context: the context.
        email: the address as typed.
    """
    with context.sessions.writing() as session:
        _queue_links(session, email)
    context.wake_worker()


def _queue_links(session: Session, email: str) -> None:
    now = clock.now()
    requests = session.scalars(
        select(Request)
        .join(Parent)
        .where(
            Parent.email_key == email.strip().lower(),
            Parent.left_at.is_(None),
            Request.version_number == current_number(session),
            Request.status != Status.WITHDRAWN,
        )
        .with_for_update(of=Request)
    ).all()
    for request in requests:
        lately = session.scalar(
            select(Outbox.id).where(
                Outbox.request_id == request.id,
                Outbox.kind == Kind.NEW_LINK.value,
                Outbox.queued_at > now - AT_MOST_EVERY,
            )
        )
        if lately is None:
            occasion = f"new_link:{request.id}:{secrets.token_hex(8)}"
            queue_mail(session, Kind.NEW_LINK, occasion, request_id=request.id)
