"""What can be wrong with a declaration: its statement, its PDF, its seal, its keys."""

from __future__ import annotations

from dataclasses import dataclass

from signer.errors.root import SignerError


class DeclarationError(SignerError):
    """A declaration could not be made."""


class StatementError(DeclarationError):
    """The bytes are not a canonical statement."""


class TypesetError(DeclarationError):
    """The PDF could not be typeset."""


@dataclass(eq=False, repr=False)
class KeyUnusable(DeclarationError):
    """A key or certificate is missing, unreadable or not fit for its use."""

    path: str
    problem: str
    template = "{self.path}: {self.problem}"


class PinRefused(KeyUnusable):
    """A token refuses the PIN, and must not be asked again: it would lock itself."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            "refuses this PIN, and is not asked again, because it would lock itself; "
            "correct SIGNER_SEAL_PIN and start again",
        )


class KeysExist(KeyUnusable):
    """There are keys already, perhaps made a moment ago; none was touched."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "holds keys already; name another folder")


class SealError(DeclarationError):
    """The PDF could not be sealed."""


class AuthorityChanged(SealError):
    """The timestamp comes from another certificate, or is longer, than measured."""


@dataclass(eq=False, repr=False)
class CheckFailed(DeclarationError):
    """A step of a verification says no."""

    sentence: str
    template = "{self.sentence}"


class LogContradicted(CheckFailed):
    """A proof shows that today's log is not the one that it was made from."""


@dataclass(eq=False, repr=False)
class NotChecked(DeclarationError):
    """A step of a verification cannot be made with what is at hand.

    Attributes:
        sentence: why, in plain words.
        doubtful: whether that speaks against the file.
    """

    sentence: str
    doubtful: bool = False
    template = "{self.sentence}"


class InDoubt(NotChecked):
    """A step cannot be made, and there is reason to doubt the file."""


class SealedInDoubt(InDoubt):
    """What is in doubt stands in the file as it was sealed: who keeps that can tell."""


class EntryLost(NotChecked):
    """A proof holds, and today's log no longer has its entry: it was restarted."""
