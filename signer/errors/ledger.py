"""Why something that claims to be of the log is not believed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from signer.errors.root import SignerError


class LedgerError(SignerError):
    """Something that claims to be of the log is not."""


class NoteRefused(LedgerError):
    """Not a signed note or checkpoint, or not signed by a known key."""


class ProofRefused(LedgerError):
    """A proof that does not show what it should."""


@dataclass(eq=False, repr=False)
class LogBroken(LedgerError):
    """The log is not what it was: nothing more is signed until somebody looks.

    Attributes:
        problem: what is wrong, as a sentence in plain words.
        held: the number of leaves of a checkpoint that the log does not fit; None
            where the log does not fit itself.
        size: the number of leaves that the log has now.
    """

    problem: str
    _: KW_ONLY
    size: int
    held: int | None = None
    template = "{self.problem}"


@dataclass(eq=False, repr=False)
class ReopeningRefused(LedgerError):
    """The log is not reopened; nothing was changed.

    Attributes:
        problem: why, and what to do, as a sentence in plain words.
    """

    problem: str
    template = "{self.problem}"


@dataclass(eq=False, repr=False)
class WitnessRefused(LedgerError):
    """A witness did not cosign a head of the log.

    Attributes:
        problem: what it did instead, as a clause without an address.
        contradicts: whether it holds a head that the log does not fit.
    """

    problem: str
    _: KW_ONLY
    contradicts: bool = False
    template = "{self.problem}"
