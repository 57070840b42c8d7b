"""A disagreement between two parts of the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Between(StrEnum):
    """Which parts of the record disagree."""

    REQUESTS = "requests and declarations"
    CAMPAIGN = "register and requests"
    PDFS = "declarations and PDFs"
    # Not as before: what was kept of an older release's run means the log itself too.
    LOG = "log and records"
    LOG_ITSELF = "log and signed heads"
    MAIL = "requests and mail"
    FILES = "records and files"
    STORAGE = "records and storage"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that one part of the record says and another does not.

    Attributes:
        between: which parts.
        subject: what it is about, by its reference: never a name or an address.
        problem: what disagrees, as a sentence.
        what_to_do: who can mend it, and how, as sentences.
    """

    between: Between
    subject: str
    problem: str
    what_to_do: str
