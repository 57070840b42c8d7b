"""The report on a file that was not looked into."""

from __future__ import annotations

import hashlib

from signer.declaration.verify.report import (
    DECIDED,
    FILE_STEPS,
    Check,
    Outcome,
    Report,
    Result,
)

MOST_BYTES = 50_000_000
"""The largest file that is looked at."""

TOO_LARGE = (
    f"The file is larger than {MOST_BYTES // 1_000_000} million bytes, which no "
    "declaration is, so it was not looked at."
)


def refused(
    sentence: str,
    *,
    pdf: bytes = b"",
    size: int | None = None,
    outcome: Outcome = Outcome.FAILED,
) -> Report:
    """A report that says nothing but why.

    Args:
        sentence: why, in plain words.
        pdf: the whole file, where it was read.
        size: its bytes, where it was not read.
        outcome: of the first check; `Outcome.NOT_CHECKED` where that is not the
            file's doing.
    """
    sha256 = hashlib.sha256(pdf).hexdigest() if size is None else ""
    first, *rest = FILE_STEPS
    return Report(
        result=Result.CANNOT_TELL,
        checks=(
            Check(1, first, outcome, sentence),
            *(
                Check(number, name, Outcome.NOT_CHECKED, DECIDED)
                for number, name in enumerate(rest, start=2)
            ),
        ),
        size=len(pdf) if size is None else size,
        sha256=sha256,
        sealed_sha256=sha256,
    )
