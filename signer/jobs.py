"""The queue: a job only says "look now"; what there is to do stands in the tables."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from huey import PostgresHuey, SqliteHuey, crontab
from sqlalchemy.engine import make_url

from signer.mail.transport import transport_for
from signer.workflows.seal_declaration import seal_outstanding
from signer.workflows.send_mail import send_mail

if TYPE_CHECKING:
    from collections.abc import Callable

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
        # What a crash left behind is picked up within a minute.
        self.queue.periodic_task(crontab(), name="sweep")(self._do)

    def ring(self) -> None:
        """Ask a worker to look now. Never fails: without it, the sweep looks."""
        try:
            self._look()
        except Exception:  # noqa: BLE001 - what it would announce is committed
            _log.exception("the worker could not be called; its sweep will look")

    def answer(self, house: House) -> None:
        """Be a worker, until the process is told to stop.

        Raises:
            SettingsError: ``SIGNER_MAIL_URL`` cannot be used.
        """
        transport = transport_for(house.settings.mail_address)

        def work() -> None:
            seal_outstanding(house)
            send_mail(house, transport)

        self._work = work
        self._look()
        consumer = self.queue.create_consumer(
            workers=THREADS, max_delay=LONGEST_NAP, check_worker_health=True
        )
        _log.info("worker ready: %s", house.settings.base_url)
        consumer.run()

    def _do(self) -> None:
        self._work()


def _queue(settings: Settings) -> Huey:
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        return SqliteHuey(
            "signer", filename=str(settings.instance / QUEUE_FILE), results=False
        )
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey("signer", dsn=dsn, results=False)
