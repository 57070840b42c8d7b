"""Why a mail was not accepted."""

from __future__ import annotations

from signer.errors.root import SignerError


class MailError(SignerError):
    """A mail was not accepted.

    Attributes:
        reply: what the server said, without addresses.
    """

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class MailDeferred(MailError):
    """Not accepted now; worth another try."""


class MailRefused(MailError):
    """Refused for good; another try would be refused as well."""


class MailboxUnreadable(MailError):
    """The mailbox that bounces come to cannot be read now; worth another try."""
