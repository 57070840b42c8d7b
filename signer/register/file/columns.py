"""Which column stands where: the header of a register file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from signer.register.file.decoding import SAVE_AS_UTF8, undecoded
from signer.register.file.headings import (
    COLUMNS,
    IGNORED,
    KNOWN_COLUMNS,
    PARENT,
    ROLES,
    column_of,
)
from signer.register.problems import Problem, shown

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""What may stand between cells. Excel writes semicolons where a comma is decimal."""

FEWEST_COLUMNS = 2
"""Fewer known headings than this make no header."""

_MOST_LINES = 20
_NEVER_NEEDED = frozenset({"id", "title", "tutor"})
_NEEDED = f"The first line must name the columns {', '.join(COLUMNS)}"


MISSING = "this column is missing"
TWICE = "this column appears twice"
UNKNOWN = "this is not a column of the register"
UNNAMED = "this line does not name the columns"
"""What may be wrong with the headings alone."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line of a register file says of the others.

    Attributes:
        line: the header's last physical line, counted from 1.
        separator: the character between cells.
        columns: for each position the column's name, or empty for a nameless one.
        child: where each part of the child stands, counted from 0.
        parents: the same for each parent of a row, by whom: ``parent``, ``parent_2``,
            ``mother``.
        needed: the positions that each row must reach.
    """

    line: int
    separator: str
    columns: tuple[str, ...]
    child: Mapping[str, int]
    parents: Mapping[str, Mapping[str, int]]
    needed: frozenset[int]


def read_header(
    lines: list[str], remembered: Mapping[str, str]
) -> Header | tuple[Problem, ...]:
    """The header of a file, or all that is wrong with it.

    Args:
        lines: the physical lines of the file, line ends included.
        remembered: what the school said of headings, as `column_of` takes it.
    """
    number = next(n for n, line in enumerate(lines, start=1) if line.strip())
    line = lines[number - 1].strip("\r\n")
    separator: str | Problem | None = None
    # Excel itself reads and writes such a line to say what separates cells.
    if line[:4].lower() == "sep=" and line[4:] in SEPARATORS:
        if number == len(lines):
            return (Problem(number, "", "the file has no header", _NEEDED),)
        number, separator = number + 1, line[4:]
    if len(lines[number - 1]) > csv.field_size_limit():
        return (Problem(number, "", "a cell is far too long", "Shorten it"),)
    separator = separator or _separator(lines, number, remembered)
    if isinstance(separator, Problem):
        return (separator,)
    cells, last = _split(lines, number, separator)
    return header_of(cells, number, last, separator, remembered)


def count_known(cells: list[str], remembered: Mapping[str, str]) -> int:
    """How many cells are headings of a register."""
    return sum(bool(column_of(cell, remembered)) for cell in cells)


def _separator(
    lines: list[str], number: int, remembered: Mapping[str, str]
) -> str | Problem:
    known = {
        separator: count_known(_split(lines, number, separator)[0], remembered)
        for separator in SEPARATORS
    }
    most = max(known.values())
    best = [separator for separator, count in known.items() if count == most]
    if most < FEWEST_COLUMNS:
        return Problem(number, "", UNNAMED, _NEEDED)
    if len(best) > 1:
        names = " and ".join(SEPARATORS[separator] for separator in best)
        return Problem(
            number,
            "",
            f"both {names} seem to separate the columns",
            "Save the file again with one of them throughout",
        )
    return best[0]


def header_of(
    cells: list[str],
    number: int,
    last: int,
    separator: str,
    remembered: Mapping[str, str],
) -> Header | tuple[Problem, ...]:
    """The header that cells make, or all that is wrong with them.

    Args:
        cells: as they stand in the file.
        number: their line, counted from 1.
        last: their last physical line.
        separator: the character between cells; empty in a workbook.
        remembered: as for `read_header`.
    """
    columns = tuple(column_of(cell, remembered) for cell in cells)
    child: dict[str, int] = {}
    parents: dict[str, dict[str, int]] = {}
    twice = []
    for at, column in enumerate(columns):
        if column in {"", IGNORED}:
            continue
        told = KNOWN_COLUMNS[column]
        parts = child if told.whom == "child" else parents.setdefault(told.whom, {})
        if told.part in parts:
            twice.append(
                Problem(
                    number,
                    column,
                    TWICE,
                    "Keep one of them, or say what the other is with --column",
                )
            )
        parts[told.part] = at
    missing = _missing(child, parents)
    problems = []
    for cell, column in zip(cells, columns, strict=True):
        if fault := undecoded(cell):
            problems.append(Problem(number, "", fault, SAVE_AS_UTF8))
        elif cell.strip() and not column:
            problems.append(
                Problem(
                    number,
                    shown(cell.strip()),
                    UNKNOWN,
                    _said_of(shown(cell.strip())[1:-1], missing),
                )
            )
    problems += twice
    problems += [Problem(number, column, MISSING, _NEEDED) for column in missing]
    if problems:
        return tuple(problems)
    first = next(iter(parents.values()))
    needed = frozenset(
        at
        for parts in (child, first)
        for part, at in parts.items()
        if part not in _NEVER_NEEDED
    )
    return Header(last, separator, columns, child, parents, needed)


def _said_of(heading: str, missing: Sequence[str]) -> str:
    """Return what to do about a heading that nobody knows."""
    # As a shell reads it: “Father's work” has an apostrophe.
    quote = '"' if "'" in heading else "'"
    left_out = f"--column {quote}{heading}={IGNORED}{quote} leaves it out"
    if not missing:
        return f"Remove the column, or say what it is: {left_out}"
    one = f"--column {quote}{heading}={missing[0]}{quote}"
    return f"If it is one that is missing, say which, as in {one}; {left_out}"


def _missing(
    child: Mapping[str, int], parents: Mapping[str, Mapping[str, int]]
) -> list[str]:
    """The columns that a header lacks, by name."""
    missing = []
    for whom, parts in parents.items() or [(PARENT, {})]:
        prefix = "" if whom == PARENT else f"{whom}_"
        if not _has_name(parts):
            missing.append(f"{whom}_name")
        if "email" not in parts:
            missing.append(f"{whom}_email")
        if "relationship" not in parts and whom not in ROLES:
            missing.append(f"{prefix}relationship")
    if not _has_name(child):
        missing.append("child_name")
    if "year" not in child:
        missing.append("year_group")
    return missing


def _has_name(parts: Mapping[str, int]) -> bool:
    return "name" in parts or {"forename", "surname"} <= parts.keys()


def _split(lines: list[str], number: int, separator: str) -> tuple[list[str], int]:
    """The cells of the record that begins on a line, and its last line.

    A heading may go over several lines (Excel, Alt+Enter). A quotation mark that is
    never closed does not, nor does a heading longer than `csv` reads: then the line is
    taken by itself.
    """
    reader = csv.reader(
        lines[number - 1 : number - 1 + _MOST_LINES],
        delimiter=separator,
        skipinitialspace=True,
    )
    with suppress(csv.Error):
        cells = next(reader)
        if reader.line_num > 1 and any(column_of(cell, {}) for cell in cells[-1:]):
            return cells, number - 1 + reader.line_num
    line = lines[number - 1].strip("\r\n")
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True)), number
