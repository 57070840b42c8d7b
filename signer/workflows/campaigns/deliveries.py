"""What came of the mail of each request: of the newest whose fate is known."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select, union_all

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
    with_link: ColumnElement[bool] = Outbox.kind.in_(WITH_LINK)
    if requests is not None:
        with_link &= Outbox.request_id.in_(requests)
    known = (
        select(Outbox.request_id, func.max(Outbox.id).label("newest"))
        .where(with_link, Outbox.delivery.in_([Delivery.SENT, Delivery.REFUSED]))
        .group_by(Outbox.request_id)
        .subquery()
    )
    came_back = select(Bounce.id).where(Bounce.outbox_id == Outbox.id).exists()
    fate = case(
        (came_back, BOUNCED),
        (Outbox.delivery == Delivery.SENT, Delivery.SENT.value),
        else_=Delivery.REFUSED.value,
    )
    known_fates = select(Outbox.request_id, fate.label("fate")).join(
        known, known.c.newest == Outbox.id
    )
    waiting = (
        select(Outbox.request_id, case((with_link, Delivery.QUEUED.value)))
        .where(
            with_link,
            Outbox.delivery == Delivery.QUEUED,
            Outbox.request_id.not_in(select(known.c.request_id)),
        )
        .distinct()
    )
    return union_all(known_fates, waiting).subquery()
