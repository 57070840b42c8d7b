"""Verification: what can be said of a PDF that claims to be a declaration."""

from __future__ import annotations

from signer.declaration.verification.answer import verify
from signer.declaration.verification.outside import (
    LOG,
    NAMES,
    RECORD,
    STANDING,
    completed,
    record_check,
)
from signer.declaration.verification.report import (
    DECIDED,
    Check,
    Outcome,
    Report,
    Result,
)

__all__ = [
    "DECIDED",
    "LOG",
    "NAMES",
    "RECORD",
    "STANDING",
    "Check",
    "Outcome",
    "Report",
    "Result",
    "completed",
    "record_check",
    "verify",
]
