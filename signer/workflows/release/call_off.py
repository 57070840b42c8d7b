"""Calling off the mail to parents while it is going out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session, aliased

from signer import clock
from signer.mail.kinds import Kind
from signer.store.campaigns.plans import PlannedAsk
from signer.store.columns import Delivery, Status
from signer.store.log.append import lock_log
from signer.store.paper.tables import Paper
from signer.store.tables import EarlierAsk, Link, Note, Outbox, Request
from signer.workflows.campaigns.plan_ask import called_off_number
from signer.workflows.context import AppContext, current_number

BATCH = 1000
"""How many mails one transaction takes back."""


def call_off_sending(context: AppContext, *, by: str) -> int:
    """Call off the mail that asks for the version in force, as it goes out.

    Afterwards no mail goes that no worker had begun to send, the parents whom it was
    for have not been asked, and nobody is asked by itself until somebody asks, or plans
    anew. What had gone stays as it is: those parents can answer.

    Args:
        context: the context.
        by: who calls it off.

    Returns:
        How many parents have not been asked after all, by this.
    """
    with context.sessions.writing() as session:
        lock_log(session)
        number = current_number(session)
        if number is None or session.scalar(_queued(number).limit(1)) is None:
            return 0
        now = clock.now()
        session.add(
            PlannedAsk(
                version_number=number,
                send_at=now,
                planned_at=now,
                planned_by=by,
                called_off_at=now,
                called_off_by=by,
            )
        )
    return take_back(context)


def take_back(context: AppContext) -> int:
    """Take back what is queued of a mail that was called off; gives for how many.

    Afterwards each of these parents waits to be asked, as before; who has come by an
    older link meanwhile, or may have got the mail, has a request and gets no mail. Safe
    to repeat, to interrupt and to run twice at once: a batch is one transaction.
    """
    taken = 0
    while True:
        with context.sessions.writing() as session:
            number = called_off_number(session)
            rows = [] if number is None else session.scalars(_unclaimed(number)).all()
            if not rows:
                return taken
            taken += _take_back(session, rows)


def _queued(number: int) -> Select[Outbox]:
    """The mails that ask for a version and have not been accepted yet."""
    return (
        select(Outbox)
        .join(Request, Request.id == Outbox.request_id)
        .where(
            Outbox.kind == Kind.ASK.value,
            Outbox.delivery == Delivery.QUEUED,
            Request.version_number == number,
        )
    )


def _unclaimed(number: int) -> Select[Outbox]:
    """Those of them that no worker is sending, locked; one batch."""
    # Whatever a worker is claiming in this moment goes.
    return (
        _queued(number)
        .where(or_(Outbox.attempts == 0, Outbox.due_at <= clock.now()))
        .order_by(Outbox.id)
        .limit(BATCH)
        .with_for_update(of=Outbox, skip_locked=True)
    )


def _take_back(session: Session, rows: Sequence[Outbox]) -> int:
    """Take back one batch; gives how many parents have not been asked after all."""
    by_request = {row.request_id: row for row in rows}
    fresh = set(session.scalars(_untouched(list(by_request))))
    gone = [row.id for key, row in by_request.items() if key in fresh]
    session.execute(delete(Outbox).where(Outbox.id.in_(gone)))
    session.execute(delete(Request).where(Request.id.in_(fresh)))
    others = [row for row in rows if row.id not in set(gone)]
    returned = sum(_withdraw_again(session, row) for row in others)
    return len(fresh) + returned


def _untouched(requests: Sequence[int | None]) -> Select[int]:
    """Which requests exist for their mail alone: nothing else tells of them."""
    other = aliased(Outbox)
    mails = select(other.id).where(
        other.request_id == Request.id,
        or_(other.kind != Kind.ASK.value, other.attempts > 0),
    )
    told = [
        select(table.request_id).where(table.request_id == Request.id)
        for table in (Link, Note, Paper, EarlierAsk)
    ]
    return select(Request.id).where(
        Request.id.in_(requests),
        Request.status == Status.PENDING,
        Request.opened_at.is_(None),
        *(~query.exists() for query in (mails, *told)),
    )


def _withdraw_again(session: Session, row: Outbox) -> bool:
    """Drop a mail; whoever was asked because they came back waits for that again."""
    row.delivery = Delivery.DROPPED
    request = session.get_one(Request, row.request_id)
    if request.status is not Status.PENDING or request.opened_at or row.attempts:
        return False
    earlier = session.scalar(
        select(EarlierAsk)
        .where(EarlierAsk.request_id == request.id)
        .order_by(EarlierAsk.id.desc())
        .limit(1)
    )
    after = f"ask:request:{request.id}:after:"
    if earlier is None or not row.occasion.startswith(after):
        return False
    request.status, request.closed_at = Status.WITHDRAWN, earlier.withdrawn_at
    request.asked_at = earlier.asked_at
    session.delete(earlier)
    # The same occasion is queued once more when they are asked.
    session.delete(row)
    return True
