"""What can go wrong with the accounts of the desk, and with coming in."""

from __future__ import annotations

from dataclasses import dataclass

from signer.errors.root import SignerError


class DeskError(SignerError):
    """Something about the desk."""


@dataclass(eq=False, repr=False)
class AccountRefused(DeskError):
    """An account cannot be made so.

    Attributes:
        field: ``name`` or ``email``.
        reason: why, as a clause.
    """

    template = "{self.field}: {self.reason}"

    field: str
    reason: str


class AccountUnknown(DeskError):
    """No account has this address or reference."""


class RevisionUnknown(DeskError):
    """The draft has no revision of this number."""


@dataclass(eq=False, repr=False)
class DraftMoved(DeskError):
    """Somebody else has saved the draft since this person began.

    Attributes:
        number: of the revision that is the draft now.
    """

    template = "revision {self.number} was saved meanwhile"

    number: int


@dataclass(eq=False, repr=False)
class ReviewRefused(DeskError):
    """A draft cannot be approved, commented on or sent for review so.

    Attributes:
        reason: why, as a sentence.
    """

    template = "{self.reason}"

    reason: str


@dataclass(eq=False, repr=False)
class ChecklistRefused(DeskError):
    """A line of the check-list is not done by this.

    Attributes:
        reason: why, as a sentence.
    """

    template = "{self.reason}"

    reason: str


@dataclass(eq=False, repr=False)
class WebhookFailed(DeskError):
    """Another system was not told of an event.

    Attributes:
        problem: why, in a few words, without an address.
        status: the HTTP status of its answer, or None.
    """

    template = "{self.problem}"

    problem: str
    status: int | None = None


class LastHead(DeskError):
    """The only head would be removed, or would have another role."""


class NoteUnknown(DeskError):
    """No message of a parent is this one."""


@dataclass(eq=False, repr=False)
class SignInRefused(DeskError):
    """A way in that cannot be taken.

    Attributes:
        reason: of a link or a passkey's answer ``used``, ``expired`` or ``unknown``;
            ``passkey`` of one that signs nobody in; of the provider of accounts
            ``stopped``, ``unreachable``, ``unproven``, ``address`` or ``account``.
        email: the address that the provider names, where nobody has an account at it.
    """

    template = "the way in is {self.reason}"

    reason: str
    email: str = ""


@dataclass(eq=False, repr=False)
class PasskeyUnproven(DeskError):
    """An answer that no passkey gave to what was asked.

    Attributes:
        detail: what was found, for the log.
    """

    template = "the answer of the passkey is not good ({self.detail})"

    detail: str


@dataclass(eq=False, repr=False)
class PasskeyRefused(DeskError):
    """A passkey cannot be kept.

    Attributes:
        reason: ``name``, ``many`` or ``answer``.
    """

    template = "the passkey cannot be kept: {self.reason}"

    reason: str
