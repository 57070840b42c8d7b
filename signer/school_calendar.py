"""School days: Monday to Friday in England, but for bank holidays and holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from signer import clock

LONGEST_HOLIDAY = 200
"""In days; a longer one is a slip of the pen, such as a wrong year."""

MORNING = time(8)
"""When a school day's mail may begin to go out, in school time."""

SEPTEMBER = 9
"""The month with which a school year begins."""

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """Days without school, the first and the last among them."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def read_holiday(text: str) -> Holiday | None:
    """The holiday that ``2026-12-19..2027-01-04`` or ``2026-05-04`` names.

    None where the text is neither, where it ends before it begins, or where it is
    longer than `LONGEST_HOLIDAY`.
    """
    first, dots, last = (part.strip() for part in text.partition(".."))
    try:
        days = [_day(part) for part in (first, last if dots else first)]
    except ValueError:
        return None
    if not timedelta() <= days[1] - days[0] < LONGEST_HOLIDAY * _DAY:
        return None
    return Holiday(*days)


def school_date(moment: datetime) -> date:
    """The day that a moment falls on in the United Kingdom."""
    return moment.astimezone(clock.SCHOOL_ZONE).date()


def is_school_day(day: date, holidays: Sequence[Holiday]) -> bool:
    """Whether a day is one of Monday to Friday, no bank holiday, and in no holiday."""
    return why_no_school(day, holidays) is None


def why_no_school(day: date, holidays: Sequence[Holiday]) -> str | None:
    """Return what a day is that is not a school day, such as ``a Saturday``; or None.

    Raises:
        ModuleNotFoundError: it is a weekday in no holiday, and the calendar of bank
            holidays is not installed.
    """
    if day.weekday() >= _SATURDAY:
        return f"a {day:%A}"
    if any(day in one for one in holidays):
        return "in a school holiday"
    name = _bank_holidays(day.year).get(day)
    return f"a bank holiday, {name}" if name else None


def school_day_from(day: date, holidays: Sequence[Holiday]) -> date:
    """The day itself where it is a school day, or the next one that is."""
    while not is_school_day(day, holidays):
        day += _DAY
    return day


def morning_of(day: date) -> datetime:
    """The moment, in UTC, from which a day's mail may go out."""
    local = datetime.combine(day, MORNING, clock.SCHOOL_ZONE)
    return local.astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last whole second of a day, in UTC."""
    midnight = datetime.combine(day + _DAY, time(), clock.SCHOOL_ZONE)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def school_year_from(day: date) -> date:
    """Return the first of September with which the school year of a day begins."""
    begins = date(day.year, SEPTEMBER, 1)
    return begins if begins <= day else date(day.year - 1, SEPTEMBER, 1)


def last_day_of_school_year(first: date) -> date:
    """Return the last of August with which a school year ends.

    Args:
        first: the first of September with which it begins.
    """
    return date(first.year + 1, SEPTEMBER, 1) - _DAY


@lru_cache(maxsize=8)
def _bank_holidays(year: int) -> Mapping[date, str]:
    # Only the service asks for school days: neither the site's build nor a
    # headteacher's own computer has the library.
    from holidays import country_holidays  # noqa: PLC0415 - see above

    return dict(country_holidays("GB", subdiv="ENG", years=year))


def _day(text: str) -> date:
    # fromisoformat alone would take other spellings, such as 2026-W51-6.
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
