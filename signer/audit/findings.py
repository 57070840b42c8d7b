"""What an audit found, in plain words: gaps, and what is worth knowing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from signer.errors import BundleRefused


class Severity(StrEnum):
    """How much a finding weighs."""

    GAP = "gap"
    """Something is missing, false, or cannot be shown: the record is not complete."""
    NOTE = "note"
    """Nothing is wrong, and whoever relies on the record should know it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    severity: Severity
    where: str
    """The file, the entry or the declaration that it is about."""
    sentence: str
    """What was found, and what to do about it where there is something."""


class Findings:
    """What was found so far. A gap never stops the search for the next one."""

    MOST = 10_000
    """So many are kept; a bundle with more is no bundle, and the rest is counted."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._gaps = 0
        self._more = 0

    def gap(self, where: str, sentence: str) -> None:
        """Something that makes the record incomplete or untrue."""
        self._gaps += 1
        self._add(Finding(Severity.GAP, where, sentence))

    def note(self, where: str, sentence: str) -> None:
        """Something worth knowing."""
        self._add(Finding(Severity.NOTE, where, sentence))

    @contextmanager
    def refusals(self, where: str) -> Iterator[None]:
        """Turn the refusal of a file into a gap, and go on after the block."""
        try:
            yield
        except BundleRefused as error:
            self.gap(where, f"It {error.problem}.")

    @property
    def gaps(self) -> int:
        """How many gaps there are."""
        return self._gaps

    def all(self) -> tuple[Finding, ...]:
        """Every finding, the gaps first, otherwise in the order they were made."""
        kept = sorted(self._kept, key=lambda one: one.severity is not Severity.GAP)
        if self._more:
            sentence = f"There are {self._more} more findings of the same kinds."
            kept.append(Finding(Severity.GAP, "the bundle", sentence))
        return tuple(kept)

    def _add(self, finding: Finding) -> None:
        if len(self._kept) < self.MOST:
            self._kept.append(finding)
        else:
            self._more += 1


@dataclass(slots=True)
class Counts:
    """How many of each there are."""

    files: int = 0
    checkpoints: int = 0
    """Signed heads of the log, all of which were checked."""
    entries: int = 0
    """Entries of the log that the newest checkpoint covers."""
    erased: int = 0
    """Of those, the ones that nobody can open any more, as the log itself says."""
    versions: int = 0
    signed: int = 0
    """Declarations that the log says were signed with a link."""
    sealed: int = 0
    """Declarations that the log says were sealed."""
    genuine: int = 0
    """Sealed PDFs of which every check passed, by a certificate brought along."""
    unknown_signer: int = 0
    """Sealed PDFs of which every check passed, by the bundle's own certificate."""
    levels: dict[str, int] = field(default_factory=dict)
    """Both of them by the level of their seal."""
    archived: int = 0
    """Archive copies of which every check passed."""
    proofs: int = 0
    """Proofs that lead from a sealed PDF to a signed root."""
    paper: int = 0
    """Signatures on paper that the office recorded, and did not undo: the paper is
    their proof."""
    declined: int = 0
    withdrawn: int = 0
    parents_erased: int = 0
    typeset: int = 0
    """PDFs that were typeset anew and compared byte for byte."""


class Verdict(StrEnum):
    """What an audit comes to."""

    WHOLE = "whole"
    """Nothing is missing, and everything holds by keys that were brought along."""
    UNKNOWN_SIGNER = "unknown signer"
    """The bundle agrees with itself: whose it is rests on a key of its own."""
    NOT_WHOLE = "not whole"
    """There is a gap."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A file with keys of the bundle's own: nobody brought them along."""

    where: str
    marks: tuple[str, ...]
    """What to compare with the school's: a certificate's fingerprint (SHA-256), or
    the log's key in one line."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit of a bundle found."""

    findings: tuple[Finding, ...]
    gaps: int
    counts: Counts
    origin: str | None
    """The log, by its newest name."""
    signed_root: str | None
    """The root that the newest checkpoint signs, in hexadecimal."""
    own_keys: tuple[OwnKey, ...]
    """What had to be trusted although anybody could have made it."""

    @property
    def verdict(self) -> Verdict:
        """What it comes to. A bundle with keys of its own never is whole."""
        if self.gaps:
            return Verdict.NOT_WHOLE
        return Verdict.UNKNOWN_SIGNER if self.own_keys else Verdict.WHOLE

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, and everything holds by keys brought along."""
        return self.verdict is Verdict.WHOLE

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "verdict": self.verdict,
            "whole": self.whole,
            "gaps": self.gaps,
            "origin": self.origin,
            "root": self.signed_root,
            "own_keys": [asdict(one) for one in self.own_keys],
            "counts": asdict(self.counts),
            "findings": [asdict(one) for one in self.findings],
        }
