"""The steps that need more than the file: what others keep of it, and what came since.

They follow those that `verify` makes. Whoever has the record, the log or the
released versions at hand makes them; a "no" outweighs all that the file says of
itself, and what is not at hand lowers nothing. A record that is at hand and knows of no
such declaration lowers "genuine" to "cannot tell", unless the log tells of it: whoever
has stolen the school's key can seal what no parent ever signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from signer.declaration.verify.report import (
    FILE_STEPS,
    FURTHER_STEPS,
    Check,
    Outcome,
    Report,
    Result,
)
from signer.errors import CheckFailed, NotChecked

RECORD, LOG, STANDING = "record", "log", "standing"
CHANGES, POLICY = "changes", "policy"

_NOT_AT_HAND = {
    RECORD: "The school's record was not consulted.",
    LOG: "No proof from the school's log was given.",
    STANDING: "Nothing here says what has happened to it since.",
}

_FURTHER = {LOG, STANDING, *FURTHER_STEPS}

NAMES = (*FILE_STEPS, *_NOT_AT_HAND)
"""Every step of a whole verification, in order: they are numbered from 1."""


def completed(
    report: Report,
    checks: Mapping[str, Callable[[], str]],
    *,
    copy_known: bool = False,
) -> Report:
    """A report of `verify` with the steps after it.

    Args:
        report: what the file itself answers.
        checks: by the names `RECORD`, `LOG` and `STANDING`, whatever is at hand. Each
            gives the sentence of a check that passed, and raises `CheckFailed` for a
            "no" and `NotChecked` where it cannot be made.
        copy_known: whether the school's record keeps this very archive copy.
    """
    first = report.checks[: len(FILE_STEPS)]
    more = [
        _made(number, name, checks.get(name))
        for number, name in enumerate(_NOT_AT_HAND, start=len(FILE_STEPS) + 1)
    ]
    outcomes = {check.name: check.outcome for check in more}
    known = Outcome.PASSED in (outcomes[RECORD], outcomes[LOG])
    result = report.result
    doubtful = any(check.doubtful for check in more)
    if Outcome.FAILED in outcomes.values():
        result = Result.NOT_GENUINE
    elif (report.genuine and (doubtful or (RECORD in checks and not known))) or (
        result is Result.SEALED_TEXT and doubtful
    ):
        result = Result.CANNOT_TELL
    elif known and _is_settled_by_the_record(report, copy_known=copy_known):
        result = Result.GENUINE
    return replace(report, result=result, checks=(*first, *more))


def _is_settled_by_the_record(report: Report, *, copy_known: bool) -> bool:
    """Whether nothing speaks against a file but what the record can settle.

    Where the school's record or its log holds this very file, it is the school's,
    whatever name it had then, however wrong its clock was, and whatever a timestamp
    authority sent along. Of what an archive copy adds to that file it says nothing,
    unless it keeps that very copy.
    """
    left = [
        check.name
        for check in report.checks[: len(FILE_STEPS)]
        if check.outcome is not Outcome.PASSED
        and (check.outcome is Outcome.FAILED or check.name not in _FURTHER)
    ]
    doubts = [check for check in report.checks if check.doubtful]
    settled = all(
        one.name == POLICY or (one.name == CHANGES and (one.within_seal or copy_known))
        for one in doubts
    )
    return bool(doubts) and [one.name for one in doubts] == left and settled


def deciding_check(report: Report) -> Check | None:
    """The check that kept a declaration from being called genuine.

    Args:
        report: a completed report.

    Returns:
        The first that failed; of a file of which nothing can be told, else the first
        that could not be made and speaks against it, or else is no mere further proof;
        None for other results.
    """
    outcomes = {
        Result.NOT_GENUINE: (Outcome.FAILED,),
        Result.CANNOT_TELL: (Outcome.FAILED, Outcome.NOT_CHECKED),
    }.get(report.result, ())
    checks = [check for check in report.checks if check.outcome in outcomes]
    checks.sort(
        key=lambda check: (
            check.outcome is not Outcome.FAILED,
            not check.doubtful,
            check.name in _FURTHER,
        )
    )
    return checks[0] if checks else None


def record_check(sha256: str, recorded: str | None, *, archived: bool = False) -> str:
    """Compare a file with the one that the school's record keeps.

    The record tells what a file alone cannot: a few bytes beside a timestamp's own
    signature are covered by none, and may differ unnoticed. They carry nothing that is
    read or shown.

    Args:
        sha256: SHA-256 (hex) of the file as it was sealed.
        recorded: that of the file in the record; None where it keeps none.
        archived: whether the file is an archive copy, which holds the sealed file.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the record keeps another file.
        NotChecked: it keeps none.
    """
    if recorded is None:
        raise NotChecked("The school's record has no such declaration.")
    which = "The sealed file in it" if archived else "It"
    if recorded.lower() != sha256:
        raise CheckFailed(
            f"{which} is not, byte for byte, the file in the school's record."
        )
    return f"{which} is, byte for byte, the file in the school's record."


def _made(number: int, name: str, make: Callable[[], str] | None) -> Check:
    if make is None:
        return Check(number, name, Outcome.NOT_CHECKED, _NOT_AT_HAND[name])
    try:
        return Check(number, name, Outcome.PASSED, make())
    except CheckFailed as no:
        return Check(number, name, Outcome.FAILED, no.sentence)
    except NotChecked as reason:
        return Check(
            number,
            name,
            Outcome.NOT_CHECKED,
            reason.sentence,
            doubtful=reason.doubtful,
        )
