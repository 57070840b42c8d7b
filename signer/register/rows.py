"""A register file read: people where all is well, problems where not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from signer.register.file.cell_doubts import cell_doubts
from signer.register.file.cells import EMPTY, Row, read_row
from signer.register.file.columns import Header, header_of, read_header
from signer.register.file.decoding import text_of
from signer.register.file.headings import IGNORED
from signer.register.file.workbook import BEGINNING, SheetRow, letters_of, read_sheet
from signer.register.merging import doubts, merge, shared_identifiers
from signer.register.people import Parent
from signer.register.problems import Problem, shown

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


@dataclass(frozen=True, slots=True)
class _Record:
    """The cells of a row, and what is known to be wrong with them before they are read.

    Attributes:
        line: first physical line of the row, counted from 1.
        cells: as text; none where the row cannot be read.
        problems: of cells that are no text, or of the row.
    """

    line: int
    cells: Sequence[str]
    problems: tuple[Problem, ...] = ()


def read_register(
    raw: bytes,
    *,
    columns: Mapping[str, str] = NOTHING_REMEMBERED,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read a register: CSV in UTF-8 or a workbook, a row for each child.

    A row has one parent or more. Columns may stand in any order, under any name that
    `column_of` knows; commas, semicolons and tabs are told apart by the header. Never
    raises on what a file may hold.

    Args:
        raw: the whole file.
        columns: what the school said of headings, as `column_of` takes it.
        progress: called now and then with lines read and lines in all.
    """
    if raw.startswith(BEGINNING):
        return _read_workbook(raw, columns, progress)
    text = text_of(raw)
    if isinstance(text, Problem):
        return Reading((), (text,), (), 0)
    # Lines as the csv module counts them, so that its numbers fit these.
    lines = list(io.StringIO(text, newline=""))
    header = read_header(lines, columns)
    if isinstance(header, tuple):
        return Reading((), header, (), 0)
    return _read(header, _records(lines, header), len(lines), progress)


def _read_workbook(
    raw: bytes,
    columns: Mapping[str, str],
    progress: Callable[[int, int], None] | None,
) -> Reading:
    sheet = read_sheet(raw, columns)
    if isinstance(sheet, Problem):
        return Reading((), (sheet,), (), 0)
    first, *rows = sheet.rows
    header = header_of(first.cells, first.number, first.number, "", columns)
    if isinstance(header, tuple):
        return _placed(Reading((), header, (), 0), sheet.title, ())
    records = (_Record(row.number, row.cells, _no_text(row, header)) for row in rows)
    last = sheet.rows[-1].number
    reading = _placed(
        _read(header, records, last, progress), sheet.title, header.columns
    )
    unread = (
        Problem(
            1,
            "",
            "this sheet was not read, since it does not name the columns of a register",
            f"Make sure that all parents are on the sheet {shown(sheet.title)}",
            sheet=title,
        )
        for title in sheet.others
    )
    return replace(reading, warnings=(*unread, *reading.warnings))


def _no_text(row: SheetRow, header: Header) -> tuple[Problem, ...]:
    """What is wrong with the cells of a row that are no text, where they are needed."""
    columns = dict(enumerate(header.columns))
    return tuple(
        Problem(row.number, column, what, remedy)
        for at, (what, remedy) in row.faults.items()
        if (column := columns.get(at, "")) not in {"", IGNORED}
    )


def _placed(reading: Reading, title: str, columns: Sequence[str]) -> Reading:
    """A reading of a sheet, with the place of each problem in it."""

    def placed(problem: Problem) -> Problem:
        # A name may stand in several columns.
        named = (problem.column, problem.column.replace("_name", "_forename"))
        at = next((columns.index(name) for name in named if name in columns), None)
        cell = "" if at is None else f"{letters_of(at)}{problem.line}"
        remedy = problem.remedy
        if problem.what == EMPTY:
            remedy += "; split cells that are merged, and fill in each"
        return replace(problem, sheet=title, cell=cell, remedy=remedy)

    return replace(
        reading,
        problems=tuple(map(placed, reading.problems)),
        warnings=tuple(map(placed, reading.warnings)),
    )


def _read(
    header: Header,
    records: Iterable[_Record],
    last: int,
    progress: Callable[[int, int], None] | None,
) -> Reading:
    """What the records under a header say; the last of them is on line ``last``."""
    rows: list[Row] = []
    problems: list[Problem] = []
    count = 0
    for record in records:
        problems += record.problems
        if not any(cell.strip() for cell in record.cells):
            continue
        count += 1
        of_line, wrong = read_row(record.line, record.cells, header)
        rows += of_line
        named = {_whole_name(problem.column) for problem in record.problems}
        problems += [one for one in wrong if _whole_name(one.column) not in named]
        if progress and count % PROGRESS_EVERY == 0:
            progress(record.line, last)
    if progress:
        progress(last, last)
    if not count and not problems:
        what = "the file names the columns and nobody under them"
        problems.append(Problem(header.line, "", what, "Add a row for each child"))
    problems += shared_identifiers(rows)
    parents = () if problems else merge(rows)
    # A line with two parents names its child twice.
    found = dict.fromkeys([*doubts(rows), *cell_doubts(rows)])
    warnings = sorted(found, key=lambda one: one.line)
    return Reading(parents, tuple(problems), tuple(warnings), count)


def _whole_name(column: str) -> str:
    """The column of a whole name, for those of its parts."""
    return column.replace("_forename", "_name").replace("_surname", "_name")


def _records(lines: list[str], header: Header) -> Iterator[_Record]:
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
            yield _Record(first, next(reader))
        except StopIteration:
            return
        except csv.Error:
            problem = _unreadable(first, header.line + reader.line_num, lines)
            yield _Record(first, (), (problem,))


def _unreadable(first: int, last: int, lines: list[str]) -> Problem:
    if any('"' in line for line in lines[first - 1 : last]):
        return Problem(
            first,
            "",
            'a quotation mark (") opens a cell and is not closed as it should be',
            'Close it, or write "" for a quotation mark inside a quoted cell',
        )
    return Problem(first, "", "a cell is far too long", "Shorten it")
