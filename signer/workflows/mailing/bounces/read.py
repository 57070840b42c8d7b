"""Reading the mailbox that bounces come to."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import func, select

from signer import clock
from signer.errors import MailboxUnreadable
from signer.i18n import counted
from signer.mail.bounces.reports import Finality, read_bounces
from signer.mail.bounces.sources import BounceSource
from signer.store.locking import lock_table
from signer.store.tables import (
    Bounce,
)
from signer.store.transient import MailboxState
from signer.workflows.context import AppContext
from signer.workflows.mailing.bounces.record import Outcome, record_bounce

_log = logging.getLogger(__name__)

MAILBOX = "bounces"
PATIENCE = timedelta(minutes=30)
"""How long a mailbox may be out of reach before that is a trouble."""

TROUBLED_FOR = timedelta(days=1)
"""How long a mail that came back for the operator's fault is a trouble."""


@dataclass(frozen=True, slots=True)
class BouncesRead:
    """What one look at the mailbox brought.

    Attributes:
        recorded: mails that came back, and were not known to have.
        known: the same notices again, after a kill.
        no_failure: notices of delays and the like.
        unmatched: what is no bounce, or of no mail of ours; it is left as it was.
    """

    recorded: int = 0
    known: int = 0
    no_failure: int = 0
    unmatched: int = 0


def read_mailbox(context: AppContext, source: BounceSource) -> BouncesRead:
    """Record each bounce in the mailbox, and mark it as read behind that.

    In this order a kill in between has a notice read twice, and recorded once. What
    cannot be matched stays as it is, for people. That the mailbox cannot be read is
    logged once, and once more when it can be; see `bounce_trouble`.

    Raises:
        MailboxUnreadable: it cannot be read now; what was read before that is kept.
    """
    counts = dict.fromkeys(Outcome, 0)
    try:
        for mail in source.unread():
            if context.stopping.is_set():
                break
            outcome = Outcome.UNMATCHED
            if notices := read_bounces(mail.content):
                digest = sha256(mail.content).hexdigest()
                outcome = record_bounce(context, notices, digest)
            counts[outcome] += 1
            if outcome is not Outcome.UNMATCHED:
                mail.settle()
    except MailboxUnreadable as error:
        _note(context, error.reply)
        raise
    _note(context, None)
    return BouncesRead(**{outcome.value: count for outcome, count in counts.items()})


def bounce_trouble(context: AppContext) -> tuple[str, ...]:
    """Return what an operator has to look at about bounces, as sentences."""
    now = clock.now()
    troubles = []
    with context.sessions.reading() as session:
        state = session.get(MailboxState, MAILBOX)
        if state and state.failing_since and state.failing_since < now - PATIENCE:
            since = clock.in_school_time(state.failing_since)
            troubles.append(
                f"The mailbox of bounces has not been read since {since}: "
                f"{state.problem}."
            )
        returned = session.scalar(
            select(func.count()).where(
                Bounce.finality == Finality.OPERATOR,
                Bounce.told_at > now - TROUBLED_FOR,
            )
        )
        if returned:
            troubles.append(
                f"In the last day {counted(returned, 'mail')} came back for a reason "
                "that no family can correct, such as a block list: see `signer bounces "
                "list`."
            )
    return tuple(troubles)


def _note(context: AppContext, problem: str | None) -> None:
    """Keep how the reading went, for processes that do not read."""
    now = clock.now()
    with context.sessions.writing() as session:
        lock_table(session, MailboxState)
        state = session.get(MailboxState, MAILBOX)
        if state is None:
            state = MailboxState(mailbox=MAILBOX)
            session.add(state)
        failed_before = state.failing_since is not None
        state.problem = problem
        if problem is None:
            state.read_at, state.failing_since = now, None
        elif not failed_before:
            state.failing_since = now
    if problem is not None and not failed_before:
        _log.error("bounces cannot be read, and are tried each minute: %s", problem)
    elif problem is None and failed_before:
        _log.info("bounces can be read again")
