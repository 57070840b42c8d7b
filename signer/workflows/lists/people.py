"""A list of parents as rows for a spreadsheet: the same wherever it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from signer import clock
from signer.workflows.campaigns.selection import year_group_key
from signer.workflows.lists.spreadsheets import Cell, csv_of, xlsx_of
from signer.workflows.register.list import Listed

HEADINGS = [
    "Name",
    "Address",
    "Children",
    "Year groups",
    "Tutor groups",
    "State",
    "Asked",
    "Sign by",
    "Opened",
    "Reminders",
    "Last reminder",
    "Signed how",
    "Signed",
    "Delivery",
]

_DELIVERIES = {"sent": "accepted", "queued": "waiting"}
"""Where the word for people is another one than that of the record."""


def people_as_csv(people: Iterable[Listed], *, by_year: bool = False) -> bytes:
    """Parents as CSV for spreadsheets, one line each, moments in school time.

    Args:
        people: in the order of the list.
        by_year: whether the year group of the youngest child is the first column.
    """
    rows = ([in_words(cell) for cell in row] for row in _rows(people, by_year=by_year))
    return csv_of(headings(by_year=by_year), rows)


def people_as_xlsx(people: Iterable[Listed], *, by_year: bool = False) -> bytes:
    """The same as an Excel workbook."""
    rows = _rows(people, by_year=by_year)
    return xlsx_of("Parents", headings(by_year=by_year), rows)


def headings(*, by_year: bool) -> list[str]:
    """The first line."""
    return ["Year group", *HEADINGS] if by_year else HEADINGS


def _rows(people: Iterable[Listed], *, by_year: bool) -> Iterator[list[Cell]]:
    return (
        [youngest(one)[1], *row_of(one)] if by_year else row_of(one) for one in people
    )


def row_of(one: Listed) -> list[Cell]:
    """A parent, with a cell for each of `HEADINGS`."""
    return [
        one.name,
        one.email,
        ", ".join(name for name, _, _ in one.children),
        ", ".join(one.year_groups),
        ", ".join(dict.fromkeys(filter(None, one.tutor_groups))),
        one.state.value,
        one.asked_at,
        one.sign_by,
        one.opened_at,
        one.reminders,
        one.reminded_at,
        one.signed_how.value if one.signed_how else "",
        # What counts of a paper is the date on it.
        one.dated or one.signed_at,
        delivery_in_words(one),
    ]


def in_words(cell: Cell) -> Cell:
    """A moment as spreadsheets read it in CSV, in school time."""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(clock.SCHOOL_ZONE):%Y-%m-%d %H:%M}"
    return cell


def delivery_in_words(one: Listed) -> str:
    """What came of the newest mail, in the word for people."""
    return _DELIVERIES.get(one.delivery or "", one.delivery or "")


def youngest(one: Listed) -> tuple[tuple[int, str], str]:
    """The lowest of the year groups: what it is sorted by, and as it is written."""
    years = ((year_group_key(year), year) for year in one.year_groups)
    return min(years, default=((0, ""), ""))
