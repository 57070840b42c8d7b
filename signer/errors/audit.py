"""Why an audit bundle cannot be made, or cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from signer.errors.root import SignerError


class AuditError(SignerError):
    """Something about an audit bundle."""


@dataclass(eq=False, repr=False)
class BundleRefused(AuditError):
    """A bundle, or a file in it, cannot be read.

    Attributes:
        where: the ZIP, or the file in it.
        problem: what is wrong, and what to do, as a clause.
    """

    where: str
    problem: str
    template = "{self.where} {self.problem}"


class NothingToAudit(AuditError):
    """No head of the log was ever signed, so there is nothing to export."""
