"""A verification as the public page tells it: the answer first, then each check."""

from __future__ import annotations

from dataclasses import dataclass

from signer import clock
from signer.declaration.statement import Statement
from signer.declaration.verify import (
    ASK_THE_AUTHORITY,
    BRING_THE_AUTHORITIES,
    DECIDED,
    STANDING,
    Check,
    Outcome,
    Report,
    Result,
    deciding_check,
)

TITLES = {
    "file": "The file can be read",
    "seal": "One seal covers the whole file",
    "digest": "Nothing was changed",
    "signature": "The seal matches its certificate",
    "signer": "The school sealed it",
    "timestamp": "Others confirm the time",
    "revocation": "The seal had not been revoked",
    "changes": "No later change is allowed",
    "statement": "The declaration inside is whole",
    "typesetting": "The pages say what the declaration says",
    "policy": "The text is the one that was released",
    "record": "It is the file in the school records",
    "log": "It is in the public log",
    "standing": "Its status today",
}
"""What each check is about, by its name."""

_INSTEAD = {
    ", which you trust": ", which the school trusts",
    "certificate that you trust": "certificate that the school trusts",
    ASK_THE_AUTHORITY: "The school may have changed to another timestamp authority.",
    BRING_THE_AUTHORITIES: "Ask the school for its own copy of the declaration.",
}
"""The words for somebody who did not choose whom to trust, and brings nothing."""

_KINDS = {
    Result.GENUINE: "good",
    Result.UNKNOWN_SIGNER: "unknown",
    Result.NOT_GENUINE: "bad",
    Result.SEALED_TEXT: "unknown",
    Result.CANNOT_TELL: "unknown",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One check, for people.

    Attributes:
        title: what it is about.
        answer: ``yes``, ``no``, ``left`` where it was not made, or ``told`` where
            there is nothing to say yes to.
        sentence: what was found; empty where an earlier check decided.
    """

    title: str
    answer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Details:
    """Who declared what, and when: of a genuine declaration alone.

    Attributes:
        statement: what stands in it.
        confirmed: when the parent confirmed it.
        sealed: when the school sealed it.
        standing: what came of it since, where that is known.
    """

    statement: Statement
    confirmed: str
    sealed: str
    standing: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Attributes:
        result: which one.
        kind: ``good``, ``bad`` or ``unknown``; how it looks.
        decided_by: the name of the check that kept it from being called genuine; empty
            where none did.
        reason: what that check found.
        steps: every check, in order.
        details: None where the file does not prove them.
        sha256: SHA-256 (hex) of the file.
    """

    result: Result
    kind: str
    decided_by: str
    reason: str
    steps: tuple[Step, ...]
    details: Details | None
    sha256: str


def verdict_on(report: Report) -> Verdict:
    """The answer that a report gives.

    Names and times are told of a genuine declaration alone: of any other, whoever
    made it may have written them there.
    """
    steps = tuple(_step(check, report) for check in report.checks)
    decided = deciding_check(report)
    return Verdict(
        result=report.result,
        kind=_KINDS[report.result],
        decided_by=decided.name if decided else "",
        reason=_sentence(decided, report) if decided else "",
        steps=steps,
        details=_details(report) if report.genuine else None,
        sha256=report.sha256,
    )


def _details(report: Report) -> Details | None:
    if report.statement is None or report.sealed_at is None:
        return None
    at = report.timestamped_at or report.sealed_at
    standing = report.checks[-1]
    return Details(
        statement=report.statement,
        confirmed=clock.in_school_time(report.statement.confirmed_at),
        sealed=clock.in_school_time(at),
        standing=standing.sentence if standing.outcome is Outcome.PASSED else "",
    )


_ANSWERS = {Outcome.PASSED: "yes", Outcome.FAILED: "no", Outcome.NOT_CHECKED: "left"}


def _step(check: Check, report: Report) -> Step:
    answer = _ANSWERS[check.outcome]
    if check.name == STANDING and answer == "yes":
        answer = "told"
    return Step(TITLES[check.name], answer, _sentence(check, report))


def _sentence(check: Check, report: Report) -> str:
    """The check's own, but for what holds for somebody who chose whom to trust."""
    inside = check.name == "statement" and check.outcome is Outcome.PASSED
    if inside and not report.genuine:
        return "A declaration is inside. What it says is not proved."
    if check.name == "signer" and report.result is Result.UNKNOWN_SIGNER:
        return (
            f"The seal says “{report.sealed_by}”, but it is not a seal of this school. "
            "Anyone can put a name there."
        )
    if check.sentence == DECIDED:
        return ""
    told = check.sentence
    for words, instead in _INSTEAD.items():
        told = told.replace(words, instead)
    return told
