"""Emptying the outbox: claiming, composing, sending, noting what came of it."""

from __future__ import annotations

import logging
import time

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from signer.correlation import correlated
from signer.errors import DatabaseBusy, SignerError
from signer.mail.smtp import DEADLINE_SECONDS
from signer.mail.transport import Transport, session_of
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.store.write_health import write_problem
from signer.workflows.context import AppContext
from signer.workflows.log.sign_when_due import cover_receipts
from signer.workflows.mailing.claim import (
    LEASE,
    Batch,
    Claimed,
    claim,
    log_fault,
    release,
)
from signer.workflows.mailing.content import composed
from signer.workflows.mailing.outcome import note_failure, note_sent
from signer.workflows.mailing.waits import LONGEST_WAIT

_log = logging.getLogger(__name__)

__all__ = ["LEASE", "LONGEST_WAIT", "send_mail", "waiting_mail"]

CALL_SECONDS = 60.0
"""How long one call goes on; the mail that is being sent then is finished."""

NOTE_AGAIN_SECONDS = 1.0
"""How long to wait before it is tried again to note that a mail was accepted."""

LARGEST_BATCH = 50
_QUICK_BATCH_SECONDS = 1.0


def send_mail(context: AppContext, transport: Transport) -> int:
    """Send what is due; gives how many mails the server accepted.

    Afterwards each mail is sent, refused for good, dropped because its request no
    longer wants it, or due again later; what the time was too short for is left, and
    the worker woken for it. Several workers share the outbox; none waits for another.
    A worker that dies between the server's "yes" and our note of it leads to a second
    copy, under the same Message-ID, and never to none: of one mail where the process is
    killed, of those claimed together where the power fails, for the disk is waited for
    once for all of them. One that lives notes it, however long the database cannot be
    written, and sends nothing else before.

    Args:
        context: the context; its `stopping` ends the call after the mail that is sent.
        transport: the way out.
    """
    call = _Call(context)
    with session_of(transport) as way:
        call.empty_outbox(way)
    if call.left:
        context.wake_worker()
    return call.sent


def waiting_mail(context: AppContext) -> int:
    """How many mails are still to go out."""
    with context.sessions.reading() as session:
        query = select(func.count()).where(Outbox.delivery == Delivery.QUEUED)
        return session.scalar(query) or 0


class _Call:
    """One call of `send_mail`.

    Attributes:
        sent: how many mails were accepted.
        left: whether the time ended before the outbox was empty.
    """

    def __init__(self, context: AppContext) -> None:
        self.sent = 0
        self.left = False
        self._context = context
        self._stop = context.stopping
        self._ends = time.monotonic() + CALL_SECONDS
        self._size = 1

    def empty_outbox(self, way: Transport) -> None:
        """Send batch after batch, as long as there is time and something due."""
        while not self._over():
            began = time.monotonic()
            coverage = cover_receipts(self._context)
            self._context.beat()
            batch = claim(self._context, self._size, coverage=coverage)
            if not batch.mails and not batch.done_without:
                if batch.wait is None or not self._wait(batch.wait.total_seconds()):
                    return
                continue
            if not self._send(way, batch, began + LEASE.total_seconds()):
                return
            # Few at a time where the server is slow: whatever is queued meanwhile
            # and goes first waits for no more than these.
            quick = time.monotonic() - began < _QUICK_BATCH_SECONDS
            size = self._size * 2 if quick else self._size // 2
            self._size = max(1, min(size, LARGEST_BATCH))
        self.left = True

    def _send(self, way: Transport, batch: Batch, lease_ends: float) -> bool:
        """Send a batch; False where the rest of the outbox is left for later."""
        for place, claimed in enumerate(batch.mails):
            too_late = time.monotonic() + DEADLINE_SECONDS > lease_ends
            if place and (self._over() or too_late):
                release(self._context, batch.mails[place:])
                return True
            self._context.beat()
            with correlated(claimed.correlation_id):
                go_on = self._deliver(way, claimed)
            if not go_on:
                release(self._context, batch.mails[place + 1 :])
                return False
        return True

    def _deliver(self, way: Transport, claimed: Claimed) -> bool:
        """Send one mail; False where the others would meet the same."""
        try:
            reply = way.send(
                composed(self._context, claimed.letter, claimed.message_ref)
            )
        except SignerError as error:
            # The server's "no" or "not now", or what the operator or a later release
            # mends.
            return not note_failure(self._context, claimed, error)
        except Exception as error:
            if write_problem(error):
                # No mail's fault: nothing can be noted either, and its lease ends.
                raise
            log_fault(claimed.outbox_id, error)
            note_failure(
                self._context, claimed, f"a fault of ours ({type(error).__name__})"
            )
        else:
            self._note_sent(claimed, reply)
            _log.info("mail %s (%s) accepted", claimed.outbox_id, claimed.kind)
            self.sent += 1
        return True

    def _note_sent(self, claimed: Claimed, reply: str) -> None:
        """Note that the server took a mail; what is not noted would go out again."""
        tries = 0
        while True:
            try:
                note_sent(self._context, claimed, reply)
            except (DatabaseBusy, DBAPIError) as error:
                if not _may_pass(error):
                    raise
            else:
                return
            tries += 1
            if tries == 1:
                _log.error(
                    "mail %s was accepted, and that could not be noted: no other is "
                    "sent until it is",
                    claimed.outbox_id,
                )
            time.sleep(NOTE_AGAIN_SECONDS)

    def _over(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._ends

    def _wait(self, seconds: float) -> bool:
        """Wait for the pace; False where there is no time for it."""
        if time.monotonic() + seconds >= self._ends:
            return False
        return not self._stop.wait(seconds)


def _may_pass(error: DatabaseBusy | DBAPIError) -> bool:
    """Whether the database as such is in trouble, and not what it was told."""
    return write_problem(error) is not None or (
        isinstance(error, OperationalError)
        or getattr(error, "connection_invalidated", False)
    )
