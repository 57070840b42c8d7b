"""The queue: a job only says "look now"; what there is to do stands in the tables."""

from __future__ import annotations

import logging
import sqlite3
import threading
from functools import wraps
from typing import TYPE_CHECKING

from huey import PostgresHuey, SqliteHuey, crontab
from sqlalchemy.engine import make_url

from signer import clock
from signer.correlation import correlated
from signer.errors import SettingsError
from signer.mail.transport import transport_for
from signer.school_days import morning_of, school_date
from signer.store.sqlite_files import create_private_file
from signer.workflows.follow_releases import follow_releases
from signer.workflows.keep_log import keep_log, sign_log_whole
from signer.workflows.key_warnings import remind_of_keys
from signer.workflows.mail_witnesses import mail_witnesses
from signer.workflows.operations.heartbeat import Heart
from signer.workflows.remind import remind_parents
from signer.workflows.review_date import remind_of_review
from signer.workflows.seal_declaration import seal_outstanding
from signer.workflows.seal_version import seal_versions
from signer.workflows.send_mail import send_mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from huey import Huey

    from signer.config import Settings
    from signer.workflows.house import House

_log = logging.getLogger(__name__)

QUEUE_FILE = "queue.sqlite3"
THREADS = 2
LONGEST_NAP = 1.0
"""How long a worker sleeps between two looks at an empty queue, in seconds."""


class Jobs:
    """The queue that web processes ring and worker processes answer.

    It is a file beside the SQLite database, or tables in the PostgreSQL one, so
    that processes on several machines need one server between them.
    """

    def __init__(self, settings: Settings) -> None:
        self.queue = _queue(settings)
        self._work: Callable[[], None] = lambda: None
        self._look = self.queue.task(name="look")(self._do)
        self._chores: Callable[[], None] = lambda: None
        self._sweep = self.queue.task(name="sweep_now")(self._do_all)
        # What a crash left behind is picked up within a minute, and so is a release.
        self.queue.periodic_task(crontab(), name="sweep")(self._do_all)

    def ring(self) -> None:
        """Ask a worker to look now. Never fails: without it, the sweep looks."""
        self._call(self._look)

    def ring_for_all(self) -> None:
        """Ask a worker to sweep now, for a release too. Never fails, as `ring`."""
        self._call(self._sweep)

    def close(self) -> None:
        """Close the queue's connection; the next ring opens another."""
        self.queue.storage.close()

    @staticmethod
    def _call(task: Callable[[], object]) -> None:
        try:
            task()
        except Exception:  # noqa: BLE001 - what it would announce is committed
            _log.exception("the worker could not be called; its sweep will look")

    def answer(self, house: House) -> None:
        """Be a worker, until the process is told to stop.

        Raises:
            SettingsError: ``SIGNER_MAIL_URL`` cannot be used.
        """
        transport = transport_for(house.settings.mail_address)
        heart = Heart(house)

        def work() -> None:
            heart.beat("work")
            try:
                seal_outstanding(house)
                keep_log(house)
            finally:
                # A fault in sealing keeps no mail back.
                send_mail(house, transport)

        chores_there_are = (
            follow_releases,
            seal_versions,
            once_a_day(remind_parents),
            once_a_day(remind_of_review),
            once_a_day(remind_of_keys),
            once_a_day(sign_log_whole, at_start=True),
            once_a_day(mail_witnesses),
        )
        sweeping = threading.Lock()

        def chores() -> None:
            # A campaign may outlast the minute; the next sweep leaves it alone.
            if not sweeping.acquire(blocking=False):
                return
            try:
                for chore in chores_there_are:
                    heart.beat("sweep")
                    with correlated():
                        _unless_it_fails(chore, house)
            finally:
                sweeping.release()

        self._work, self._chores = work, chores
        self.ring_for_all()
        consumer = self.queue.create_consumer(
            workers=THREADS, max_delay=LONGEST_NAP, check_worker_health=True
        )
        _log.info("worker ready: %s", house.settings.base_url)
        try:
            consumer.run()
        finally:
            heart.stop()

    def _do(self) -> None:
        self._work()

    def _do_all(self) -> None:
        self._chores()
        self._work()


def once_a_day(
    chore: Callable[[House], object], *, at_start: bool = False
) -> Callable[[House], None]:
    """A chore for the morning of each day, however often it is called.

    Each worker does it, and it must not mind being done twice.

    Args:
        chore: what to do.
        at_start: whether to do it at the first call too, whatever the time of day.
    """
    done: date | None = None

    @wraps(chore)
    def daily(house: House) -> None:
        nonlocal done
        now = clock.now()
        today = school_date(now)
        first = at_start and done is None
        if done == today or (now < morning_of(today) and not first):
            return
        chore(house)
        # Not before: what failed is tried again in a minute.
        done = today

    return daily


def _unless_it_fails(chore: Callable[[House], object], house: House) -> None:
    """Do a chore; its failure is logged, and keeps nobody from the others."""
    try:
        chore(house)
    except Exception:  # noqa: BLE001 - the next sweep tries again
        _log.exception("a chore failed: %s", chore.__name__)


def _queue(settings: Settings) -> Huey:
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        file = settings.instance / QUEUE_FILE
        try:
            # Before SQLite first opens it, and never again.
            create_private_file(str(file))
            return SqliteHuey("signer", filename=str(file), results=False)
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                "SIGNER_INSTANCE",
                f"names a folder where {QUEUE_FILE} cannot be read and written",
            ) from error
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey("signer", dsn=dsn, results=False)
