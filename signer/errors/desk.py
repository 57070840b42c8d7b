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


class LastHead(DeskError):
    """The only head would be removed, or would have another role."""


@dataclass(eq=False, repr=False)
class SignInRefused(DeskError):
    """A way in that cannot be taken.

    Attributes:
        reason: ``used``, ``expired`` or ``unknown``.
    """

    template = "the way in is {self.reason}"

    reason: str
