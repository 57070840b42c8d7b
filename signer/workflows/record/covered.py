"""Who was covered on a day, in pages and as lists for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import true

from signer.school_calendar import end_of
from signer.workflows.campaigns.coverage import (
    Coverage,
    count_present,
    covered_at,
    covered_page,
)
from signer.workflows.context import AppContext
from signer.workflows.lists.people import in_words
from signer.workflows.lists.spreadsheets import Cell, csv_of, xlsx_of
from signer.workflows.parents.browse import meant_by
from signer.workflows.record.coverage_by_day import CoveredDay, coverage_of_day

PAGE = 50
"""How many parents a page has."""

HEADINGS = [
    "Name",
    "Address",
    "Version",
    "Label",
    "How",
    "Signed",
    "Declaration",
    "Date on the paper",
]


@dataclass(frozen=True, slots=True)
class PageOfDay:
    """A page of those who were in the register on a day.

    Attributes:
        counted: how many there were, and how many were covered.
        people: the id of each, and what covered them, by name.
        found: how many are meant.
        number: of the page, from 1.
        pages: how many there are, at least 1.
    """

    counted: CoveredDay
    people: tuple[tuple[int, Coverage], ...]
    found: int
    number: int
    pages: int


def covered_on(
    context: AppContext, day: date, *, words: str = "", page: int = 1
) -> PageOfDay:
    """Return a page of who was covered at the end of a day; changes nothing.

    How many queries that takes does not depend on how many parents there are.

    Args:
        context: the context.
        day: which.
        words: as for `Wanted` of the register's pages; empty for everybody.
        page: which, from 1; one that there is not gives the last.
    """
    with context.sessions.reading() as session:
        counted = coverage_of_day(session, day)
        meant = meant_by(session, words) if words else true()
        at, found = end_of(day), counted.parents
        if words:
            found = count_present(session, at, meant=meant)
        pages = max(1, -(-found // PAGE))
        place = min(max(page, 1), pages)
        people = covered_page(
            session, at, meant=meant, offset=(place - 1) * PAGE, limit=PAGE
        )
        return PageOfDay(counted, people, found, place, pages)


def covered_as_csv(context: AppContext, day: date) -> bytes:
    """Return everybody of a day as CSV for spreadsheets, moments in school time."""
    rows = ([in_words(cell) for cell in row] for row in _rows(context, day))
    return csv_of(HEADINGS, rows)


def covered_as_xlsx(context: AppContext, day: date) -> bytes:
    """Return the same as an Excel workbook."""
    return xlsx_of(f"Covered on {day}", HEADINGS, _rows(context, day))


def _rows(context: AppContext, day: date) -> Iterator[list[Cell]]:
    for one in covered_at(context, end_of(day)).parents:
        yield [
            one.name,
            one.email,
            one.version,
            one.label or "",
            one.how.value if one.how else "",
            one.signed_at,
            one.declaration_id or "",
            date.fromisoformat(one.dated) if one.dated else None,
        ]
