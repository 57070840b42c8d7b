"""What the workers know together of the mail server, and when they leave it alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, delete, func, or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import MailServerTrouble, TroubleScope
from signer.mail.kinds import TO_PARENTS, TO_STAFF
from signer.mail.replies import same_reply
from signer.store.columns import Delivery
from signer.store.locking import lock_table
from signer.store.tables import Outbox
from signer.store.transient import MailPace, MailServer
from signer.workflows.context import AppContext

_log = logging.getLogger(__name__)

SAME_REPLIES = 3
"""So many mails in a row with the same reply, and it is about none of them."""

REFUSALS_ALONE = 3
"""So many recipients that are said not to exist, and it is not believed: where the
server has taken no mail to a parent lately."""

REFUSALS_AMONG_OTHERS = 10
"""The same, where it has."""

ACCEPTED_OUTWEIGHS = 2
"""How many of those refusals one mail outweighs that was accepted between them."""

LATELY = timedelta(hours=1)

MAIL_WAITS = timedelta(minutes=15)
"""How long mail may wait before somebody is to look."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)

BUSY_ALARM_AFTER = timedelta(hours=1)
"""A server that asks for time is no reason for an alarm before that."""

ALARM_EVERY = timedelta(days=1)

_AT_ONCE = frozenset({TroubleScope.CONNECTION, TroubleScope.STALLED})
_NO_SUCH_RECIPIENT = "no such recipient"
"""What is counted in place of a reply's codes."""
_ONLY = 1


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """Trouble with sending mail that somebody has to mend, or wait for.

    Attributes:
        since: when it began.
        reply: what the mail server said last, or what became of the connection;
            it holds no address.
        scope: what it holds up.
        blocked_since: since when it has taken no mail to a parent; None where it takes
            that of others, or nothing else was offered.
        paused_until: when mail is tried again; None where it is tried all the time.
        waiting: how many mails are due, or wait for another try.
        troubled: how many of them have met such a reply themselves.
        dead_letters: how many mails were given up, or are tried once a day only.
    """

    since: datetime
    reply: str
    scope: TroubleScope
    blocked_since: datetime | None
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
        troubled = session.scalar(count.where(queued, Outbox.trouble.is_not(None)))
        blocked_since = _blocked_since(session, row)
        if not troubled and blocked_since is None:
            # Those that met it were dropped since.
            return None
        return MailTrouble(
            since=min(row.since, now),
            reply=row.reply or "",
            scope=TroubleScope(row.scope),
            blocked_since=blocked_since,
            paused_until=_end_of_pause(row),
            waiting=session.scalar(count.where(queued)) or 0,
            troubled=troubled or 0,
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
    return _end_of_pause(row), row.pauses > 0


def resume(context: AppContext) -> bool:
    """End a pause at once, and begin anew with the mails a minute.

    Gives whether there was a pause.
    """
    with context.sessions.writing() as session:
        session.execute(delete(MailPace))
        row = session.get(MailServer, _ONLY, with_for_update=True)
        if row is None:
            return False
        was = _end_of_pause(row) is not None
        row.paused_until, row.pauses = None, 0
        return was


def note_trouble(
    session: Session, error: MailServerTrouble, mail: int, *, disbelieved: bool = False
) -> bool:
    """Note what a mail met; gives whether the operator is to be alarmed now.

    Afterwards sending is paused where the server took no connection, stopped
    answering, said the same to several mails in a row, said of too many that there is
    no such recipient, or failed the one that was to try it again. Pauses grow until it
    takes a mail.

    Args:
        session: the transaction that notes it for the mail; it is put off already.
        error: what it met.
        mail: its row in the outbox.
        disbelieved: whether it is a refusal that `note_refusal` does not believe.
    """
    now = clock.now()
    row = _row(session)
    row.since = min(row.since or now, now)
    if error.scope is not TroubleScope.MAIL:
        if not disbelieved:
            _count(row, same_reply(error.reply), mail)
        in_a_row = disbelieved or row.in_a_row >= SAME_REPLIES
        holds_up_all = in_a_row or error.scope in _AT_ONCE or row.pauses > 0
        if holds_up_all and _end_of_pause(row) is None:
            pause = min(FIRST_PAUSE * 2 ** min(row.pauses, 10), LONGEST_PAUSE)
            row.pauses += 1
            row.paused_until = now + pause
    row.reply, row.scope = error.reply, error.scope.value
    if not _is_alarming(session, row):
        return False
    row.alarmed_at = now
    return True


def note_refusal(session: Session, mail: Outbox) -> bool:
    """Note that the server knows no such recipient; gives whether that is believed.

    A server that says so of everybody is not: a relay has lost its list of users.
    Whoever is refused again, though others were accepted since, is not there.

    Args:
        session: the transaction that notes it for the mail.
        mail: its row in the outbox.
    """
    row = _row(session)
    _count(row, _NO_SUCH_RECIPIENT, mail.id)
    now = clock.now()
    since = min(now - LATELY, mail.tried_at or now)
    last = _last_accepted(session)
    among_others = last is not None and last >= since
    limit = REFUSALS_AMONG_OTHERS if among_others else REFUSALS_ALONE
    if row.in_a_row >= limit:
        return False
    row.paused_until, row.pauses = None, 0
    return True


def refused_in_a_row(session: Session) -> Sequence[Outbox]:
    """The mails that were refused before the one that is not believed.

    They are those since the server last took a mail to a parent, and those of the last
    hour, in which it may have taken a few between them.
    """
    query = select(Outbox).where(
        Outbox.delivery == Delivery.REFUSED,
        Outbox.gave_up_at.is_(None),
        Outbox.kind.not_in(TO_STAFF),
        # Refused by the server, and not by us before it was offered.
        func.substr(Outbox.reply, 1, 1).between("0", "9"),
    )
    last = _last_accepted(session)
    if last is not None:
        query = query.where(Outbox.due_at >= min(clock.now() - LATELY, last))
    return session.scalars(query.order_by(Outbox.id).with_for_update()).all()


def note_reply(session: Session, reply: str) -> None:
    """Note what the server said of one mail alone, while there is trouble with it.

    Whoever looks at the trouble reads the newest reply, and not one of days ago.
    """
    row = session.get(MailServer, _ONLY, with_for_update=True)
    if row is not None and row.since is not None:
        row.reply = reply


def is_doubted() -> ScalarSelect[bool]:
    """The query whether anything is noted of the server that a taken mail may end."""
    return (
        select(MailServer.id)
        .where(
            MailServer.id == _ONLY,
            or_(
                MailServer.since.is_not(None),
                MailServer.in_a_row > 0,
                MailServer.pauses > 0,
            ),
        )
        .exists()
        .select()
        .scalar_subquery()
    )


def note_accepted(session: Session, *, to_parent: bool) -> None:
    """Note that the server took a mail: a pause is over, and perhaps the trouble.

    Nothing changes where `is_doubted` says no. A mail to the office or the headteacher,
    who are perhaps on the server itself, says nothing of what it refuses for others.
    """
    row = session.get(MailServer, _ONLY)
    if row is None:
        return
    outside = row.scope in {None, TroubleScope.SERVER, TroubleScope.MAIL}
    if row.counted == _NO_SUCH_RECIPIENT:
        if to_parent:
            row.paused_until, row.pauses = None, 0
            row.in_a_row = max(row.in_a_row - ACCEPTED_OUTWEIGHS, 0)
    elif to_parent or not outside:
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


def _count(row: MailServer, codes: str, mail: int) -> None:
    if row.counted != codes:
        row.in_a_row = 1
    elif mail != row.last_mail:
        # Not for ever, or a server that is well again is not believed for long.
        row.in_a_row = min(row.in_a_row + 1, REFUSALS_AMONG_OTHERS)
    row.counted, row.last_mail = codes, mail


def _end_of_pause(row: MailServer) -> datetime | None:
    """When a pause ends; None where there is none.

    One that is longer than any of ours was noted by a clock that was ahead.
    """
    now = clock.now()
    if row.paused_until is None or not now < row.paused_until <= now + LONGEST_PAUSE:
        return None
    return row.paused_until


def _blocked_since(session: Session, row: MailServer) -> datetime | None:
    """Since when the server takes no mail to parents, as far as the mails show.

    One that it does not take, while it takes others, is that mail's own trouble.
    """
    now = clock.now()
    last = _last_accepted(session)
    if row.pauses == 0:
        newest = session.scalar(
            select(func.max(Outbox.tried_at)).where(
                Outbox.delivery == Delivery.QUEUED,
                Outbox.trouble.is_not(None),
                Outbox.trouble != TroubleScope.MAIL.value,
                Outbox.tried_at <= now,
            )
        )
        if newest is None or (last is not None and last >= newest - MAIL_WAITS):
            return None
    since = min(row.since or now, now)
    return since if last is None else max(since, last)


def _is_alarming(session: Session, row: MailServer) -> bool:
    """Whether the operator is to hear of it now, once a day."""
    now = clock.now()
    since = _blocked_since(session, row)
    if since is None:
        return False
    patience = timedelta() if row.pauses > 0 else MAIL_WAITS
    if row.scope == TroubleScope.BUSY:
        patience = BUSY_ALARM_AFTER
    # One that a clock ahead has noted is none of today.
    lately = row.alarmed_at is not None and (
        timedelta() <= now - row.alarmed_at < ALARM_EVERY
    )
    return now - since >= patience and not lately


def _last_accepted(session: Session) -> datetime | None:
    """When the server last took a mail to a parent, by a clock that was not ahead."""
    return session.scalar(
        select(func.max(Outbox.sent_at)).where(
            Outbox.delivery == Delivery.SENT,
            Outbox.kind.in_(TO_PARENTS),
            Outbox.sent_at <= clock.now(),
        )
    )


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
