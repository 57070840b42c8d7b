"""A database that is held while mail goes out: each mail goes out once."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, select, update

from signer import clock
from signer.mail.transport import transport_for
from signer.store.columns import Delivery
from signer.store.tables import Outbox
from signer.store.write_turns import Patience
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from signer.workflows.log.sign_when_due import Coverage
from signer.workflows.mailing.claim import LEASE, claim
from signer.workflows.mailing.send import send_mail
from tests.workflows.mailing.post_office import PostOffice, ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from signer.config import Settings
    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PATIENCE_SECONDS = 0.2
HELD_SECONDS = 1.2


@contextmanager
def held(settings: Settings, seconds: float) -> Iterator[None]:
    """Another program takes the database in a transaction, and ends it after a time."""
    path = make_url(settings.database).database
    assert path is not None
    shell = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    shell.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(seconds, lambda: shell.execute("ROLLBACK"))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        shell.close()


class Untimely(PostOffice):
    """Takes each mail, and has the database held from then on, for the first of them.

    Attributes:
        settings: whose database.
    """

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings | None = None
        self._holding: list[threading.Thread] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A mail is offered."""
        if self.settings is not None and not self._holding:
            begun = threading.Event()

            def hold(settings: Settings) -> None:
                with held(settings, 5 * PATIENCE_SECONDS):
                    begun.set()

            thread = threading.Thread(target=hold, args=(self.settings,))
            thread.start()
            begun.wait()
            self._holding.append(thread)
        return await super().handle_DATA(server, session, envelope)

    def join(self) -> None:
        """Wait until nobody holds it."""
        for thread in self._holding:
            thread.join()


def test_a_mail_that_was_taken_is_noted_once_the_database_is_free(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker gave up waiting five times, and the mail goes out once."""
    office = Untimely()
    settings = replace(app_context.settings, mail_url=office.url)
    ask_parents(app_context)
    office.settings = settings
    worker = open_context(settings, patience=Patience(seconds=PATIENCE_SECONDS))
    with office.open():
        assert send_mail(worker, transport_for(settings.mail_address)) == 4
        office.join()
        with clock.frozen(clock.now() + LEASE):
            assert send_mail(worker, transport_for(settings.mail_address)) == 0
    worker.sessions.close()
    assert sorted(len(one) for one in ids(office.seen).values()) == [1] * 4
    assert len(office.seen) == 4
    with app_context.sessions.reading() as session:
        assert set(session.scalars(select(Outbox.delivery))) == {Delivery.SENT}
    assert caplog.text.count("that could not be noted") == 1


def test_who_waited_for_the_database_leaves_what_another_may_want_to_note(
    app_context: AppContext,
) -> None:
    """A lease that ended meanwhile is taken over two seconds later, and not at once."""
    ask_parents(app_context)
    with app_context.sessions.writing() as session:
        first = select(Outbox.id).order_by(Outbox.id).limit(1).scalar_subquery()
        session.execute(update(Outbox).where(Outbox.id == first).values(attempts=1))
    with held(app_context.settings, HELD_SECONDS):
        batch = claim(app_context, 20, coverage=Coverage.COVERED)
    assert [one.attempts for one in batch.mails] == [1, 1, 1]
    assert batch.wait is not None
    [begun] = claim(app_context, 20, coverage=Coverage.COVERED).mails
    assert begun.attempts == 2
