"""Why something that claims to be of the log is not believed."""

from __future__ import annotations

from signer.errors.root import SignerError


class LedgerError(SignerError):
    """Something that claims to be of the log is not."""


class NoteRefused(LedgerError):
    """Not a signed note or checkpoint, or not signed by a known key."""


class ProofRefused(LedgerError):
    """A proof that does not show what it should."""
