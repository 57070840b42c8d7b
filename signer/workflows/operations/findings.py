"""What can be found wrong with a running service, and how bad each of it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    BROKEN = "broken"
    """Something that parents depend on does not work now."""
    ATTENTION = "attention"
    """Somebody has to act before it breaks."""


class FindingKind(StrEnum):
    """What a finding is about; the operator's guide has an entry for each."""

    DATABASE = "database"
    WORKER = "worker"
    MAIL = "mail"
    SEAL = "seal"
    CHECKPOINT = "checkpoint"
    RECORD = "record"
    WITNESSES = "witnesses"
    DISK = "disk"
    VERSIONS = "versions"
    KEYS = "keys"
    QUEUE = "queue"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or soon will be.

    Attributes:
        kind: what it is about.
        severity: how bad it is.
        problem: what is the matter, in a sentence without names and paths.
        what_to_do: where to look or what to run.
    """

    kind: FindingKind
    severity: Severity
    problem: str
    what_to_do: str


class Status(StrEnum):
    """All findings in one word."""

    READY = "ready"
    ATTENTION = "attention"
    BROKEN = "broken"


def status_of(findings: tuple[Finding, ...]) -> Status:
    """Return the word for the worst of the findings; ready where there are none."""
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return Status.BROKEN
    return Status.ATTENTION if severities else Status.READY
