"""Moments by the hour, as text that both databases group and compare by.

Hours, since days differ by place: each hour of UTC is in one day of the school's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, String, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from signer.school_calendar import school_date

_HOUR = "%Y-%m-%d %H"

_CHARACTERS = len("2026-11-20 14")

NOON = " 12"
"""After a day, ``2026-11-20``: an hour that is in this day wherever the school's clocks
are put forward."""


def hour_of(
    session: Session,
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
) -> ColumnElement[str]:
    """Return the hour of a moment in UTC, as text: ``2026-11-20 14``.

    Args:
        session: a transaction on the database that is asked.
        moment: the column.
    """
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD HH24")
    # SQLite keeps moments as text, and this is how each begins: to have it read as a
    # moment takes twice as long.
    return func.substr(moment, 1, _CHARACTERS, type_=String)


def day_of_hour(text: str) -> date:
    """Return the school's day of an hour that `hour_of` gave."""
    return school_date(datetime.strptime(text, _HOUR).replace(tzinfo=UTC))
