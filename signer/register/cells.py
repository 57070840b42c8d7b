"""One row of a register file: its cells checked, each by its column's rules."""

from __future__ import annotations

from dataclasses import dataclass

from signer.errors import TextRefused
from signer.register.addresses import fault_of
from signer.register.columns import COLUMNS, OPTIONAL_COLUMNS, Header
from signer.register.decoding import SAVE_AS_UTF8, undecoded
from signer.register.problems import Problem, shown
from signer.register.written_names import first_names_first
from signer.register.year_groups import usual_year_group
from signer.user_text import NAME_CHARACTERS, one_line, without_invisible

NAMES = ("parent_name", "child_name")
"""The columns that name a person."""

SHORT_CHARACTERS = 60
"""The longest relationship or year group, in characters."""

# A cell that begins so is run as a formula when the register, or a list made from
# it, is opened in a spreadsheet (OWASP, "CSV injection"); wide forms included.
_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class Row:
    """One parent and one child, as a line of the file says it.

    Attributes:
        line: first physical line of the row, counted from 1.
        parent_id: of the school's management system, or empty.
        tutor_group: of the child, or empty.
        written_year_group: the year group as the file has it, where that is another
            way than ``year_group``.
        turned: the columns whose name stood with the surname first.
        broken: the columns whose cell goes over several lines.
    """

    line: int
    parent_name: str
    parent_email: str
    relationship: str
    child_name: str
    year_group: str
    parent_id: str = ""
    tutor_group: str = ""
    written_year_group: str = ""
    turned: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()


def read_row(line: int, cells: list[str], header: Header) -> Row | tuple[Problem, ...]:
    """The row that cells make, or all that is wrong with them.

    Args:
        line: first physical line of the row, counted from 1.
        cells: as they stand in the file.
        header: which column stands where.
    """
    problems = list(_misplaced(line, cells, header))
    if problems:
        return tuple(problems)
    values = {}
    for column, cell in zip(header.columns, cells, strict=False):
        if not column:
            continue
        value, problem = _read_cell(line, column, cell)
        values[column] = value
        if problem is not None:
            problems.append(problem)
    if problems:
        return tuple(problems)
    broken = frozenset(
        column
        for column, cell in zip(header.columns, cells, strict=False)
        if len(cell.strip().splitlines()) > 1
    )
    year_group = usual_year_group(values["year_group"])
    if year_group != values["year_group"]:
        values["written_year_group"] = values["year_group"]
        values["year_group"] = year_group
    names = {column: first_names_first(values[column]) for column in NAMES}
    turned = frozenset(column for column in NAMES if names[column] != values[column])
    return Row(line, **(values | names), turned=turned, broken=broken)


def _misplaced(line: int, cells: list[str], header: Header) -> list[Problem]:
    """Cells that stand under no heading, and headings without a cell."""
    named = len(header.columns)
    if any(cell.strip() for cell in cells[named:]):
        return [
            Problem(
                line,
                "",
                f"the row has {len(cells)} cells and the header {named}",
                "Put a cell that holds a comma or semicolon in quotation marks",
            )
        ]
    for column, cell in zip(header.columns, cells, strict=False):
        if not column and cell.strip():
            return [
                Problem(
                    line,
                    "",
                    f"the cell {shown(cell)} stands in a column without a name",
                    "Remove the cell, or move it to its column",
                )
            ]
    missing = [
        column
        for column in header.columns[len(cells) :]
        if column and column not in OPTIONAL_COLUMNS
    ]
    if missing:
        return [
            Problem(
                line,
                missing[0],
                f"the row ends early: {len(cells)} cells where the header has {named}",
                f"Fill in all of {', '.join(COLUMNS)}",
            )
        ]
    return []


def _read_cell(  # noqa: PLR0911 - a problem for each
    line: int, column: str, cell: str
) -> tuple[str, Problem | None]:
    stripped = cell.strip()
    if fault := undecoded(cell):
        return "", Problem(line, column, fault, SAVE_AS_UTF8)
    if not stripped:
        remedy = "Fill it in, or remove the row"
        empty = Problem(line, column, "the cell is empty", remedy)
        return "", None if column in OPTIONAL_COLUMNS else empty
    if column == "parent_email" and (fault := fault_of(stripped)):
        remedy = "Write one address, such as name@example.org"
        return "", Problem(line, column, f"{fault}: {shown(stripped)}", remedy)
    if column in NAMES and not any(map(str.isalnum, stripped)):
        remedy = "Write the name, or remove the row"
        return "", Problem(line, column, "the cell holds no name", remedy)
    if stripped[0] in _FORMULA_SIGNS or cell[0] in "\t\r\n":
        return "", Problem(
            line,
            column,
            f"{shown(cell)} begins like a spreadsheet formula",
            "Remove the sign at the start of the cell",
        )
    if column == "parent_email":
        return stripped, None
    limit = NAME_CHARACTERS if column.endswith("_name") else SHORT_CHARACTERS
    try:
        value = one_line(column, without_invisible(stripped), limit=limit)
    except TextRefused as error:
        return "", _refused(line, column, stripped, error)
    return value, None


def _refused(line: int, column: str, cell: str, error: TextRefused) -> Problem:
    if error.reason == "too long":
        what = f"{shown(cell)} is longer than {error.detail} characters"
        return Problem(line, column, what, "Shorten it")
    kind = {
        "direction override": "a hidden mark that turns the reading direction",
        "control character": "a character that cannot be printed",
        "too many marks": "more marks on one letter than can be printed",
    }.get(error.reason, error.reason)
    return Problem(
        line,
        column,
        f"{shown(cell)} holds {kind} ({error.detail})",
        "Type the cell again by hand",
    )
