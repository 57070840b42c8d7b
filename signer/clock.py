"""The one source of time.

Moments are whole seconds in UTC: what is stored is what is hashed is what is
printed, with no fraction to lose on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Europe/London")


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present moment in UTC, in whole seconds."""
    return _source().replace(microsecond=0)


def parse(text: str) -> datetime:
    """The moment that `iso` wrote. Raises ValueError for anything else."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    # It also reads single digits, digits of other scripts and trailing space.
    if iso(moment) != text:
        raise ValueError(f"not in the format of a moment: {text!r}")
    return moment


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, such as ``2026-11-22T14:10:13Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_school_time(moment: datetime) -> str:
    """For people in the United Kingdom, such as ``22 November 2026, 14:10 GMT``."""
    local = moment.astimezone(SCHOOL_ZONE)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


@contextmanager
def frozen(at: datetime) -> Iterator[Callable[[timedelta], None]]:
    """Hold time still at a moment; gives a function that moves it on. For tests."""
    global _source  # noqa: PLW0603 - one clock, on purpose
    held = [at.astimezone(UTC)]

    def advance(by: timedelta) -> None:
        held[0] += by

    before, _source = _source, lambda: held[0]
    try:
        yield advance
    finally:
        _source = before
