"""Days in words, as tables have room for them."""

from __future__ import annotations

from datetime import date, datetime

from signer.school_calendar import school_date


def day_words(when: date | datetime | str | None) -> str:
    """A day such as “3 Sep 2026”, by the school's time; nothing for none.

    Args:
        when: the day, a moment of it, or as a paper's is stored: ``2026-09-03``.
    """
    if when is None:
        return ""
    if isinstance(when, str):
        when = date.fromisoformat(when)
    day = school_date(when) if isinstance(when, datetime) else when
    return f"{day.day} {day:%b %Y}"
