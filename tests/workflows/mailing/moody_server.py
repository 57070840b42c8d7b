"""An SMTP server with moods, and ten parents to write to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signer.mail.transport import transport_for
from signer.workflows.mailing.send import send_mail
from tests.workflows.mailing.post_office import PostOffice

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]


TEN = "parent_name,parent_email,relationship,child_name,year_group\n" + "".join(
    f"Parent Number{n},parent{n}@example.org,mother,Child Number{n},Year 4\n"
    for n in "ABCDEFGHIJ"
)


class Moody(PostOffice):
    """Takes mail until it has had so many, then answers at a step as it is told.

    Attributes:
        step: "rcpt" or "data".
        trouble: its answer there; empty for none.
        first: how many mails it takes before.
        only: of whom it is said, a regular expression; everybody by default.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step, self.trouble, self.first, self.only = "rcpt", "", 0, ""

    def _says(self, step: str, to: str) -> str:
        meant = re.search(self.only, to) is not None
        past = len(self.taken) >= self.first
        return self.trouble if step == self.step and meant and past else ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient is named."""
        if trouble := self._says("rcpt", address):
            return trouble.replace("%s", address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A mail is offered."""
        if trouble := self._says("data", str(envelope.rcpt_tos)):
            return trouble
        return await super().handle_DATA(server, session, envelope)


def send(app_context: AppContext) -> int:
    """Send what is due; a call ends by itself after a minute, on a busy machine too."""
    transport, sent = transport_for(app_context.settings.mail_address), 0
    while more := send_mail(app_context, transport):
        sent += more
    return sent
