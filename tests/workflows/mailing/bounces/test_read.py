"""The mailbox is read for as long as it can be reached."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer.errors import MailboxUnreadable
from signer.store.tables import Bounce
from signer.workflows.mailing.bounces.read import (
    bounce_trouble,
    read_mailbox,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from signer.mail.bounces.sources import StoredMail
    from signer.workflows.context import AppContext
    from tests.workflows.mailing.bounces.mailbox import Returned

AWAY = "mail.example cannot be reached: no answer in time"


class Unreachable:
    """A mailbox whose server is away, until it is back."""

    def __init__(self) -> None:
        self.away = True

    def unread(self) -> Iterator[StoredMail]:
        """No mail."""
        if self.away:
            raise MailboxUnreadable(AWAY)
        return iter(())


def test_a_mailbox_out_of_reach_is_logged_once(
    asked: AppContext, frozen: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """And is a trouble for whoever watches, once it has lasted."""
    source = Unreachable()

    def look() -> None:
        try:
            read_mailbox(asked, source)
        except MailboxUnreadable:
            assert source.away

    with caplog.at_level(logging.INFO):
        look()
        assert bounce_trouble(asked) == ()
        frozen(timedelta(minutes=31))
        look()
        (trouble,) = bounce_trouble(asked)
        source.away = False
        look()

    assert "has not been read since" in trouble
    assert bounce_trouble(asked) == ()
    assert [
        record.message for record in caplog.records if "bounces" in record.message
    ] == [
        f"bounces cannot be read, and are tried each minute: {AWAY}",
        "bounces can be read again",
    ]


def test_nothing_is_written_for_mail_of_strangers(
    asked: AppContext, returned: Returned
) -> None:
    """A mailbox full of it costs no transaction that writes."""
    returned.put("0" * 24)
    returned.read()

    with asked.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Bounce)) == 0
