"""Sending one mail as parents will get it, before anybody is asked."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from signer import clock
from signer.mail.compose import compose
from signer.mail.transport import Transport
from signer.policy.versions import Version, in_force
from signer.workflows.context import AppContext
from signer.workflows.mailing.content import sample_letter


def send_sample(context: AppContext, transport: Transport, to_email: str) -> Version:
    """Send a sample of the mail that asks for the newest version; gives the version.

    Nothing is written to the database, and the link in the mail opens nothing: its
    page says that it is a sample.

    Raises:
        MailError: the mail was not accepted.
    """
    version = in_force(context.versions)
    letter = sample_letter(context, to_email, version)
    host = urlsplit(context.settings.base_url).hostname or "localhost"
    message = compose(
        letter.kind,
        sender=context.settings.mail_from,
        to_name=letter.to_name,
        to_email=letter.to_email,
        message_id=f"<{secrets.token_hex(12)}@{host}>",
        at=clock.now(),
        values=letter.values,
        language=context.language,
    )
    transport.send(message)
    return version
