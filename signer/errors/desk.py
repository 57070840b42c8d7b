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


class LastHead(DeskError):
    """The only head would be removed, or would have another role."""


class NoteUnknown(DeskError):
    """No message of a parent is this one."""


@dataclass(eq=False, repr=False)
class SignInRefused(DeskError):
    """A way in that cannot be taken.

    Attributes:
        reason: ``used``, ``expired`` or ``unknown``.
    """

    template = "the way in is {self.reason}"

    reason: str
