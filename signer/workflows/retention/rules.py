"""How long data of each kind is kept after a parent's last child has left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from signer.config import Settings


class DataKind(StrEnum):
    """A kind of data with a period of its own, in the order of their deletion."""

    REPLIES = "replies"
    """What mail servers replied, and what came back."""
    NOTES = "notes"
    """What a parent told the office, and what staff noted about them."""
    UNSIGNED = "unsigned"
    """Requests that were never signed, with their links, mails and notes."""
    DECLARATIONS = "declarations"
    """Requests that were signed, with their links, mails, notes and PDFs."""
    PARENTS = "parents"
    """Name, address and children, once nothing else is kept of the parent."""


def periods(settings: Settings) -> Mapping[DataKind, int]:
    """How many years each kind is kept."""
    return {
        DataKind.REPLIES: settings.retention_replies_years,
        DataKind.NOTES: settings.retention_notes_years,
        DataKind.UNSIGNED: settings.retention_unsigned_years,
        DataKind.DECLARATIONS: settings.retention_years,
        DataKind.PARENTS: settings.retention_parents_years,
    }


def periods_in_short(settings: Settings) -> str:
    """The periods as one word, such as ``1-1-1-6-1``, to tell whether they changed."""
    return "-".join(map(str, periods(settings).values()))


def years_after(day: date, years: int) -> date:
    """The same day, years later; 28 February for a 29th that is not there.

    Where no calendar reaches so far, the last day that it has.
    """
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
