"""On which days a parent is reminded: dates in, a yes or no out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from signer.config import Settings
from signer.school_calendar import Holiday, is_school_day, school_day_from

WEEK = 7

REST = 2
"""How many days after a mail a parent may be reminded by hand."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When reminders go out.

    Attributes:
        days: how many days after asking, rising; after the last one, every week.
        most: how many reminders a request gets.
        holidays: days on which none goes out; nor does any at a weekend.
    """

    days: tuple[int, ...]
    most: int
    holidays: tuple[Holiday, ...]

    def is_due(
        self, today: date, *, asked: date, last: date | None, count: int
    ) -> bool:
        """Whether a parent who has not signed is to be reminded today.

        A day of the schedule without school moves to the next school day. However
        many days of the schedule have passed since the last reminder, they make one
        reminder: after a holiday, or after the worker stood still, nobody finds a
        pile. What would then follow sooner than half its usual distance is left out.

        Args:
            today: the day in the United Kingdom.
            asked: the day on which the parent was asked.
            last: the day of the last reminder.
            count: how many there were.
        """
        if count >= self.most or not is_school_day(today, self.holidays):
            return False
        for planned, distance in self._planned(asked):
            if planned > today:
                return False
            day = school_day_from(planned, self.holidays)
            if day > today:
                return False
            if last is None or (day > last and 2 * (day - last) >= distance):
                return True
        return False

    def may_be_by_hand(
        self, today: date, *, asked: date, last: date | None, count: int
    ) -> bool:
        """Whether somebody of the school may remind a parent before it is due.

        Not on the day after they had a mail, and no more often than in all.

        Args:
            today: the day in the United Kingdom.
            asked: the day on which the parent was asked.
            last: the day of the last reminder.
            count: how many there were.
        """
        rested = today - (last or asked) >= timedelta(days=REST)
        return rested and count < self.most and is_school_day(today, self.holidays)

    def _planned(self, asked: date) -> Iterator[tuple[date, timedelta]]:
        """Each planned day, and its distance from the one before."""
        before = 0
        for after in self.days:
            yield asked + timedelta(days=after), timedelta(days=after - before)
            before = after
        while True:
            before += WEEK
            yield asked + timedelta(days=before), timedelta(days=WEEK)


def schedule_of(settings: Settings) -> Schedule:
    """The schedule that the settings ask for."""
    return Schedule(settings.remind_days, settings.remind_most, settings.holidays)
