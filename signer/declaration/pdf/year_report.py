"""A school year in figures, to print: for governors. Nothing of it is sealed or kept.

It names nobody but those who approved or reviewed the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from signer.declaration.pdf.template_data import printed_text
from signer.declaration.pdf.typst_compiler import Spelling, as_json, compile_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class YearText:
    """What the pages say; each row is a cell for each column."""

    school: str
    year: str
    """Such as ``2026/27``."""
    until: str
    """The last day that is told of, in words."""
    made: date
    """The day on which it is made."""
    months: tuple[tuple[str, ...], ...]
    """Day, version in force, parents, how many had signed it, and the share."""
    year_groups: tuple[tuple[str, ...], ...]
    """Name, parents, and how many have signed; empty of a year that has ended."""
    versions: tuple[tuple[tuple[str, str], ...], ...]
    """Of each version, labels and what they say."""
    answers: tuple[tuple[str, ...], ...]
    """Version, asked, and how many of these gave each answer or none."""
    reviews: tuple[str, ...]
    """Reviews that changed nothing, a sentence each."""
    told: tuple[tuple[str, ...], ...]
    """Kind, received, answered, waiting."""
    exceptions: tuple[tuple[str, str], ...]
    """What went another way, and how often."""


def typeset_year(text: YearText) -> bytes:
    """Return the PDF of a school year.

    Args:
        text: what it says.

    Raises:
        TypesetError: Typst failed.
    """

    def pages(spelling: Spelling) -> dict[str, bytes]:
        return {"year.json": as_json(_values(text, spelling))}

    day = datetime(*text.made.timetuple()[:3], tzinfo=UTC)
    return compile_pdf("year", pages, int(day.timestamp()))


def _values(text: YearText, spelling: Spelling) -> dict[str, Any]:
    """The values that the pages show: nothing here is markup."""

    def said(words: str) -> dict[str, Any]:
        return printed_text(spelling(words))

    def rows(given: Iterable[Iterable[str]]) -> list[list[dict[str, Any]]]:
        return [[said(cell) for cell in row] for row in given]

    return {
        "school": said(text.school),
        "year": text.year,
        "until": text.until,
        "months": rows(text.months),
        "year_groups": rows(text.year_groups),
        "versions": [rows(one) for one in text.versions],
        "answers": rows(text.answers),
        "reviews": [said(one) for one in text.reviews],
        "told": rows(text.told),
        "exceptions": rows(text.exceptions),
    }
