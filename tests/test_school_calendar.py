"""Which days are school days, and when a day begins and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer import clock
from signer.school_calendar import (
    Holiday,
    end_of,
    is_school_day,
    morning_of,
    read_holiday,
    school_date,
    school_day_from,
    why_no_school,
)

CHRISTMAS = Holiday(date(2026, 12, 19), date(2027, 1, 4))
MAY_DAY = Holiday(date(2027, 5, 3), date(2027, 5, 3))
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def test_a_holiday_is_two_days_or_one() -> None:
    """First and last day with dots between, or a single day, spaces allowed."""
    assert read_holiday("2026-12-19..2027-01-04") == CHRISTMAS
    assert read_holiday(" 2026-12-19 .. 2027-01-04 ") == CHRISTMAS
    assert read_holiday("2027-05-03") == MAY_DAY


@pytest.mark.parametrize("holiday", [CHRISTMAS, MAY_DAY])
def test_a_holiday_reads_back_as_it_is_written(holiday: Holiday) -> None:
    """Settings travel to a subprocess as words."""
    assert read_holiday(str(holiday)) == holiday


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "Christmas",
        "2026-12-19..",
        "2026-12-19...2027-01-04",
        "2027-01-04..2026-12-19",
        "2026-12-19..2062-01-04",
        "2026-02-30",
        "2026-W51-6",
        "19/12/2026",
    ],
)
def test_what_is_no_holiday_is_refused(text: str) -> None:
    """No day, backwards, or longer than any holiday is."""
    assert read_holiday(text) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 18), True),
        (date(2026, 12, 19), False),
        (date(2026, 12, 30), False),
        (date(2027, 1, 4), False),
        (date(2027, 1, 5), True),
        (date(2027, 1, 9), False),
        (date(2027, 1, 10), False),
        (date(2027, 5, 3), False),
        (date(2027, 5, 4), True),
    ],
)
def test_school_days(day: date, expected: object) -> None:
    """Weekends and both ends of a holiday are free."""
    assert is_school_day(day, [CHRISTMAS, MAY_DAY]) is expected


@given(DAYS)
def test_the_next_school_day_is_the_first_from_a_day_on(day: date) -> None:
    """It is a school day, and no day before it is."""
    holidays = [CHRISTMAS, MAY_DAY]
    found = school_day_from(day, holidays)
    assert is_school_day(found, holidays)
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(is_school_day(one, holidays) for one in between)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        # In summer the day begins an hour before midnight in UTC.
        (datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_days_are_those_of_the_united_kingdom(moment: datetime, day: date) -> None:
    """A moment belongs to the day that the school's clocks show."""
    assert school_date(moment) == day


@given(DAYS)
def test_a_day_ends_one_second_before_the_next_begins(day: date) -> None:
    """Also on the two days a year that are an hour shorter or longer."""
    last = end_of(day)
    assert school_date(last) == day
    assert school_date(last + timedelta(seconds=1)) == day + timedelta(days=1)


@given(DAYS)
def test_mail_begins_at_eight_in_summer_and_winter(day: date) -> None:
    """The clock on the wall says eight."""
    local = morning_of(day).astimezone(clock.SCHOOL_ZONE)
    assert (local.date(), local.hour, local.minute) == (day, 8, 0)


@pytest.mark.parametrize(
    ("day", "school"),
    [
        (date(2026, 12, 25), False),
        (date(2026, 12, 28), False),  # Boxing Day is a Saturday
        (date(2027, 3, 26), False),
        (date(2027, 3, 29), False),
        (date(2027, 5, 31), False),
        (date(2027, 8, 30), False),
        (date(2027, 8, 2), True),  # a holiday in Scotland
        (date(2027, 3, 17), True),  # in Northern Ireland
        (date(2031, 4, 14), False),
    ],
)
def test_bank_holidays_in_england_need_no_name(day: date, *, school: bool) -> None:
    """Of any year, and of no other part of the United Kingdom."""
    assert is_school_day(day, ()) is school


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 12, 18), None),
        (date(2026, 12, 21), "in a school holiday"),
        (date(2026, 12, 26), "a Saturday"),
        (date(2027, 3, 29), "a bank holiday, Easter Monday"),
        (date(2028, 1, 3), "a bank holiday, New Year's Day (observed)"),
    ],
)
def test_a_day_without_school_says_why(day: date, reason: str | None) -> None:
    """In words, for whoever has chosen it."""
    assert why_no_school(day, [CHRISTMAS]) == reason


@given(DAYS)
def test_only_a_school_day_has_no_reason(day: date) -> None:
    """Both questions have one answer."""
    assert (why_no_school(day, [CHRISTMAS]) is None) == is_school_day(day, [CHRISTMAS])
