"""Verification: what can be said of a PDF that claims to be a declaration."""

from __future__ import annotations

from signer.declaration.verify.external_checks import (
    LOG,
    NAMES,
    RECORD,
    STANDING,
    completed,
    deciding_check,
    record_check,
)
from signer.declaration.verify.report import (
    ASK_THE_AUTHORITY,
    BRING_THE_AUTHORITIES,
    DECIDED,
    NOT_ASKED,
    Check,
    Outcome,
    Report,
    Result,
)

__all__ = [
    "ASK_THE_AUTHORITY",
    "BRING_THE_AUTHORITIES",
    "DECIDED",
    "LOG",
    "NAMES",
    "NOT_ASKED",
    "RECORD",
    "STANDING",
    "Check",
    "Outcome",
    "Report",
    "Result",
    "completed",
    "deciding_check",
    "record_check",
]
