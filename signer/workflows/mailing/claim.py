"""Claiming mails from the outbox: which go next, and what each of them says."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.mail.kinds import TO_PARENTS, Kind, Rank
from signer.mail.letter import Letter
from signer.school_calendar import (
    is_school_day,
    morning_of,
    school_date,
    school_day_from,
)
from signer.store.columns import Delivery
from signer.store.tables import Declaration, Link, Outbox, Parent, Request
from signer.store.write_health import write_problem
from signer.workflows.campaigns.plan_ask import is_called_off
from signer.workflows.context import AppContext
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.log.sign_when_due import Coverage
from signer.workflows.mailing.letters import Known, look_up, write
from signer.workflows.mailing.pace import Pace, domain_of
from signer.workflows.mailing.server_state import paused_until
from signer.workflows.mailing.waits import pause_after, pull_in
from signer.workflows.requests.disputes import mail_is_held

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
"""How long a worker may take over the mails it claimed before another one tries."""

HELD_SECONDS = 1.0
"""Whoever waits for the database for longer was kept from it by others."""

NOTED_WITHIN = timedelta(seconds=2)
"""How long others may take to note what they sent, once the database is free."""

PROOF_PATIENCE = timedelta(minutes=10)
"""How long a receipt waits for a checkpoint while none can be signed for the moment."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that no other worker tries while the lease lasts.

    Attributes:
        outbox_id: its row.
        kind: which mail.
        attempts: how often it was tried, this time included.
        due_at: when it was due, for the case that it is handed back.
        message_ref: the local part of its Message-ID.
        correlation_id: of the act that it tells of, for the log.
        letter: what it says.
        mark: the fingerprint of the link in it, or empty.
    """

    outbox_id: int
    kind: Kind
    attempts: int
    due_at: datetime
    message_ref: str
    correlation_id: str | None
    letter: Letter
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at the outbox gave.

    Attributes:
        mails: to be sent now, in this order.
        done_without: how many rows were settled without a mail to send.
        wait: how long until the limits of `Pace` let more go, or those that were begun
            may be taken over, where either holds something back.
    """

    mails: tuple[Claimed, ...]
    done_without: int = 0
    wait: timedelta | None = None


def claim(context: AppContext, most: int, *, coverage: Coverage) -> Batch:
    """Claim what goes next, by rank and then by when it was due.

    Whoever had to wait for the database leaves what was begun before: the worker that
    sent it may have waited as well, for noting that.

    Args:
        context: the context.
        most: how many mails at most.
        coverage: what `cover_receipts` gave just before. A receipt that came due since
            then waits for the next look, which covers it.
    """
    asked = time.monotonic()
    with context.sessions.writing() as session:
        held = time.monotonic() - asked > HELD_SECONDS
        now = clock.now()
        paused, probing = paused_until(session)
        if paused is not None:
            return Batch(())
        pull_in(session)
        pace = Pace(session, context.settings)
        wanted = _may_go(session, now, coverage)
        wanted = and_(wanted, ~is_called_off(session))
        if held:
            wanted = and_(wanted, Outbox.attempts == 0)
        # What the letters are about is held for as long as they are written.
        due = list(_due(session, context, 1 if probing else most, pace, wanted))
        mails = _claim_rows(context, session, [(row, asked) for row, asked, _ in due])
        wait = pace.wait()
        if held:
            wait = max(wait or timedelta(), NOTED_WITHIN)
        return Batch(tuple(mails), len(due) - len(mails), wait)


def release(context: AppContext, mails: Sequence[Claimed]) -> None:
    """Hand back mails that were not offered to the server: they are due as before."""
    with context.sessions.writing() as session:
        for claimed in sorted(mails, key=lambda mail: mail.outbox_id):
            row = session.get(Outbox, claimed.outbox_id, with_for_update=True)
            if row is None or row.attempts != claimed.attempts:
                # The parent was erased, or another worker has it by now.
                continue
            row.attempts -= 1
            row.due_at = claimed.due_at
            if claimed.mark:
                session.execute(delete(Link).where(Link.fingerprint == claimed.mark))


