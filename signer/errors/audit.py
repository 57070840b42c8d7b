"""Why an audit bundle cannot be made, or cannot be read."""

from __future__ import annotations

from signer.errors.root import SignerError


class AuditError(SignerError):
    """Something about an audit bundle."""


class BundleRefused(AuditError):
    """A bundle, or a file in it, cannot be read.

    Attributes:
        where: the ZIP, or the file in it.
        problem: what is wrong, and what to do, as a clause.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where} {problem}")
        self.where = where
        self.problem = problem


class NothingToAudit(AuditError):
    """No head of the log was ever signed, so there is nothing to export."""
