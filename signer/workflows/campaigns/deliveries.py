"""What came of the mail of each request: of the newest whose fate is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlalchemy import CompoundSelect, Select, Subquery, case, func, select, union
from sqlalchemy.orm import Session

from signer.mail.kinds import WITH_LINK
from signer.store.columns import Delivery
from signer.store.tables import Bounce, Outbox, Request
from signer.workflows.record.answers import of_versions

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


def count_deliveries(
    session: Session, numbers: Collection[int] | None
) -> Counter[tuple[int, str]]:
    """Count the requests of versions by the fate of their mail.

    Args:
        session: a transaction.
        numbers: of the versions that are meant; None for all.

    Returns:
        how many there are of each version's number and fate.
    """
    mail = deliveries(
        select(Request.id).where(of_versions(numbers), Request.id.in_(in_doubt()))
    )
    rows = session.execute(
        select(Request.version_number, mail.c.fate, func.count())
        .join(mail, mail.c.request_id == Request.id)
        .group_by(Request.version_number, mail.c.fate)
    )
    counts = Counter({(number, fate): n for number, fate, n in rows})
    # Of nearly all of them nothing is known but that a mail was accepted.
    accepted = select(Outbox.id).where(
        Outbox.request_id == Request.id,
        Outbox.kind.in_(WITH_LINK),
        Outbox.delivery == Delivery.SENT,
    )
    for number, n in session.execute(
        select(Request.version_number, func.count())
        .where(
            of_versions(numbers),
            Request.id.not_in(in_doubt()),
            accepted.exists(),
        )
        .group_by(Request.version_number)
    ):
        counts[number, Delivery.SENT.value] += n
    return counts


def in_doubt() -> CompoundSelect[int]:
    """Return the ids of requests of which a mail came back, was refused, or waits.

    The mails of all others that have any were accepted.
    """
    came_back = (
        select(Outbox.request_id)
        .join(Bounce, Bounce.outbox_id == Outbox.id)
        .where(Outbox.request_id.is_not(None))
    )
    open_or_refused = select(Outbox.request_id).where(
        Outbox.request_id.is_not(None),
        Outbox.kind.in_(WITH_LINK),
        Outbox.delivery.in_([Delivery.REFUSED, Delivery.QUEUED]),
    )
    return union(came_back, open_or_refused)
