"""A parent's name and address put right: the person, and all that is theirs, stays."""

from __future__ import annotations

import secrets

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.compose import WITH_LINK, Kind
from signer.store.columns import Delivery, Status
from signer.store.tables import FormerIdentity, Link, Outbox, Parent, Request
from signer.user_text import same_name
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.register.deletion import lock_requests
from signer.workflows.requests.disputes import THE_ADDRESS, settle_for_parents


def correct_identity(session: Session, parent: Parent, *, name: str, email: str) -> int:
    """Give a parent another name or address, and keep those of before.

    Where the address is another one, links that were mailed to the old one end, what
    was in dispute about it is settled, and each open request is mailed again.

    Args:
        session: a transaction that writes.
        parent: who.
        name: as it is to stand in the register.
        email: as it is to stand in the register.

    Returns:
        How many requests are mailed again.
    """
    if (parent.name, parent.email) == (name, email):
        return 0
    now = clock.now()
    since = parent.former[-1].until_at if parent.former else parent.added_at
    parent.former.append(
        FormerIdentity(
            name=parent.name,
            email=parent.email,
            email_key=parent.email_key,
            from_at=since,
            until_at=now,
        )
    )
    moved = parent.email_key != email.lower()
    parent.name, parent.name_key = name, same_name(name)
    parent.email, parent.email_key = email, email.lower()
    session.flush()
    return _readdress(session, parent) if moved else 0


def _readdress(session: Session, parent: Parent) -> int:
    requests = session.scalars(
        select(Request).where(Request.parent_id == parent.id).order_by(Request.id)
    ).all()
    numbers = [request.id for request in requests]
    lock_requests(session, numbers)
    for request in requests:
        # It may have been answered before it was locked.
        session.refresh(request)
    session.execute(
        update(Link)
        .where(Link.request_id.in_(numbers), Link.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    # One that is being sent leads nowhere by now; what waits would be a second one.
    session.execute(
        update(Outbox)
        .where(
            Outbox.request_id.in_(numbers),
            Outbox.delivery == Delivery.QUEUED,
            Outbox.kind.in_([kind.value for kind in WITH_LINK]),
        )
        .values(delivery=Delivery.DROPPED)
    )
    settle_for_parents(session, [parent.id], by=THE_ADDRESS)
    pending = [
        request
        for request in requests
        if request.status is Status.PENDING and parent.left_at is None
    ]
    for request in pending:
        occasion = f"ask:request:{request.id}:moved:{secrets.token_hex(8)}"
        queue_mail(session, Kind.ASK, occasion, request_id=request.id)
    return len(pending)
