"""Settings that name when something goes out."""

from __future__ import annotations

import re
from datetime import date

from signer.errors import SettingsError

_NO_LEAP_YEAR = 2001
_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"


def check_digest(digest: str) -> None:
    """Refuse what is neither a weekday with a time nor ``never``.

    Raises:
        SettingsError: it is neither.
    """
    if not re.fullmatch(rf"never|{_DAY} (?:[01]\d|2[0-3]):[0-5]\d", digest.lower()):
        raise SettingsError(
            "SIGNER_DIGEST",
            "must be a weekday and a time, such as monday 08:00, or never",
        )


def check_yearly_mail(day: str) -> None:
    """Refuse what is no day that each year has; nothing at all is none.

    Raises:
        SettingsError: it is not written as ``10-01`` is, or only a leap year has it.
    """
    if not day:
        return
    try:
        date(_NO_LEAP_YEAR, int(day[:2]), int(day[3:]))
    except ValueError:
        fit = False
    else:
        fit = bool(re.fullmatch(r"\d\d-\d\d", day, re.ASCII))
    if not fit:
        raise SettingsError(
            "SIGNER_YEARLY_MAIL",
            "must be the month and the day, such as 10-01, of a day that each year "
            "has; or empty",
        )
