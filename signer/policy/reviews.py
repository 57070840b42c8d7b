"""Reviews that left the text as it was: ``versions/reviews.toml``.

Each moves the date of the next review and asks nobody. The file is only added to:

    [[review]]
    reviewed = "2026-11-22"
    version = 2
    by = "Executive Headteacher"
    next = "2027-08"
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from signer import files
from signer.errors import (
    ReleaseRefused,
    TextRefused,
    VersionFileError,
)
from signer.policy.dates import is_day, is_month
from signer.policy.toml_records import read_entries
from signer.policy.versions import REVIEWS
from signer.user_text import one_line

MOST_MONTHS = 24
"""How far away a next review may be: the policy promises one each year."""

_KEYS = {"reviewed": str, "version": int, "by": str, "next": str}


@dataclass(frozen=True, slots=True)
class Review:
    """A review without change.

    Attributes:
        reviewed: the day, ``2026-11-22``.
        version: the number of the version that was reviewed, the one in force.
        by: who reviewed it, such as ``Executive Headteacher``.
        next: the month by which it must be reviewed again, ``2027-08``.
    """

    reviewed: str
    version: int
    by: str
    next: str


def read_reviews(folder: Path) -> tuple[Review, ...]:
    """The recorded reviews, the oldest first; none where there is no file.

    Args:
        folder: the folder of the released versions.

    Raises:
        VersionFileError: the file is not a record of reviews in their order.
    """
    path = folder / REVIEWS
    entries = read_entries(path, "review")
    reviews = tuple(
        _review(str(path), place, entry) for place, entry in enumerate(entries, 1)
    )
    for before, after in pairwise(reviews):
        if (after.version, after.reviewed) < (before.version, before.reviewed):
            raise VersionFileError(
                str(path), f"has its review of {after.reviewed} in the wrong place"
            )
    return reviews


def record_review(folder: Path, review: Review) -> None:
    """Add a review to the record; the file is whole at every moment.

    A review that was recorded last is not recorded again, so that it is safe to
    repeat.

    Args:
        folder: the folder of the released versions.
        review: of the version in force, on or after the day of the last one.

    Raises:
        ReleaseRefused: the next review is not after this one, or is far away; or who
            reviewed cannot be kept; or it does not follow the last one.
        VersionFileError: the record cannot be read.
        FileNotWritten: the record could not be written; it is as it was.
    """
    path = folder / REVIEWS
    check_next_review("next", review.next, after=review.reviewed)
    try:
        if one_line("by", review.by) != review.by:
            raise ReleaseRefused("by", "holds more than single spaces")
    except TextRefused as error:
        raise ReleaseRefused("by", f"cannot be kept: {error}") from error
    known = read_reviews(folder)
    if known and known[-1] == review:
        return
    if known and (review.version, review.reviewed) < (
        known[-1].version,
        known[-1].reviewed,
    ):
        raise ReleaseRefused(
            "reviewed", f"is before the last recorded review ({known[-1].reviewed})"
        )
    text = "\n".join(_written(one) for one in (*known, review))
    files.replace(path, text.encode())


def check_next_review(field: str, month: str, *, after: str) -> None:
    """Refuse a month for the next review that looks like a slip.

    Args:
        field: what the month was given as, for the error.
        month: such as ``2027-08``.
        after: the month or the day of this release or review.

    Raises:
        ReleaseRefused: it is no month, not after the other, or more than two years
            after it: the policy promises a review each year.
    """
    if not is_month(month):
        raise ReleaseRefused(field, f"needs a month such as 2027-08, not {month}")
    months = _months(month) - _months(after)
    if months <= 0:
        raise ReleaseRefused(
            field, f"is {month}: the next review must be after this one ({after[:7]})"
        )
    if months > MOST_MONTHS:
        raise ReleaseRefused(
            field, f"is {month}, which is more than {MOST_MONTHS} months away"
        )


def _months(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def _written(review: Review) -> str:
    return (
        "[[review]]\n"
        f'reviewed = "{review.reviewed}"\n'
        f"version = {review.version}\n"
        # A JSON string without escapes of its own is a TOML string too.
        f"by = {json.dumps(review.by, ensure_ascii=False)}\n"
        f'next = "{review.next}"\n'
    )


def _review(path: str, place: int, entry: Any) -> Review:  # noqa: ANN401 - parsed TOML
    if (
        not isinstance(entry, dict)
        or entry.keys() != _KEYS.keys()
        or any(type(entry[key]) is not kind for key, kind in _KEYS.items())
    ):
        raise VersionFileError(
            path, f"needs {', '.join(_KEYS)} and no more in review {place}"
        )
    review = Review(**entry)
    try:
        fit = one_line("by", review.by) == review.by
    except TextRefused:
        fit = False
    if not (fit and is_day(review.reviewed) and is_month(review.next)):
        raise VersionFileError(
            path, f"has a day, a month or a name that is none in review {place}"
        )
    return review
