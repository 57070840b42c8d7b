"""Cells that can be kept, and should be looked at before they are printed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from signer.register.file.cells import NAMES, Row
from signer.register.problems import Problem, shown
from signer.register.written_names import names_two

# What programs and people write where they have nothing; only where it is the cell.
_NOTHING = frozenset(
    {"null", "none", "nil", "n/a", "#n/a", "unknown", "undefined", "tbc", "tba", "test"}
)
_JOINED = re.compile(r"[&+/;]|\b(?:and|und|et)\b", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def cell_doubts(rows: Sequence[Row]) -> Iterator[Problem]:
    """What looks wrong in single cells, by row; each cell is named for one thing."""
    yield from _turned(rows)
    for row in rows:
        for column in ("parent_name", "relationship", "child_name", "year_group"):
            value = getattr(row, column)
            doubt = _garbled(value)
            if not doubt and column in NAMES:
                doubt = _no_single_name(row, column, value)
            if doubt:
                yield row.problem(column, *doubt)


def _turned(rows: Sequence[Row]) -> Iterator[Problem]:
    """That names stand with the surname first, once for each column."""
    for column in NAMES:
        turned = [row for row in rows if column in row.turned]
        if turned:
            first = turned[0]
            lines = {
                (row.line, row.whom if column == NAMES[0] else "") for row in turned
            }
            names = "this name" if len(lines) == 1 else f"{len(lines)} names"
            kept = shown(getattr(first, column))
            yield first.problem(
                column,
                f"{names} had the surname first, before a comma; this one is kept as "
                f"{kept}",
                "Correct the file if that is not how it is said",
            )


def _garbled(value: str) -> tuple[str, str] | None:
    """What a program did to the letters of a cell, and what to do; or nothing."""
    plain = html.unescape(value)
    if plain != value:
        return (
            f"{shown(value)} contains HTML where {shown(plain)} may be meant",
            "Type the cell again by hand, or export the list in another way",
        )
    if _TAG.search(value):
        return f"{shown(value)} contains HTML", "Remove everything between < and >"
    if (read := _read_as_utf8(value)) != value:
        return (
            f"{shown(value)} was read in the wrong encoding, and may be {shown(read)}",
            "Export the list again as UTF-8, and open it in no other program before",
        )
    if "?" in value:
        return (
            f"{shown(value)} may have lost a letter, which a program wrote as ?",
            "Type the cell again by hand, or export the list as UTF-8",
        )
    return None


def _read_as_utf8(value: str) -> str:
    """A text whose UTF-8 was read as Windows-1252, read again; else as it is."""
    try:
        return value.encode("cp1252").decode()
    except UnicodeError:
        return value


def _no_single_name(row: Row, column: str, value: str) -> tuple[str, str] | None:
    """Why a cell is no name of one person, and what to do; or nothing."""
    if column in row.broken:
        return (
            f"{shown(value)} is split over several lines, as two people may",
            "Give each child a row of their own",
        )
    if value.casefold() in _NOTHING:
        return (
            f"{shown(value)} is no name",
            "Write the name, or remove the row",
        )
    if "@" in value:
        return (
            f"{shown(value)} is an address where a name should be",
            "Write the name as it should appear on the declaration",
        )
    if _JOINED.search(value) or names_two(value):
        whom = "parent" if column == "parent_name" else "child"
        return (
            f"{shown(value)} seems to be two people",
            f"Give each {whom} a row of their own",
        )
    if value[0] in "'\"`":
        return (
            f"{shown(value)} begins with a mark that a spreadsheet may have put there",
            f"Write {shown(value[1:])} if it is no part of the name",
        )
    return None
