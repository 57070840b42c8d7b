"""Months and days as a version states them, and as people read them."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from signer.errors import PolicyError

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NAME = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|Sept)"
_NUMBER = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>20[0-9]{2})(?![0-9])"
_NTH = r"[0-3]?[0-9](?:st|nd|rd|th)?"
# How people write a month: with its year, by its number, alone; or a year alone.
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_NAME}\b\.?(?:\s+{_NTH})?,?\s+{_YEAR}",
        rf"(?<![0-9])(?:[0-3]?[0-9][./-])?{_NUMBER}[./-]{_YEAR}",
        rf"(?<![0-9]){_YEAR}-(?P<month>0[1-9]|1[0-2])(?![0-9])",
        rf"(?<![0-9./-])[0-3]?[0-9]([./-]){_NUMBER}\1(?P<year>[0-9]{{2}})(?![0-9])",
        rf"(?:\b(?:in|by|each|every|during|until|before)|:)\s+{_NAME}\b",
        rf"(?:\b(?:in|by|until|is|spring|summer|autumn|term)|:)\s+{_YEAR}(?! Act)",
    )
)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


class WrittenMonth(NamedTuple):
    """A month, or a part of one, as somebody wrote it.

    Attributes:
        start: where it begins in the text.
        end: where it ends.
        year: its year; empty where none is stated.
        month: its month, ``01`` to ``12``; empty where none is stated.
    """

    start: int
    end: int
    year: str
    month: str

    def is_of(self, month: str) -> bool:
        """Whether all that is stated holds for a month, such as ``2023-08``."""
        return self.year in {"", month[:4]} and self.month in {"", month[5:7]}


def written_months(text: str) -> list[WrittenMonth]:
    """The months in a text, in their order, whatever way they are written."""
    found: list[WrittenMonth] = []
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            # Before a name or a year alone stands a word that is no part of it.
            starts = [match.start(one) for one in parts]
            start = match.start() if match[0][0].isdigit() else min(starts)
            if any(start < one.end and one.start < match.end() for one in found):
                continue
            year, month = parts.get("year", ""), parts.get("month", "")
            found.append(
                WrittenMonth(
                    start,
                    match.end(),
                    year if len(year) != len("23") else f"20{year}",
                    _number_of(month) if month else "",
                )
            )
    return sorted(found)


def _number_of(month: str) -> str:
    if month.isdigit():
        return month.zfill(2)
    names = [name[:3] for name in _MONTHS]
    return f"{names.index(month[:3]) + 1:02}"


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
