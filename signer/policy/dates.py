"""Months and days as a version states them, and as people read them."""

from __future__ import annotations

import re
from datetime import date

from signer.errors import PolicyError

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def is_month(text: str) -> bool:
    """Whether the text is a month, such as ``2023-08``."""
    return _MONTH.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """Whether the text is a day of the calendar, such as ``2022-08-31``."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def month_in_words(month: str) -> str:
    """``2023-08`` as ``August 2023``; of a day, the month it falls in.

    Raises:
        PolicyError: the text is neither a month nor a day.
    """
    if not (is_month(month) or is_day(month)):
        raise PolicyError(f"not a month: {month!r}")
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def date_in_words(released: str) -> str:
    """``2022-08-31`` as ``31 August 2022``; a month as `month_in_words` gives it.

    Raises:
        PolicyError: the text is neither a month nor a day.
    """
    words = month_in_words(released)
    return f"{int(released[8:])} {words}" if is_day(released) else words