def log_fault(outbox_id: int, error: Exception) -> None:
    """Log a fault of ours, without its message, which may hold a name or an address."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("mail %s: %s in\n%s", outbox_id, type(error).__name__, where)


def _may_go(session: Session, now: datetime, coverage: Coverage) -> ColumnElement[bool]:
    """Which rows are due; a receipt that is not covered yet waits for its proof."""
    due = and_(
        Outbox.delivery == Delivery.QUEUED, Outbox.due_at <= now, ~mail_is_held()
    )
    if coverage is Coverage.UNAVAILABLE:
        return due
    newest = newest_checkpoint(session)
    uncovered = (
        select(Declaration.id)
        .where(
            Declaration.request_id == Outbox.request_id,
            Declaration.sealed_position >= (0 if newest is None else newest.size),
        )
        .exists()
    )
    with_proof = or_(Outbox.kind != Kind.RECEIPT.value, ~uncovered)
    if coverage is Coverage.LATER:
        with_proof = or_(with_proof, Outbox.queued_at <= now - PROOF_PATIENCE)
    # Where a checkpoint can be signed, the hour at which a receipt was queued says
    # nothing: it may have been held till now, or queued by another machine's clock.
    return and_(due, with_proof)


def _due(
    session: Session,
    context: AppContext,
    most: int,
    pace: Pace,
    wanted: ColumnElement[bool],
) -> Iterator[tuple[Outbox, Request | None, Parent | None]]:
    """The rows to claim; each but those that only move has its place in the pace.

    Beside each stand the request and the parent that it is about, read with it.
    """
    holidays = context.settings.holidays
    today = school_date(clock.now())
    school = is_school_day(today, holidays)
    taken = 0
    for rank in Rank:
        # One query for each rank: an index gives it in order.
        query = (
            select(Outbox, Request, Parent)
            .outerjoin(Request, Request.id == Outbox.request_id)
            .outerjoin(Parent, Parent.id == Request.parent_id)
            .where(Outbox.rank == rank.value, wanted)
            .order_by(Outbox.due_at, Outbox.id)
            .limit(most - taken)
            .with_for_update(of=Outbox, skip_locked=True)
        )
        for domain in pace.full():
            to_it = Parent.email.ilike(f"%@{_escaped(domain)}", escape="\\")
            query = query.where(
                or_(~Outbox.kind.in_(TO_PARENTS), Parent.email.is_(None), ~to_it)
            )
        for row, request, parent in session.execute(query).all():
            if row.kind == Kind.REMIND and not school:
                # It was due, and the server would not have it in time.
                row.due_at = morning_of(school_day_from(today, holidays))
                taken += 1
                continue
            to_parent = row.kind in TO_PARENTS and row.request_id is not None
            # One whose address was taken away goes nowhere.
            email = parent.email if to_parent else ""
            if pace.take(domain_of(email) if email else None):
                taken += 1
                yield row, request, parent
        if taken >= most:
            return


def _escaped(domain: str) -> str:
    return domain.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _claim_rows(
    context: AppContext, session: Session, rows: Sequence[tuple[Outbox, Request | None]]
) -> list[Claimed]:
    """Claim rows; those that are settled without a mail to send are left out."""
    held = [(row, request, row.due_at) for row, request in rows]
    for row, _ in rows:
        row.attempts += 1
        row.due_at = clock.now() + LEASE
    # A savepoint for each mail costs more than the mail: it gets one only where one
    # of the batch cannot be written.
    try:
        with session.begin_nested(), session.no_autoflush:
            known = look_up(context, session, [asked for _, asked in rows if asked])
            written = [
                _claimed(context, session, row, due_at, known)
                for row, _, due_at in held
            ]
    except Exception:  # noqa: BLE001 - it is logged for the mail that it is about
        written = [
            _claim_alone(context, session, row, request, due_at)
            for row, request, due_at in held
        ]
    return [claimed for claimed in written if claimed is not None]


def _claim_alone(
    context: AppContext,
    session: Session,
    row: Outbox,
    request: Request | None,
    due_at: datetime,
) -> Claimed | None:
    try:
        with session.begin_nested():
            known = look_up(context, session, [request] if request else [])
            return _claimed(context, session, row, due_at, known)
    except Exception as error:
        if write_problem(error):
            # No mail's fault: nothing can be noted either.
            raise
        log_fault(row.id, error)
        row.due_at = clock.now() + pause_after(row.attempts)
        row.reply = f"this mail cannot be written ({type(error).__name__})"
        return None


def _claimed(
    context: AppContext, session: Session, row: Outbox, due_at: datetime, known: Known
) -> Claimed | None:
    """A row with its letter; None where nobody wants that any more."""
    letter, mark = write(context, session, row, known)
    if letter is None:
        row.delivery = Delivery.DROPPED
        return None
    return Claimed(
        row.id,
        Kind(row.kind),
        row.attempts,
        due_at,
        row.message_ref,
        row.correlation_id,
        letter,
        mark,
    )
