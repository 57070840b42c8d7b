"""The day of the yearly mail: as the setting names it, and as the calendar moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from signer.config import Settings
from signer.school_calendar import (
    morning_of,
    school_date,
    school_day_from,
    school_year_from,
)

STAYS = timedelta(days=14)
"""How long after its day the mail is still queued: a worker may have been down, an
address may be corrected. An upgrade or a new setting later than that waits a year."""


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """The day of a school year on which the yearly mail goes out.

    Attributes:
        school_year: the calendar year in which that begins.
        day: the day named, or the next school day.
    """

    school_year: int
    day: date

    @property
    def begins(self) -> datetime:
        """From when it is queued."""
        return morning_of(self.day)

    @property
    def ends(self) -> datetime:
        """Until when."""
        return self.begins + STAYS

    @property
    def in_words(self) -> str:
        """The day, such as ``1 October``."""
        return f"{self.day.day} {self.day:%B}"


def open_day(settings: Settings, now: datetime) -> YearlyDay | None:
    """Return the day whose mail is to be queued now; None where none is."""
    return next((it for it in _days(settings, now) if it.begins <= now < it.ends), None)


def next_day(settings: Settings, now: datetime) -> YearlyDay | None:
    """Return the first day that is still to come; None where there never is one."""
    return next((it for it in _days(settings, now) if it.begins > now), None)


def _days(settings: Settings, now: datetime) -> list[YearlyDay]:
    """Those about now, oldest first: a holiday moves a day by months at most."""
    if not settings.yearly_mail:
        return []
    month, day = map(int, settings.yearly_mail.split("-"))
    year = school_date(now).year
    named = [date(one, month, day) for one in (year - 1, year, year + 1)]
    return [
        YearlyDay(school_year_from(one).year, school_day_from(one, settings.holidays))
        for one in named
    ]
