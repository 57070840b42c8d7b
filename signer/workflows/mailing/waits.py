"""How long a mail waits before it is tried again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import Kind, Rank
from signer.store.columns import Delivery
from signer.store.tables import Outbox

LONGEST_WAIT = timedelta(hours=6)
"""The longest pause between two attempts."""

DEAD_LETTER_PAUSE = timedelta(days=1)
"""How often a dead letter to the office or the headteacher is tried."""


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts."""
    return min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_WAIT)


def pull_in(session: Session) -> None:
    """Make due what waits for longer than any wait of ours: a clock was ahead.

    A reminder may wait for the end of a holiday.
    """
    now = clock.now()
    staff = Outbox.rank == Rank.STAFF.value
    others = Outbox.rank.in_([rank.value for rank in Rank if rank is not Rank.STAFF])
    session.execute(
        update(Outbox)
        .where(
            Outbox.delivery == Delivery.QUEUED,
            Outbox.kind != Kind.REMIND.value,
            or_(
                and_(staff, Outbox.due_at > now + DEAD_LETTER_PAUSE),
                and_(others, Outbox.due_at > now + LONGEST_WAIT),
            ),
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
