"""What a verification found: its numbered checks and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import rfc8785

from signer import clock
from signer.declaration.statement import Statement, from_json, to_json

DECIDED = "An earlier check decided."
"""The sentence of a step that was not made, because one before it said no."""

NOT_ASKED = "The pages were not typeset again: that was not requested."
"""The sentence of that step where the versions' blocks are not given."""

ARCHIVED = "B-LTA"
"""The PAdES level of an archive copy."""

FILE_STEPS = (
    "file",
    "seal",
    "digest",
    "signature",
    "signer",
    "timestamp",
    "revocation",
    "changes",
    "statement",
    "typesetting",
    "policy",
)
"""The steps that a file itself answers, in the order in which they are made."""

FURTHER_STEPS = frozenset({"timestamp", "revocation", "typesetting"})
"""Those that are a further proof where they can be made, and no lack where not."""


class Result(StrEnum):
    """What may be said of the file as a whole."""

    GENUINE = "genuine"
    """Every check passed, the signer is trusted."""
    UNKNOWN_SIGNER = "unknown signer"
    """Every check passed but one: whether to trust the signer. Anybody can make
    such a file; only the authority's certificate tells who did."""
    NOT_GENUINE = "not genuine"
    """A check failed: this file is not as the school sealed it, or never was."""
    SEALED_TEXT = "sealed text"
    """It is no declaration, and does not claim to be: it is the text of a version, as
    the school released it and sealed it. Nobody signed it."""
    CANNOT_TELL = "cannot tell"
    """Nothing speaks against the file, but a check could not be made."""


ASK_THE_AUTHORITY = (
    "Get the certificate of that timestamp authority from the authority itself, and "
    "check again with it."
)
BRING_THE_AUTHORITIES = (
    "Check again with the certificates of the timestamp authorities, each with those "
    "above it, or ask the school."
)
"""What somebody can do who chose whom to trust."""


class Outcome(StrEnum):
    """What came of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered step of a verification."""

    number: int
    """From 1, in the order in which they are made."""
    name: str
    outcome: Outcome
    sentence: str
    """What was found, in plain words."""
    doubtful: bool = False
    """Whether it could not be made, and that speaks against the file."""
    within_seal: bool = False
    """Whether what is in doubt stands in the file as it was sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a verification found."""

    result: Result
    size: int
    """Bytes in the file."""
    sha256: str
    """SHA-256 (hex) of the whole file; empty where it was not read."""
    sealed_by: str | None = None
    """The name in the seal's certificate; anybody may write a name there, so it
    counts only where the signer is trusted."""
    certificate_sha256: str | None = None
    """SHA-256 (hex) of that certificate."""
    authority: str | None = None
    """The name in the trusted certificate that the seal's leads to; None where it
    leads to none."""
    authority_sha256: str | None = None
    """SHA-256 (hex) of that trusted certificate: its fingerprint."""
    sealed_at: datetime | None = None
    """The time that the seal states."""
    timestamped_at: datetime | None = None
    """The time that a timestamp authority confirms, when it is one that is trusted."""
    level: str | None = None
    """The PAdES level by what the seal bears: ``B-B``, ``B-T`` or ``B-LT``; ``B-LTA``
    of an archive copy."""
    sealed_sha256: str = ""
    """SHA-256 (hex) of the file as it was sealed: of an archive copy, of the file in
    it; else of the whole file."""
    archived_until: datetime | None = None
    """When the certificate behind an archive copy's newest timestamp ends; None for
    other files, and where its timestamps do not hold."""
    checks: tuple[Check, ...]
    statement: Statement | None = None
    """The statement inside; None where the seal over it does not hold."""

    @property
    def genuine(self) -> bool:
        """Whether every check passed."""
        return self.result is Result.GENUINE

    @property
    def archived(self) -> bool:
        """Whether it is an archive copy of a sealed file."""
        return self.level == ARCHIVED

    def as_json(self) -> dict[str, Any]:
        """The report for programs; times as in RFC 3339, in UTC."""
        return asdict(self) | {
            "sealed_at": self.sealed_at and clock.iso(self.sealed_at),
            "timestamped_at": self.timestamped_at and clock.iso(self.timestamped_at),
            "archived_until": self.archived_until and clock.iso(self.archived_until),
            "statement": self.statement and json.loads(to_json(self.statement)),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Report:
        """The report that `as_json` gave.

        Raises:
            LookupError, TypeError, ValueError, StatementError: it is not one.
        """
        statement = found["statement"]
        return cls(
            result=Result(found["result"]),
            checks=tuple(
                Check(
                    number=int(one["number"]),
                    name=str(one["name"]),
                    outcome=Outcome(one["outcome"]),
                    sentence=str(one["sentence"]),
                    doubtful=bool(one["doubtful"]),
                    within_seal=bool(one["within_seal"]),
                )
                for one in found["checks"]
            ),
            size=int(found["size"]),
            sha256=str(found["sha256"]),
            statement=statement and from_json(rfc8785.dumps(statement)),
            sealed_by=found["sealed_by"],
            certificate_sha256=found["certificate_sha256"],
            authority=found["authority"],
            authority_sha256=found["authority_sha256"],
            sealed_at=_moment(found["sealed_at"]),
            timestamped_at=_moment(found["timestamped_at"]),
            level=found["level"],
            sealed_sha256=str(found["sealed_sha256"]),
            archived_until=_moment(found["archived_until"]),
        )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else clock.parse(text)
