"""Which column stands where: the header of a register file."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass

from signer.register.decoding import SAVE_AS_UTF8, undecoded
from signer.register.problems import Problem, shown

COLUMNS = ("parent_name", "parent_email", "relationship", "child_name", "year_group")
"""The columns that every register file has."""

OPTIONAL_COLUMNS = ("parent_id", "tutor_group")
"""Columns that a file may have: the identifier of the school's management system, and
the child's tutor group."""

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""What may stand between cells. Excel writes semicolons where a comma is decimal."""

_BY_LETTERS = {name.replace("_", ""): name for name in (*COLUMNS, *OPTIONAL_COLUMNS)}
_FEWEST_COLUMNS = 2
_MOST_LINES = 20
_NEEDED = f"The first line must name the columns {', '.join(COLUMNS)}"


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line of a register file says of the others.

    Attributes:
        line: the header's last physical line, counted from 1.
        separator: the character between cells.
        columns: for each position the column's name, or empty for a nameless one.
    """

    line: int
    separator: str
    columns: tuple[str, ...]


def read_header(lines: list[str]) -> Header | tuple[Problem, ...]:
    """The header of a file, or all that is wrong with it.

    Args:
        lines: the physical lines of the file, line ends included.
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
    separator = separator or _separator(lines, number)
    if isinstance(separator, Problem):
        return (separator,)
    return _header(lines, number, separator)


def _separator(lines: list[str], number: int) -> str | Problem:
    known = {
        separator: sum(map(bool, map(_column, _split(lines, number, separator)[0])))
        for separator in SEPARATORS
    }
    most = max(known.values())
    best = [separator for separator, count in known.items() if count == most]
    if most < _FEWEST_COLUMNS:
        return Problem(number, "", "this line does not name the columns", _NEEDED)
    if len(best) > 1:
        names = " and ".join(SEPARATORS[separator] for separator in best)
        return Problem(
            number,
            "",
            f"both {names} seem to separate the columns",
            "Save the file again with one of them throughout",
        )
    return best[0]


def _header(
    lines: list[str], number: int, separator: str
) -> Header | tuple[Problem, ...]:
    cells, last = _split(lines, number, separator)
    columns = tuple(_column(cell) for cell in cells)
    problems = []
    for cell, column in zip(cells, columns, strict=True):
        if fault := undecoded(cell):
            problems.append(Problem(number, "", fault, SAVE_AS_UTF8))
        elif cell.strip() and not column:
            problems.append(
                Problem(
                    number,
                    shown(cell.strip()),
                    "this is not a column of the register",
                    f"Remove the column, or name it one of {', '.join(COLUMNS)}",
                )
            )
    for column in (*COLUMNS, *OPTIONAL_COLUMNS):
        if column in COLUMNS and column not in columns:
            problems.append(Problem(number, column, "this column is missing", _NEEDED))
        elif columns.count(column) > 1:
            problems.append(
                Problem(number, column, "this column stands twice", "Keep one of them")
            )
    return tuple(problems) or Header(last, separator, columns)


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
        if reader.line_num > 1 and any(map(_column, cells[-1:])):
            return cells, number - 1 + reader.line_num
    line = lines[number - 1].strip("\r\n")
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True)), number


def _column(cell: str) -> str:
    """The column that a heading means: “Parent Name” is parent_name."""
    letters = "".join(c for c in cell.casefold() if c not in " _-.\t\r\n\u00a0")
    return _BY_LETTERS.get(letters, "")
