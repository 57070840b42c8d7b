"""The steps that need more than the file: what others keep of it, and what came since.

They follow those that `verify` makes. Whoever has the record, the log or the
released versions at hand makes them; a "no" outweighs all that the file says of
itself, and what is not at hand lowers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from signer.declaration.verify.report import Check, Outcome, Report, Result
from signer.declaration.verify.steps import STEPS
from signer.errors import CheckFailed, NotChecked

RECORD, LOG, STANDING = "record", "log", "standing"

_NOT_AT_HAND = {
    RECORD: "The school's record was not asked.",
    LOG: "No proof from the school's log is at hand.",
    STANDING: "Nothing at hand tells what has become of it since.",
}

NAMES = (*(step.name for step in STEPS), *_NOT_AT_HAND)
"""Every step of a whole verification, in order: they are numbered from 1."""


def completed(report: Report, checks: Mapping[str, Callable[[], str]]) -> Report:
    """A report of `verify` with the steps after it.

    Args:
        report: what the file itself answers.
        checks: by the names `RECORD`, `LOG` and `STANDING`, whatever is at hand. Each
            gives the sentence of a check that passed, and raises `CheckFailed` for a
            "no" and `NotChecked` where it cannot be made.
    """
    first = report.checks[: len(STEPS)]
    more = [
        _made(number, name, checks.get(name))
        for number, name in enumerate(_NOT_AT_HAND, start=len(STEPS) + 1)
    ]
    refused = any(one.outcome is Outcome.FAILED for one in more)
    return replace(
        report,
        result=Result.NOT_GENUINE if refused else report.result,
        checks=(*first, *more),
    )


def record_check(sha256: str, recorded: str | None) -> str:
    """Compare a file with the one that the school's record keeps.

    The record tells what a file alone cannot: a few bytes of a seal's own value are
    covered by no signature, and may differ unnoticed. They carry nothing that is read
    or shown.

    Args:
        sha256: SHA-256 (hex) of the file.
        recorded: that of the file in the record; None where it keeps none.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the record keeps another file.
        NotChecked: it keeps none.
    """
    if recorded is None:
        raise NotChecked("The school's record keeps no file under this reference.")
    if recorded.lower() != sha256:
        raise CheckFailed("It is not, byte for byte, the file in the school's record.")
    return "It is, byte for byte, the file in the school's record."


def _made(number: int, name: str, make: Callable[[], str] | None) -> Check:
    if make is None:
        return Check(number, name, Outcome.NOT_CHECKED, _NOT_AT_HAND[name])
    try:
        return Check(number, name, Outcome.PASSED, make())
    except CheckFailed as no:
        return Check(number, name, Outcome.FAILED, no.sentence)
    except NotChecked as reason:
        return Check(number, name, Outcome.NOT_CHECKED, reason.sentence)
