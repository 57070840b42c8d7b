"""What came of the mail of each request: of the newest whose fate is known."""

from __future__ import annotations

from sqlalchemy import Select, Subquery, case, func, select

from signer.mail.compose import WITH_LINK
from signer.store.columns import Delivery
from signer.store.tables import Bounce, Outbox

BOUNCED = "bounced"
"""Beside the deliveries: what came of a mail that was accepted."""


def deliveries(requests: Select[int] | None = None) -> Subquery:
    """Return the fate of the mail of each request: ``request_id`` and ``fate``.

    The fate is `BOUNCED`, or a `Delivery`: sent, refused, or queued where the first
    mail has yet to go. A request has none whose mail was dropped before it went.

    Args:
        requests: the ids of those that are looked at; all of them by default.
    """
    with_link = Outbox.kind.in_(WITH_LINK)
    refused = with_link & (Outbox.delivery == Delivery.REFUSED)
    known = refused | (with_link & (Outbox.delivery == Delivery.SENT))
    waits = with_link & (Outbox.delivery == Delivery.QUEUED)
    # All of it stands in one index: no row of the outbox is read.
    mails = (
        select(
            Outbox.request_id,
            func.max(case((known, Outbox.id))).label("newest"),
            func.max(case((refused, Outbox.id))).label("refused"),
            func.count(case((waits, 1))).label("waiting"),
        )
        .where(
            Outbox.request_id.is_not(None)
            if requests is None
            else Outbox.request_id.in_(requests)
        )
        .group_by(Outbox.request_id)
        .subquery()
    )
    came_back = select(Bounce.id).where(Bounce.outbox_id == mails.c.newest).exists()
    fate = case(
        (mails.c.newest.is_(None), Delivery.QUEUED.value),
        (came_back, BOUNCED),
        (mails.c.newest == mails.c.refused, Delivery.REFUSED.value),
        else_=Delivery.SENT.value,
    )
    return (
        select(mails.c.request_id, fate.label("fate"))
        .where(mails.c.newest.is_not(None) | (mails.c.waiting > 0))
        .subquery()
    )
