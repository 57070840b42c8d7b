"""What the workers know together of the mail server, and when they leave it alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer import clock
from signer.errors import TroubleScope
from signer.mail.replies import same_reply
from signer.store.columns import Delivery
from signer.store.locking import lock_table
from signer.store.tables import MailServer, Outbox

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.errors import MailServerTrouble
    from signer.workflows.context import AppContext

_log = logging.getLogger(__name__)

SAME_REPLIES = 3
"""So many mails in a row with the same reply, and it is about none of them."""

REFUSALS_IN_A_ROW = 20
"""So many recipients in a row that are said not to exist, and it is not believed."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)

BUSY_ALARM_AFTER = timedelta(hours=1)
"""A server that asks for time is no reason for an alarm before that."""

ALARM_EVERY = timedelta(days=1)

_AT_ONCE = frozenset({TroubleScope.CONNECTION, TroubleScope.STALLED})
_ONLY = 1


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """Trouble with sending mail that somebody has to mend, or wait for.

    Attributes:
        since: when it began.
        reply: what the mail server said last, or what became of the connection;
            it holds no address.
        scope: what it holds up.
        paused_until: when mail is tried again; None where it is tried all the time.
        waiting: how many mails are due, or wait for another try.
        troubled: how many of them have met such a reply themselves.
        dead_letters: how many mails were given up, or are tried once a day only.
    """

    since: datetime
    reply: str
    scope: TroubleScope
    paused_until: datetime | None
    waiting: int
    troubled: int
    dead_letters: int


def mail_trouble(context: AppContext) -> MailTrouble | None:
    """The trouble that there is with sending mail, or None; changes nothing."""
    now = clock.now()
    with context.sessions.reading() as session:
        row = session.get(MailServer, _ONLY)
        if row is None or row.since is None or row.scope is None:
            return None
        queued = Outbox.delivery == Delivery.QUEUED
        count = select(func.count()).select_from(Outbox)
        paused = row.paused_until is not None and row.paused_until > now
        return MailTrouble(
            since=row.since,
            reply=row.reply or "",
            scope=TroubleScope(row.scope),
            paused_until=row.paused_until if paused else None,
            waiting=session.scalar(count.where(queued)) or 0,
            troubled=session.scalar(count.where(queued, Outbox.trouble.is_not(None)))
            or 0,
            dead_letters=session.scalar(count.where(Outbox.gave_up_at.is_not(None)))
            or 0,
        )


def paused_until(session: Session) -> tuple[datetime | None, bool]:
    """Until when no mail is offered, and whether the server is still to be tried.

    While it is, a worker offers one mail and no more.
    """
    row = session.get(MailServer, _ONLY)
    if row is None:
        return None, False
    paused = row.paused_until is not None and row.paused_until > clock.now()
    return (row.paused_until if paused else None), row.pauses > 0


def resume(context: AppContext) -> bool:
    """End a pause at once; gives whether there was one."""
    with context.sessions.writing() as session:
        row = session.get(MailServer, _ONLY, with_for_update=True)
        if row is None or row.paused_until is None:
            return False
        was = row.paused_until > clock.now()
        row.paused_until, row.pauses = None, 0
        return was


def note_trouble(session: Session, error: MailServerTrouble, mail: int) -> bool:
    """Note what a mail met; gives whether the operator is to be alarmed now.

    Afterwards sending is paused where the server took no connection, stopped
    answering, said the same to several mails in a row, or failed the one that was to
    try it again. Pauses grow until it takes a mail.

    Args:
        session: the transaction that notes it for the mail.
        error: what it met.
        mail: its row in the outbox.
    """
    now = clock.now()
    row = _row(session)
    row.since = row.since or now
    if error.scope is not TroubleScope.MAIL:
        _count(row, error.reply, mail)
        if (
            error.scope in _AT_ONCE or row.in_a_row >= SAME_REPLIES or row.pauses > 0
        ) and (row.paused_until is None or row.paused_until <= now):
            pause = min(FIRST_PAUSE * 2 ** min(row.pauses, 10), LONGEST_PAUSE)
            row.pauses += 1
            row.paused_until = now + pause
    row.reply, row.scope = error.reply, error.scope.value
    quiet = error.scope is TroubleScope.BUSY and now - row.since < BUSY_ALARM_AFTER
    again = row.alarmed_at is None or now - row.alarmed_at >= ALARM_EVERY
    if quiet or not again:
        return False
    row.alarmed_at = now
    return True


def note_refusal(session: Session, reply: str, mail: int) -> bool:
    """Note that the server knows no such recipient; gives whether that is believed.

    A server that says so of everybody is not: a relay has lost its list of users.
    """
    row = _row(session)
    _count(row, reply, mail)
    if row.in_a_row >= REFUSALS_IN_A_ROW:
        return False
    row.paused_until, row.pauses = None, 0
    return True


def note_reply(session: Session, reply: str) -> None:
    """Note what the server said of one mail alone, while there is trouble with it.

    Whoever looks at the trouble reads the newest reply, and not one of days ago.
    """
    row = session.get(MailServer, _ONLY, with_for_update=True)
    if row is not None and row.since is not None:
        row.reply = reply


def note_accepted(session: Session, *, to_parent: bool) -> None:
    """Note that the server took a mail: a pause is over, and perhaps the trouble.

    A mail to the office or the headteacher, who are perhaps on the server itself, says
    nothing of what it refuses for others.
    """
    row = session.get(MailServer, _ONLY)
    if row is None or not (row.since or row.in_a_row or row.pauses):
        return
    outside = row.scope in {None, TroubleScope.SERVER, TroubleScope.MAIL}
    if to_parent or not outside:
        _forget(row)
    if row.since is not None and not session.scalar(
        select(Outbox.id)
        .where(Outbox.delivery == Delivery.QUEUED, Outbox.trouble.is_not(None))
        .limit(1)
    ):
        _log.info("the mail server takes mail again")
        _forget(row)
        row.since = row.reply = row.scope = row.alarmed_at = None


def _forget(row: MailServer) -> None:
    row.paused_until, row.pauses = None, 0
    row.counted, row.in_a_row, row.last_mail = None, 0, None


def alarm(error: MailServerTrouble) -> None:
    """Tell the operator by the log, which needs no mail server."""
    _log.critical(
        "mail was not accepted: %s. It waits and is tried again; see "
        "`signer mail list`",
        error.reply,
    )


def _count(row: MailServer, reply: str, mail: int) -> None:
    codes = same_reply(reply)
    if row.counted != codes:
        row.in_a_row = 1
    elif mail != row.last_mail:
        row.in_a_row += 1
    row.counted, row.last_mail = codes, mail


def _row(session: Session) -> MailServer:
    row = session.get(MailServer, _ONLY, with_for_update=True)
    if row is None:
        # Two workers that are the first make one row.
        lock_table(session, MailServer)
        row = session.get(MailServer, _ONLY)
    if row is None:
        row = MailServer(id=_ONLY, in_a_row=0, pauses=0)
        session.add(row)
        session.flush()
    return row
