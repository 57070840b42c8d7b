"""A register in a workbook (.xlsx): its cells as text, each with its place.

A workbook is a ZIP archive of XML from anybody: how much is unpacked, how many rows and
columns are looked at, and that no part declares entities, is seen to before it is read.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol

from signer.register.file.columns import FEWEST_COLUMNS, count_known
from signer.register.problems import Problem, shown

BEGINNING = b"PK\x03\x04"
"""What a ZIP archive begins with, and so a workbook."""

MOST_BYTES = 20_000_000
"""Of a workbook, unpacked. A register of 10,000 rows has 5 MB."""

MOST_PARTS = 1_000
MOST_ROWS = 20_000
MOST_COLUMNS = 500
LAST_ROW = 1_048_576
"""Of a sheet of Excel."""

_AGAIN = "Open it in Excel, and save it again as “Excel Workbook (.xlsx)”"
_WHOLE_NUMBERS = 10**15


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet.

    Attributes:
        number: counted from 1.
        cells: as text.
        faults: what is wrong with cells that are no text, and the remedy, by position.
    """

    number: int
    cells: list[str]
    faults: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of a workbook that names the columns of a register.

    Attributes:
        title: its name.
        rows: those in which something stands, the header first.
        others: the names of sheets in which something stands that is no register.
    """

    title: str
    rows: list[SheetRow]
    others: tuple[str, ...]


class _Cell(Protocol):
    """A cell, as openpyxl gives it."""

    value: object
    data_type: str


class _Worksheet(Protocol):
    """A sheet that is read row by row, as openpyxl gives it."""

    def reset_dimensions(self) -> None: ...
    def iter_rows(self) -> Iterable[Sequence[_Cell]]: ...


def read_sheet(raw: bytes, remembered: Mapping[str, str]) -> Sheet | Problem:
    """The sheet of a workbook that holds the register, or why none can be read.

    Never raises on what a file may hold.

    Args:
        raw: the whole file.
        remembered: what the school said of headings, as `column_of` takes it.
    """
    if problem := _unsafe(raw):
        return problem
    try:
        with warnings.catch_warnings():
            # Of what a workbook has beside its cells, such as the style of a button.
            warnings.simplefilter("ignore")
            return _choose(raw, remembered)
    except _TooLarge as error:
        return error.problem
    except Exception:  # noqa: BLE001 - a broken workbook raises what its parts meet
        return Problem(1, "", "the file is damaged, or is not a workbook", _AGAIN)


class _TooLarge(Exception):
    """A sheet has more rows or columns than a register."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def _unsafe(raw: bytes) -> Problem | None:
    """Why an archive is not even opened as a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                what = "the file is a ZIP archive, not an Excel workbook"
                return Problem(1, "", what, _AGAIN)
            # More than its directory says is never unpacked of a part.
            if (
                len(parts) > MOST_PARTS
                or sum(part.file_size for part in parts) > MOST_BYTES
            ):
                what = f"the workbook unpacks to more than {MOST_BYTES // 10**6} MB"
                remedy = "Copy the list of parents into a workbook of its own"
                return Problem(1, "", what, remedy)
            for part in parts:
                if _declares(archive.read(part)):
                    what = f"the part {shown(part.filename)} is no plain XML"
                    return Problem(1, "", what, _AGAIN)
    except Exception:  # noqa: BLE001 - a broken archive raises what its parts meet
        return Problem(1, "", "the file is damaged, or is not a workbook", _AGAIN)
    return None


def _declares(part: bytes) -> bool:
    """Whether XML declares entities, or may do so unseen, in UTF-16."""
    return b"<!DOCTYPE" in part or b"<!ENTITY" in part or part[:2] in _UTF_16


_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def _choose(raw: bytes, remembered: Mapping[str, str]) -> Sheet | Problem:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow, and rarely needed

    book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
    filled: dict[str, SheetRow] = {}
    for sheet in book.worksheets:
        first = next(_rows(sheet, sheet.title), None)
        if sheet.sheet_state == "visible" and first is not None:
            filled[sheet.title] = first
    if not filled:
        return Problem(1, "", "the workbook is empty", "Choose the register's file")
    known = {
        title: count_known(first.cells, remembered) for title, first in filled.items()
    }
    named = [title for title, count in known.items() if count >= FEWEST_COLUMNS]
    if len(named) > 1:
        titles = " and ".join(map(shown, named))
        return Problem(
            1,
            "",
            f"the sheets {titles} each name the columns of a register",
            "Put all rows on one sheet, or save each sheet as a file of its own",
        )
    title = (named or list(filled))[0]
    others = tuple(other for other in filled if other != title)
    return Sheet(title, list(_rows(book[title], title)), others)


def _rows(sheet: _Worksheet, title: str) -> Iterator[SheetRow]:
    """Each row of a sheet in which something stands."""
    # What the file says of them may be anything.
    sheet.reset_dimensions()
    count = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW or count > MOST_ROWS:
            what = f"the sheet has more than {MOST_ROWS} rows"
            raise _TooLarge(
                Problem(number, "", what, "Remove what is no row of a child", title)
            )
        if len(row) > MOST_COLUMNS:
            what = f"the row has more than {MOST_COLUMNS} columns"
            remedy = "Delete the columns to the right of the list"
            raise _TooLarge(Problem(number, "", what, remedy, title))
        read = _row(number, row)
        if read.faults or any(cell.strip() for cell in read.cells):
            count += 1
            yield read


def _row(number: int, row: Iterable[_Cell]) -> SheetRow:
    cells, faults = [], {}
    for at, cell in enumerate(row):
        fault = _fault(cell.value, cell.data_type)
        if fault:
            faults[at] = fault
        cells.append(_text(cell.value))
    return SheetRow(number, cells, faults)


def _fault(value: object, kind: str) -> tuple[str, str] | None:
    """Why a cell is no text, and what to do; nothing where it is."""
    if kind == "f":
        return (
            "the cell holds a formula",
            "Copy the column, and paste it in its place as values (Paste Special)",
        )
    if kind == "e":
        what = f"the cell holds the error {shown(str(value))}"
        return what, "Type what is meant"
    if isinstance(value, date | datetime | time | timedelta):
        return (
            f"Excel has made a date or time of this cell: {value}",
            "Format the cell as text, and type what is meant again",
        )
    return None


def _text(value: object) -> str:
    """A value as it is shown in its cell: 7 and not 7.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_NUMBERS:
        return str(int(value))
    return str(value)


def letters_of(position: int) -> str:
    """The letters of a sheet's column, counted from 0: A, Z, AA."""
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
