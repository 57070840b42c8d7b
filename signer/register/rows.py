"""A register file read: people where all is well, problems where not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from signer.register.file.cell_doubts import cell_doubts
from signer.register.file.cells import Row, read_row
from signer.register.file.columns import Header, read_header
from signer.register.file.decoding import text_of
from signer.register.merging import doubts, merge, shared_identifiers
from signer.register.people import Parent
from signer.register.problems import Problem

__all__ = ["Problem", "Reading", "read_register"]

PROGRESS_EVERY = 500

NOTHING_REMEMBERED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a register file says.

    Attributes:
        parents: everybody in it, by name and address. Empty where anything is
            wrong: a register is taken as a whole or not at all.
        problems: what must be mended before it can be taken, by line.
        warnings: what may be wrong; it can be taken all the same, by line.
        rows: how many rows were read, the header and blank lines left out.
    """

    parents: tuple[Parent, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rows: int


def read_register(
    raw: bytes,
    *,
    columns: Mapping[str, str] = NOTHING_REMEMBERED,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read a register: CSV in UTF-8, a row for each child with one parent or more.

    Columns may stand in any order, under any name that `column_of` knows; commas,
    semicolons and tabs are told apart by the header. Never raises on what a file may
    hold.

    Args:
        raw: the whole file.
        columns: what the school said of headings, as `column_of` takes it.
        progress: called now and then with lines read and lines in all.
    """
    text = text_of(raw)
    if isinstance(text, Problem):
        return Reading((), (text,), (), 0)
    # Lines as the csv module counts them, so that its numbers fit these.
    lines = list(io.StringIO(text, newline=""))
    header = read_header(lines, columns)
    if isinstance(header, tuple):
        return Reading((), header, (), 0)
    rows: list[Row] = []
    problems: list[Problem] = []
    count = 0
    for line, record in _records(lines, header):
        if isinstance(record, Problem):
            problems.append(record)
            continue
        if not any(cell.strip() for cell in record):
            continue
        count += 1
        of_line, wrong = read_row(line, record, header)
        rows += of_line
        problems += wrong
        if progress and count % PROGRESS_EVERY == 0:
            progress(line, len(lines))
    if progress:
        progress(len(lines), len(lines))
    if not count and not problems:
        what = "the file names the columns and nobody under them"
        problems.append(Problem(header.line, "", what, "Add a row for each child"))
    problems += shared_identifiers(rows)
    parents = () if problems else merge(rows)
    # A line with two parents names its child twice.
    found = dict.fromkeys([*doubts(rows), *cell_doubts(rows)])
    warnings = sorted(found, key=lambda one: one.line)
    return Reading(parents, tuple(problems), tuple(warnings), count)


def _records(
    lines: list[str], header: Header
) -> Iterator[tuple[int, list[str] | Problem]]:
    """Each record after the header, with its first physical line."""
    reader = csv.reader(
        iter(lines[header.line :]),
        delimiter=header.separator,
        skipinitialspace=True,
        strict=True,
    )
    while True:
        first = header.line + reader.line_num + 1
        try:
            yield first, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield first, _unreadable(first, header.line + reader.line_num, lines)


def _unreadable(first: int, last: int, lines: list[str]) -> Problem:
    if any('"' in line for line in lines[first - 1 : last]):
        return Problem(
            first,
            "",
            'a quotation mark (") opens a cell and is not closed as it should be',
            'Close it, or write "" for a quotation mark inside a quoted cell',
        )
    return Problem(first, "", "a cell is far too long", "Shorten it")
