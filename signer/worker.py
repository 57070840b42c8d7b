"""The worker: lanes that do not wait for one another, each with a period of its own."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from enum import StrEnum
from functools import wraps

from signer import clock
from signer.correlation import correlated
from signer.errors import DatabaseReplaced, MailboxUnreadable
from signer.mail.bounces.sources import source_for
from signer.mail.transport import transport_for
from signer.school_calendar import morning_of, school_date
from signer.worker_queue import WorkerQueue
from signer.workflows.campaigns.escalation import escalate
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.review_date import remind_of_review
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.checklist.public import check_public_before_asking
from signer.workflows.context import AppContext
from signer.workflows.declarations.archive import archive_some
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.declarations.seal_version import seal_versions
from signer.workflows.desk.sessions import forget_old_sessions
from signer.workflows.digest.digest import queue_digest
from signer.workflows.log.cosigning.cosign import cosign_head
from signer.workflows.log.sign_when_due import keep_log, sign_log_whole
from signer.workflows.log.witnesses import mail_witnesses
from signer.workflows.mailing.alarms import remind_of_keys
from signer.workflows.mailing.bounces.read import read_mailbox
from signer.workflows.mailing.send import send_mail
from signer.workflows.operations.heartbeat import Heart
from signer.workflows.parents.uploads import forget_old_uploads
from signer.workflows.reconciliation.reconcile import reconcile_nightly
from signer.workflows.release.site import build_wanted_site
from signer.workflows.requests.reissue_link import answer_link_asks
from signer.workflows.retention.delete import delete_expired
from signer.workflows.retention.report import report_retention
from signer.workflows.staff.data import delete_former_staff
from signer.workflows.webhooks.deliver import deliver_events
from signer.workflows.yearly.queue import queue_yearly_mail

_log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
"""How long a lane rests when nobody rings: what a crash left is picked up then."""

GRACE_SECONDS = 25.0
"""How long the lanes may finish what they are at, once the worker is told to end."""

WATCH_SECONDS = 1.0
"""How often the worker looks whether it is still to go on."""


class LaneName(StrEnum):
    """What a lane is for."""

    RECORDS = "records"
    """Looks up who asked for a link, seals what is signed, signs the log's head."""
    MAIL = "mail"
    """Empties the outbox; a mail server that keeps silent holds up nothing else."""
    BOUNCES = "bounces"
    """Reads the mailbox that mails come back to, where one is set."""
    WITNESSES = "witnesses"
    """Has witnesses cosign the log's head, where the settings name any."""
    WEBHOOKS = "webhooks"
    """Tells other systems what happened, where the settings name any."""
    CHORES = "chores"
    """Follows releases, and does what is done once a day."""


