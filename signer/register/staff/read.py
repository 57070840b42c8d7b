"""The list of teachers: a CSV file with a name and an address in each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from signer.errors import TextRefused
from signer.register.addresses import fault_of
from signer.register.file.decoding import SAVE_AS_UTF8, text_of, undecoded
from signer.register.file.workbook import BEGINNING as WORKBOOK
from signer.register.problems import Problem, shown
from signer.user_text import NAME_CHARACTERS, one_line, without_invisible

_SEPARATORS = ",;\t"
_HEADINGS = {
    "name": "name",
    "fullname": "name",
    "staffname": "name",
    "teacher": "name",
    "firstname": "first",
    "forename": "first",
    "lastname": "last",
    "surname": "last",
    "email": "email",
    "emailaddress": "email",
    "address": "email",
    "workemail": "email",
    "staffemail": "email",
}
_NEEDED = (
    "The first line must name a column “name” (or “first name” and “last name”) and a "
    "column “email”"
)


@dataclass(frozen=True, slots=True)
class Teacher:
    """A row of the list.

    Attributes:
        line: of the file, counted from 1.
        name: as written, with single spaces.
        email: as written.
    """

    line: int
    name: str
    email: str

    @property
    def key(self) -> str:
        """What is compared to tell whether two addresses are one."""
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class StaffReading:
    """What a list of teachers says.

    Attributes:
        teachers: everybody in it. Empty where anything is wrong: a list is taken as a
            whole or not at all.
        problems: what must be put right before it can be taken, by line.
    """

    teachers: tuple[Teacher, ...]
    problems: tuple[Problem, ...]


def read_staff(raw: bytes) -> StaffReading:
    """Read a list of teachers. Never raises on what a file may hold.

    Columns may stand in any order, and others beside them are passed over: nothing of
    those is kept. Commas, semicolons and tabs are told apart by the first line.

    Args:
        raw: the whole file.
    """
    if raw.startswith(WORKBOOK):
        what = "the file is a workbook, not a CSV file"
        return StaffReading((), (Problem(1, "", what, SAVE_AS_UTF8),))
    text = text_of(raw)
    if isinstance(text, Problem):
        return StaffReading((), (text,))
    problems: list[Problem] = []
    teachers: dict[str, Teacher] = {}
    for row in _rows(text):
        teacher = row if isinstance(row, Problem) else _teacher(*row)
        if isinstance(teacher, Problem):
            problems.append(teacher)
            continue
        first = teachers.setdefault(teacher.key, teacher)
        if first.name.casefold() != teacher.name.casefold():
            what = f"{shown(teacher.email)} is that of {shown(first.name)} in line "
            what += str(first.line)
            remedy = "Give each person an address of their own, or remove one row"
            problems.append(Problem(teacher.line, "email", what, remedy))
    if not teachers and not problems:
        what = "the file names nobody"
        problems.append(Problem(1, "", what, "Add a row for each teacher"))
    return StaffReading(() if problems else tuple(teachers.values()), tuple(problems))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]] | Problem]:
    """Each row by its columns, with its line; what cannot be read ends the rows."""
    lines = list(io.StringIO(text, newline=""))
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(
        iter(lines), delimiter=separator, skipinitialspace=True, strict=True
    )
    columns: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if columns is None:
                    columns = [_column(cell) for cell in cells]
                    if fault := _fault_of(columns):
                        yield Problem(line, "", fault, _NEEDED)
                        return
                else:
                    named = zip(columns, cells, strict=False)
                    yield line, {key: cell for key, cell in named if key}
            line = reader.line_num + 1
    except csv.Error:
        what = "a cell is too long, or opens with a quotation mark that never closes"
        yield Problem(line, "", what, "Look for a stray quotation mark in this row")


def _column(heading: str) -> str:
    return _HEADINGS.get("".join(filter(str.isalpha, heading.casefold())), "")


def _fault_of(columns: list[str]) -> str:
    named = [column for column in columns if column]
    if len(named) != len(set(named)):
        return "two columns mean the same"
    if "email" not in named or not ("name" in named or {"first", "last"} <= {*named}):
        return "this line does not name the columns"
    return ""


def _teacher(line: int, cells: dict[str, str]) -> Teacher | Problem:
    email = cells.get("email", "").strip()
    parts = [cells.get("name") or cells.get("first", ""), cells.get("last", "")]
    name = " ".join(part.strip() for part in parts).strip()
    if fault := undecoded(name + email):
        return Problem(line, "", fault, SAVE_AS_UTF8)
    if fault := fault_of(email):
        fault = f"{fault}: {shown(email)}" if email else "the cell is empty"
        remedy = "Write one address, such as name@example.org"
        return Problem(line, "email", fault, remedy)
    if not any(map(str.isalnum, name)):
        what = "the cell holds no name"
        return Problem(line, "name", what, "Write the name, or remove the row")
    try:
        name = one_line("name", without_invisible(name), limit=NAME_CHARACTERS)
    except TextRefused as error:
        what = f"{shown(name)} cannot be kept: {error}"
        return Problem(line, "name", what, "Type the cell again by hand")
    return Teacher(line, name, email)
