"""Sending a new link to whoever asks for one at an address."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer import clock
from signer.mail.composing import Kind
from signer.store.tables import Outbox, Parent, Request, Status
from signer.workflows.house import current_number
from signer.workflows.outbox import queue_mail

if TYPE_CHECKING:
    from signer.workflows.house import House

AT_MOST_EVERY = timedelta(minutes=10)
"""How often a new link is mailed for one request, so that nobody's mailbox fills."""


def reissue_links(house: House, email: str) -> None:
    """Queue a new link for every parent at an address who has a request.

    Gives nothing and raises nothing that would tell whether the address is in the
    register. The older links end when the new one is mailed.

    Args:
        house: the house.
        email: the address as typed.
    """
    now = clock.now()
    with house.sessions.writing() as session:
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
    house.wake_worker()
