"""The days on which parents are reminded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.school_calendar import Holiday, is_school_day
from signer.workflows.campaigns.reminder_schedule import Schedule

CHRISTMAS = Holiday(date(2026, 12, 19), date(2027, 1, 4))
USUAL = Schedule((3, 7, 14), 8, (CHRISTMAS,))
NEVER: frozenset[date] = frozenset()


def reminded(
    schedule: Schedule,
    asked: date,
    days: int = 150,
    asleep: frozenset[date] = NEVER,
) -> list[date]:
    """The days of the reminders, when somebody looks each day but those asleep."""
    found: list[date] = []
    for number in range(days):
        today = asked + timedelta(days=number)
        last = found[-1] if found else None
        if today not in asleep and schedule.is_due(
            today, asked=asked, last=last, count=len(found)
        ):
            found.append(today)
    return found


def stretch(first: date, last: date) -> frozenset[date]:
    return frozenset(first + timedelta(days=n) for n in range((last - first).days + 1))


def test_three_seven_fourteen_and_then_weekly_eight_times() -> None:
    """Asked on a Monday outside the holidays: the plan as it stands."""
    asked = date(2026, 9, 7)
    found = [(day - asked).days for day in reminded(USUAL, asked)]
    assert found == [3, 7, 14, 21, 28, 35, 42, 49]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Three days after a Wednesday is a Saturday: Monday it is.
        (date(2026, 9, 9), [5, 7, 14, 21]),
        (date(2026, 9, 10), [4, 7, 14, 21]),
        # Asked on a Saturday: every later day of the plan is a Saturday too.
        (date(2026, 9, 12), [3, 9, 16, 23]),
    ],
)
def test_a_weekend_moves_a_reminder_to_monday(asked: date, expected: list[int]) -> None:
    """The days after keep to the plan, counted from asking."""
    assert [(day - asked).days for day in reminded(USUAL, asked)][:4] == expected


def test_after_the_holidays_there_is_one_reminder_and_no_pile() -> None:
    """Three planned days fall into the holiday; one reminder follows it."""
    assert reminded(USUAL, date(2026, 12, 14))[:4] == [
        date(2026, 12, 17),
        date(2027, 1, 5),
        date(2027, 1, 11),
        date(2027, 1, 18),
    ]


def test_what_a_holiday_swallowed_is_not_lost_to_the_count() -> None:
    """Asked before a long holiday, a parent is still reminded eight times."""
    summer = Holiday(date(2027, 7, 17), date(2027, 9, 5))
    schedule = Schedule((3, 7, 14), 8, (summer,))
    found = reminded(schedule, date(2027, 7, 14), 200)
    assert found[0] == date(2027, 9, 6)
    assert len(found) == 8


def test_a_worker_that_stood_still_for_a_month_reminds_once() -> None:
    """Then the plan goes on, and nothing follows within half a week."""
    asked = date(2026, 9, 7)
    asleep = stretch(date(2026, 9, 8), date(2026, 10, 10))
    assert reminded(USUAL, asked, asleep=asleep)[:3] == [
        date(2026, 10, 12),
        date(2026, 10, 19),
        date(2026, 10, 26),
    ]
    late = stretch(date(2026, 9, 8), date(2026, 10, 8))
    assert reminded(USUAL, asked, asleep=late)[:3] == [
        date(2026, 10, 9),
        # Monday the 12th would follow within three days.
        date(2026, 10, 19),
        date(2026, 10, 26),
    ]


def test_none_at_all_can_be_asked_for() -> None:
    """At most none is none."""
    assert reminded(Schedule((3, 7, 14), 0, ()), date(2026, 9, 7)) == []


def test_daily_reminders_are_possible() -> None:
    """A school that plans every day gets every school day."""
    schedule = Schedule((1, 2, 3, 4, 5), 5, ())
    found = [day.isoformat() for day in reminded(schedule, date(2026, 9, 7))]
    assert found == [f"2026-09-{day:02}" for day in (8, 9, 10, 11, 14)]


HOLIDAYS = st.lists(
    st.builds(
        lambda first, days: Holiday(first, first + timedelta(days=days)),
        st.dates(date(2026, 9, 1), date(2027, 3, 1)),
        st.integers(0, 50),
    ),
    max_size=4,
).map(tuple)


@given(
    asked=st.dates(date(2026, 8, 1), date(2026, 12, 31)),
    days=st.sets(st.integers(1, 40), min_size=1, max_size=5).map(sorted).map(tuple),
    most=st.integers(0, 10),
    holidays=HOLIDAYS,
    asleep=st.frozensets(st.dates(date(2026, 8, 1), date(2027, 8, 1)), max_size=60),
)
def test_whatever_the_plan_no_reminder_comes_on_a_free_day_or_too_often(
    asked: date,
    days: tuple[int, ...],
    most: int,
    holidays: tuple[Holiday, ...],
    asleep: frozenset[date],
) -> None:
    """School days alone, never before the first day, never more than the most."""
    schedule = Schedule(days, most, holidays)
    found = reminded(schedule, asked, 500, asleep)
    assert all(is_school_day(day, holidays) for day in found)
    assert all(day - asked >= timedelta(days=days[0]) for day in found)
    # Five hundred days hold a weekly plan of ten, whatever is taken from it.
    assert len(found) == most
