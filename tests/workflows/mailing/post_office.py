"""A real SMTP server on this machine, which answers as it is told to."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from tests.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Takes every mail, or says no.

    Attributes:
        answer: what it says to each mail.
        seen: every mail that was offered, whatever it said.
        taken: those it said yes to.
        recipients: to whom those were to go, as it was told (RCPT TO).
        holding: set once a mail was offered while `closed`.
        closed: while set, no mail gets an answer.
        closes_at: the mail, counted from 1, that sets it by being offered.
    """

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.seen: list[EmailMessage] = []
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.holding = threading.Event()
        self.closed = threading.Event()
        self.closes_at = 0
        self.port = free_port()

    @property
    def url(self) -> str:
        """The address for ``SIGNER_MAIL_URL``."""
        return f"smtp://{HOST}:{self.port}"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """A mail is offered."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.seen.append(mail)
        if len(self.seen) == self.closes_at:
            self.closed.set()
        answer = self.answer
        while self.closed.is_set():
            self.holding.set()
            await asyncio.sleep(0.01)
        if answer.startswith("250"):
            self.taken.append(mail)
            self.recipients += envelope.rcpt_tos
        return answer

    @contextmanager
    def open(self) -> Iterator[None]:
        """Listen for the time of the block."""
        controller = Controller(self, hostname=HOST, port=self.port)
        controller.start()
        try:
            yield
        finally:
            self.closed.clear()
            controller.stop()


def ids(mails: list[EmailMessage]) -> dict[str, set[str]]:
    """The Message-IDs that each recipient got, by address."""
    found: dict[str, set[str]] = {}
    for mail in mails:
        found.setdefault(str(mail["To"]), set()).add(str(mail["Message-ID"]))
    return found
