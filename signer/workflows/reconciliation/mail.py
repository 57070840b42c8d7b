"""Requests and declarations against the mails that they must have led to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import WITH_LINK
from signer.store.columns import Delivery, Status
from signer.store.tables import Declaration, Outbox, Parent, Request
from signer.workflows.context import current_number
from signer.workflows.reconciliation.disagreement import Between, Disagreement
from signer.workflows.requests.disputes import mail_is_held

SENDING_TAKES = timedelta(days=1)
"""How long a mail may wait before it is one too many."""


def check_mail(session: Session) -> Iterator[Disagreement]:
    """Yield each request without a mail, each PDF without a receipt, what waits long.

    Args:
        session: a transaction with a snapshot.
    """
    yield from _not_mailed(session)
    yield from _without_receipt(session)
    yield from _waiting(session)


def _not_mailed(session: Session) -> Iterator[Disagreement]:
    mailed = (
        select(Outbox.id)
        .where(Outbox.request_id == Request.id, Outbox.kind.in_(WITH_LINK))
        .exists()
    )
    refs = session.scalars(
        select(Request.ref)
        .join(Parent)
        .where(
            Request.status == Status.PENDING,
            Request.version_number == current_number(session),
            Parent.left_at.is_(None),
            # Whoever has no address signs on paper.
            Parent.email != "",
            ~mailed,
        )
        .order_by(Request.id)
    )
    for ref in refs:
        yield Disagreement(
            Between.MAIL,
            f"request {ref}",
            "It is open, and no mail with a link was ever written for it.",
            "Ask the parent to press “Send me a new link” on the school's page, or "
            "send one from the office.",
        )


def _without_receipt(session: Session) -> Iterator[Disagreement]:
    receipt = (
        select(Outbox.id)
        .where(Outbox.occasion == literal("receipt:") + Declaration.id)
        .exists()
    )
    without = session.scalars(
        select(Declaration.id)
        .where(Declaration.pdf_sha256.is_not(None), ~receipt)
        .order_by(Declaration.id)
    )
    for declaration_id in without:
        yield Disagreement(
            Between.MAIL,
            f"declaration {declaration_id}",
            "It is sealed, and no receipt was ever written for it.",
            "The parent finds the PDF behind the link that they signed with. Send it "
            "to them, such as from `signer parent export`.",
        )


def _waiting(session: Session) -> Iterator[Disagreement]:
    waiting, oldest = session.execute(
        select(func.count(), func.min(Outbox.queued_at)).where(
            Outbox.delivery == Delivery.QUEUED,
            Outbox.queued_at < clock.now() - SENDING_TAKES,
            # A reminder may lie ready for a school day.
            Outbox.due_at < clock.now(),
            ~mail_is_held(),
        )
    ).one()
    if waiting:
        yield Disagreement(
            Between.MAIL,
            "the outbox",
            (
                "1 mail has waited for more than a day, since "
                if waiting == 1
                else f"{waiting} mails have waited for more than a day, the oldest "
                "since "
            )
            + f"{clock.in_school_time(oldest)}.",
            "See that `signer worker` runs and that the mail server takes mail: the "
            "log of the worker has its replies.",
        )