class Lane(threading.Thread):
    """A thread that does its chores when notified, and whenever its period is over.

    Args:
        name: which lane it is.
        chores: what it does, in order; the failure of one is logged, and keeps it
            from none of the others.
        beat: told of the lane's name before each chore.
        explains: whether an error is one that is logged already, in one line.
    """

    def __init__(
        self,
        name: LaneName,
        chores: Sequence[Callable[[], object]],
        beat: Callable[[str], None],
        explains: Callable[[BaseException], bool],
    ) -> None:
        # A lane that outlasts the grace dies with the process, as by a crash.
        super().__init__(name=name, daemon=True)
        self._chores = chores
        self._beat = beat
        self._explains = explains
        self._rung = threading.Event()
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Have it do its chores now, or once more after those it is at."""
        self._rung.set()

    def stop(self) -> None:
        """Have it end after the round that it is at."""
        self._stopping.set()
        self._rung.set()

    def run(self) -> None:
        """Do rounds until it is stopped."""
        while not self._stopping.is_set():
            self._rung.clear()
            self.do_round()
            if self._stopping.is_set():
                return
            self._rung.wait(SWEEP_SECONDS)

    def do_round(self) -> None:
        """Do each chore once."""
        for chore in self._chores:
            if self._stopping.is_set():
                return
            try:
                with correlated():
                    self._beat(self.name)
                    chore()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                if self._explains(error):
                    continue
                name = getattr(chore, "__name__", type(chore).__name__)
                _log.exception("the lane %s failed: %s", self.name, name)


class Worker:
    """Everything the product does by itself.

    Args:
        context: what the workflows need; its `wake_worker` becomes this one's.

    Raises:
        SettingsError: ``SIGNER_MAIL_URL`` or ``SIGNER_BOUNCE_URL`` cannot be used.
    """

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._heart = Heart(context)
        transport = transport_for(
            context.settings.mail_address, context.settings.bounce_address
        )

        def bound(verb: Callable[[AppContext], object]) -> Callable[[], object]:
            @wraps(verb)
            def call() -> object:
                return verb(context)

            return call

        def mail() -> None:
            send_mail(context, transport)

        chores: dict[LaneName, tuple[Callable[[], object], ...]] = {
            LaneName.CHORES: (
                bound(build_wanted_site),
                bound(follow_releases),
                bound(seal_versions),
                bound(queue_digest),
                bound(queue_yearly_mail),
                bound(once_a_day(remind_parents)),
                bound(once_a_day(escalate)),
                bound(once_a_day(remind_of_review)),
                bound(once_a_day(remind_of_keys)),
                bound(once_a_day(sign_log_whole, at_start=True)),
                bound(once_a_day(check_public_before_asking, at_start=True)),
                bound(once_a_day(mail_witnesses)),
                bound(once_a_day(reconcile_nightly)),
                bound(once_a_day(report_retention)),
                bound(once_a_day(delete_expired)),
                bound(once_a_day(delete_former_staff)),
                bound(once_a_day(forget_old_sessions)),
                bound(forget_old_uploads),
                bound(archive_some),
                self._wake_mail,
            ),
            LaneName.RECORDS: (
                bound(answer_link_asks),
                bound(seal_outstanding),
                bound(keep_log),
                self._wake_mail,
                self._wake_witnesses,
            ),
            LaneName.MAIL: (mail,),
        }
        if context.settings.bounce_url:
            source = source_for(context.settings.bounce_url)

            def bounces() -> None:
                # Logged once where it began, and not each minute.
                with suppress(MailboxUnreadable):
                    read_mailbox(context, source)

            chores[LaneName.BOUNCES] = (bounces,)
        if context.settings.witness_servers:
            chores[LaneName.WITNESSES] = (bound(cosign_head),)
        if context.settings.webhooks:
            chores[LaneName.WEBHOOKS] = (bound(deliver_events),)
        self.lanes = {
            name: Lane(name, do, self._heart.beat, context.sessions.writes.explains)
            for name, do in chores.items()
        }
        self._stop = threading.Event()
        context.wake_worker = self.look
        context.beat = self._beat

    def look(self) -> None:
        """Seal and send now."""
        self.lanes[LaneName.RECORDS].wake()
        self.lanes[LaneName.MAIL].wake()
        if LaneName.WEBHOOKS in self.lanes:
            self.lanes[LaneName.WEBHOOKS].wake()

    def sweep(self) -> None:
        """Look at everything now, for a release too."""
        for lane in self.lanes.values():
            lane.wake()

    def do_round(self) -> None:
        """Do one round of each lane, one after the other, in this thread."""
        for lane in self.lanes.values():
            lane.do_round()

    def stop(self) -> None:
        """Have `run` end: what is begun is finished, and nothing new is begun."""
        self._stop.set()

    def run(self, queue: WorkerQueue) -> None:
        """Work until the process is told to end by SIGTERM or SIGINT.

        Args:
            queue: what wakes it; without a notification each lane keeps to its period.

        Raises:
            DatabaseReplaced: SQLite's files were replaced; nothing more is written.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        listener = threading.Thread(
            target=queue.listen,
            args=(self._stop,),
            kwargs={"look": self.look, "sweep": self.sweep},
            name="worker_queue",
            daemon=True,
        )
        for thread in (*self.lanes.values(), listener):
            thread.start()
        _log.info("worker ready: %s", self._context.settings.base_url)
        try:
            while not self._stop.wait(WATCH_SECONDS):
                self._check_still_well()
        finally:
            self._end()
            listener.join(2 * WATCH_SECONDS)

    def _beat(self) -> None:
        # Each lane is a thread that bears its name.
        name = threading.current_thread().name
        if name in self.lanes:
            self._heart.beat(name)

    def _check_still_well(self) -> None:
        try:
            self._context.sessions.check_identity()
        except DatabaseReplaced as error:
            _log.critical("the worker stops, and writes nothing more: %s", error)
            raise

    def _wake_mail(self) -> None:
        """A seal brings a receipt, and a release a campaign."""
        self.lanes[LaneName.MAIL].wake()

    def _wake_witnesses(self) -> None:
        """Perhaps there is a new head to cosign."""
        if LaneName.WITNESSES in self.lanes:
            self.lanes[LaneName.WITNESSES].wake()

    def _end(self) -> None:
        self._stop.set()
        self._context.stopping.set()
        for lane in self.lanes.values():
            lane.stop()
        deadline = time.monotonic() + GRACE_SECONDS
        for lane in self.lanes.values():
            lane.join(max(0.0, deadline - time.monotonic()))
            if lane.is_alive():
                _log.warning("the lane %s is cut off in what it is at", lane.name)
        self._heart.stop()


def once_a_day(
    chore: Callable[[AppContext], object], *, at_start: bool = False
) -> Callable[[AppContext], None]:
    """A chore for the morning of each day, however often it is called.

    Each worker does it, and it must not mind being done twice.

    Args:
        chore: what to do.
        at_start: whether to do it at the first call too, whatever the time of day.
    """
    done: date | None = None

    @wraps(chore)
    def daily(context: AppContext) -> None:
        nonlocal done
        now = clock.now()
        today = school_date(now)
        first = at_start and done is None
        if done == today or (now < morning_of(today) and not first):
            return
        chore(context)
        # Not before: what failed is tried again in a minute.
        done = today

    return daily
