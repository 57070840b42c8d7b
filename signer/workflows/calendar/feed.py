"""The calendar of what the school has to do by a day, as iCalendar (RFC 5545).

By hand, for it is a page of lines: what is hard in the format (recurrence, time zones)
is in none of it, since each event is a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from signer import clock
from signer.errors import PolicyError
from signer.policy.dates import month_in_words
from signer.policy.versions import Version, in_force
from signer.workflows.campaigns.deadlines import deadline_of_campaign
from signer.workflows.campaigns.review_date import last_day, review_date
from signer.workflows.context import AppContext, current_number

FOLDED = 75
"""Octets of a line at most, its end not counted (RFC 5545 §3.1)."""

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A day in the calendar.

    Attributes:
        uid: of the event, the same whenever it is asked for.
        day: the whole day.
        summary: what is to be done, without names.
        address: where at the desk it is done.
        changed_at: since when it is so.
    """

    uid: str
    day: date
    summary: str
    address: str
    changed_at: datetime


def calendar_of(context: AppContext, session: Session) -> bytes:
    """The calendar, as programs subscribe to it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//signer//desk//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(context.settings.school_name)}",
    ]
    for event in _events(context, session):
        after = event.day + timedelta(days=1)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{after:%Y%m%d}",
            f"SUMMARY:{_text(event.summary)}",
            f"URL:{event.address}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _events(context: AppContext, session: Session) -> Iterator[Event]:
    if not context.versions:
        return
    version = in_force(context.versions)
    yield from _review(context, version)
    number = current_number(session)
    if number is None:
        return
    asked = context.version(number)
    deadline = deadline_of_campaign(context, session, number)
    if deadline is not None:
        yield Event(
            f"deadline-{number}@{_host(context)}",
            deadline,
            f"Last day for parents to sign: {asked.title}, version {number}",
            f"{context.settings.base_url}/desk/campaign",
            _since(asked),
        )


def _review(context: AppContext, version: Version) -> Iterator[Event]:
    try:
        review = review_date(context)
    except PolicyError:
        # What is wrong with the record of reviews is told at the desk.
        return
    yield Event(
        f"review-{review.month}@{_host(context)}",
        last_day(review.month),
        f"Review by the end of {month_in_words(review.month)}: {version.title}",
        f"{context.settings.base_url}/desk/text",
        _since(version),
    )


def _since(version: Version) -> datetime:
    """The day of a version's release, or the first of its month."""
    parts = [int(part) for part in version.released.split("-")]
    year, month, day = (*parts, 1)[:3]
    released = datetime(year, month, day, tzinfo=UTC)
    return min(max(released, _FIRST), clock.now())


def _host(context: AppContext) -> str:
    return urlsplit(context.settings.base_url).hostname or "localhost"


def _text(words: str) -> str:
    """Words as a value of type TEXT (RFC 5545 §3.3.11)."""
    for mark in ("\\", ";", ","):
        words = words.replace(mark, f"\\{mark}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> bytes:
    """A line of content, folded where it is too long, and within no letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        # A line that goes on begins with a space, which counts.
        if len(piece) + len(octets) > FOLDED - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
