"""Why a mail was not accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signer.errors.root import SignerError


class TroubleScope(StrEnum):
    """What a trouble with the mail server holds up."""

    CONNECTION = "connection"
    """No mail was offered: the server cannot be reached, or lets nobody in."""
    STALLED = "stalled"
    """The server stopped answering in the middle of a mail."""
    SERVER = "server"
    """A refusal that is not about the recipient, such as a quota or a block list."""
    BUSY = "busy"
    """The server asks for time, or broke off the connection."""
    MAIL = "mail"
    """This mail alone, such as one that is too big."""


@dataclass(eq=False, repr=False)
class MailError(SignerError):
    """A mail was not accepted.

    Attributes:
        reply: what the server said, without addresses.
    """

    reply: str
    template = "{self.reply}"


class MailDeferred(MailError):
    """Not accepted now; worth another try."""


@dataclass(eq=False, repr=False)
class MailServerTrouble(MailDeferred):
    """Not accepted, for a reason that the operator or the server has to mend."""

    scope: TroubleScope


class MailRefused(MailError):
    """Refused for good: the server says that there is no such recipient."""

    @property
    def by_server(self) -> bool:
        """Whether the server said so; an address that cannot be one is not offered."""
        return self.reply[:1].isdigit()


class MailboxUnreadable(MailError):
    """The mailbox that bounces come to cannot be read now; worth another try."""


@dataclass(eq=False, repr=False)
class MailUnknown(SignerError):
    """No mail of this number can be sent again."""

    number: int
    template = "mail {self.number} is unknown, or was accepted"
