"""Sending one mail as parents will get it, before anybody is asked."""

from __future__ import annotations

import secrets
from email.message import EmailMessage

from signer.mail.transport import Transport
from signer.policy.versions import Version, in_force
from signer.workflows.context import AppContext
from signer.workflows.mailing.content import composed, sample_letter
from signer.workflows.mailing.outbox import MESSAGE_REF_BYTES
from signer.workflows.requests.changes_since_signed import ChangesSinceSigned


def send_sample(
    context: AppContext,
    transport: Transport,
    to_email: str,
    *,
    version: Version | None = None,
) -> Version:
    """Send a sample of the mail that asks for a version; gives the version.

    Nothing is written to the database, and the link in the mail opens nothing: its
    page says that it is a sample.

    Args:
        context: the context.
        transport: what sends it.
        to_email: the address.
        version: which; by default the newest. It may be one that is to be released.

    Raises:
        MailError: the mail was not accepted.
    """
    version = version or in_force(context.versions)
    transport.send(sample_mail(context, to_email, version))
    return version


def sample_mail(
    context: AppContext,
    to_email: str,
    version: Version,
    *,
    name: str = "",
    since: ChangesSinceSigned | None = None,
) -> EmailMessage:
    """The mail that asks for a version, with a link that opens nothing.

    Args:
        context: the context.
        to_email: where it goes.
        version: which; it may be one that is to be released.
        name: of the parent whose mail it is; empty for somebody who signed the version
            before, where there is one.
        since: what is new to that parent, if they signed before.
    """
    letter = sample_letter(context, to_email, version, name=name, since=since)
    return composed(context, letter, secrets.token_hex(MESSAGE_REF_BYTES))
