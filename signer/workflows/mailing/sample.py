"""Sending one mail as parents will get it, before anybody is asked."""

from __future__ import annotations

import secrets

from signer.mail.transport import Transport
from signer.policy.versions import Version, in_force
from signer.workflows.context import AppContext
from signer.workflows.mailing.content import sample_letter
from signer.workflows.mailing.outbox import MESSAGE_REF_BYTES


def send_sample(context: AppContext, transport: Transport, to_email: str) -> Version:
    """Send a sample of the mail that asks for the newest version; gives the version.

    Nothing is written to the database, and the link in the mail opens nothing: its
    page says that it is a sample.

    Raises:
        MailError: the mail was not accepted.
    """
    version = in_force(context.versions)
    letter = sample_letter(context, to_email, version)
    transport.send(letter.composed(context, secrets.token_hex(MESSAGE_REF_BYTES)))
    return version
