"""The figures of the record at one moment: what readiness and metrics start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.store.columns import Delivery, Status
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import LogHead, SignedCheckpoint
from signer.store.tables import (
    Base,
    Declaration,
    Outbox,
    Request,
)
from signer.store.transient import Heartbeat
from signer.workflows.context import AppContext
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.requests.disputes import mail_is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the database tells of itself; counts and times, and nobody's name.

    Attributes:
        at: when they were taken.
        untried: how many mails are due that nobody has tried to send.
        untried_since: since when the oldest of those is due.
        deferred: when each mail was first put off that was tried and still waits, the
            oldest first, and `MOST_DEFERRED` at most.
        last_sent: when a mail server last accepted a mail, by a clock that was not
            ahead.
        unsealed: how many declarations have no seal yet.
        unsealed_since: when the oldest of those was signed.
        uncovered_since: when the oldest seal was made that no checkpoint covers.
        log_size: entries of the log.
        covered: entries that the newest checkpoint covers.
        checkpoint_at: when it was signed.
        heartbeats: the newest of each lane, whichever worker's, by a clock that was
            not ahead.
        newest_time: the newest moment that anything in the record states.
    """

    at: datetime
    untried: int
    untried_since: datetime | None
    deferred: tuple[datetime, ...]
    last_sent: datetime | None
    unsealed: int
    unsealed_since: datetime | None
    uncovered_since: datetime | None
    log_size: int
    covered: int
    checkpoint_at: datetime | None
    heartbeats: Mapping[str, datetime]
    newest_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is in all, of all years.

    Attributes:
        requests: how many, by version and status.
        mails: how many in the outbox, by kind and delivery.
        declarations: how many.
    """

    requests: Mapping[tuple[int, Status], int]
    mails: Mapping[tuple[str, Delivery], int]
    declarations: int


CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clocks of several machines may differ."""

MOST_DEFERRED = 100
"""How many mails that were put off are looked at one by one."""


def take_figures(context: AppContext) -> Figures:
    """Return the figures, all of one snapshot."""
    with context.sessions.reading() as session:
        use_snapshot(session)
        return _read(session)


def count_totals(context: AppContext) -> Totals:
    """Count every request, mail and declaration."""
    with context.sessions.reading() as session:
        requests = session.execute(
            select(Request.version_number, Request.status, func.count()).group_by(
                Request.version_number, Request.status
            )
        )
        mails = session.execute(
            select(Outbox.kind, Outbox.delivery, func.count()).group_by(
                Outbox.kind, Outbox.delivery
            )
        )
        return Totals(
            requests={(number, status): count for number, status, count in requests},
            mails={(kind, delivery): count for kind, delivery, count in mails},
            declarations=_count(session, Declaration),
        )


def _read(session: Session) -> Figures:
    now = clock.now()
    queued = Outbox.delivery == Delivery.QUEUED
    untried = and_(queued, Outbox.attempts == 0, Outbox.due_at <= now, ~mail_is_held())
    put_off = func.coalesce(Outbox.tried_at, Outbox.queued_at)
    believed = now + CLOCKS_DIFFER
    unsealed = Declaration.pdf_sha256.is_(None)
    checkpoint: SignedCheckpoint | None = newest_checkpoint(session)
    covered = checkpoint.size if checkpoint else 0
    return Figures(
        at=now,
        untried=_count(session, Outbox, untried),
        untried_since=session.scalar(select(func.min(Outbox.due_at)).where(untried)),
        deferred=tuple(
            session.scalars(
                select(put_off)
                .where(queued, Outbox.attempts > 0)
                .order_by(put_off)
                .limit(MOST_DEFERRED)
            )
        ),
        last_sent=session.scalar(
            select(func.max(Outbox.sent_at)).where(Outbox.sent_at <= believed)
        ),
        unsealed=_count(session, Declaration, unsealed),
        unsealed_since=session.scalar(
            select(func.min(Declaration.signed_at)).where(unsealed)
        ),
        uncovered_since=session.scalar(
            select(func.min(Declaration.sealed_at)).where(
                Declaration.sealed_position >= covered
            )
        ),
        log_size=session.scalar(select(LogHead.size)) or 0,
        covered=covered,
        checkpoint_at=checkpoint.signed_at if checkpoint else None,
        heartbeats={
            row[0]: row[1]
            for row in session.execute(
                select(Heartbeat.lane, func.max(Heartbeat.at))
                .where(Heartbeat.at <= believed)
                .group_by(Heartbeat.lane)
            )
        },
        newest_time=_newest_time(session),
    )


def _count(
    session: Session, table: type[Base], *conditions: ColumnElement[bool]
) -> int:
    query = select(func.count()).select_from(table).where(*conditions)
    return session.scalar(query) or 0


def _newest_time(session: Session) -> datetime | None:
    times = [
        session.scalar(select(func.max(column)))
        for column in (
            Request.asked_at,
            Request.opened_at,
            Declaration.signed_at,
            Outbox.queued_at,
            Heartbeat.at,
        )
    ]
    return max((at for at in times if at is not None), default=None)
