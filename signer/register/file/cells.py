"""One row of a register file: its cells checked, each by its column's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from signer.errors import TextRefused
from signer.register.addresses import fault_of
from signer.register.file.columns import Header
from signer.register.file.decoding import SAVE_AS_UTF8, undecoded
from signer.register.file.headings import KNOWN_COLUMNS, OPTIONAL_COLUMNS, PARENT, ROLES
from signer.register.problems import Problem, shown
from signer.register.written_names import first_names_first
from signer.register.year_groups import usual_year_group
from signer.user_text import NAME_CHARACTERS, one_line, without_invisible

NAMES = ("parent_name", "child_name")
"""The columns that name a person."""

MAY_BE_EMPTY = frozenset({"parent_email", *OPTIONAL_COLUMNS})
"""The columns whose cells may be empty: a parent without an address signs on paper."""

EMPTY = "the cell is empty"

SHORT_CHARACTERS = 60
"""The longest relationship or year group, in characters."""

# Relationships and year groups are the same again and again.
_CELLS_KEPT = 4096

_NONE: frozenset[str] = frozenset()

# A cell that begins so is run as a formula when the register, or a list made from
# it, is opened in a spreadsheet (OWASP, "CSV injection"); wide forms included.
FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""No name begins with one, however it comes into the register."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parent and one child, as a line of the file says it.

    Attributes:
        line: first physical line of the row, counted from 1.
        whom: which parent of that line: ``parent``, ``parent_2``, ``mother``.
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
    whom: str = PARENT

    def problem(self, column: str, what: str, remedy: str) -> Problem:
        """A problem of one of its cells, with the name that the column has here.

        Args:
            column: as it is called for the first parent of a line.
            what: as `Problem` has it.
            remedy: as `Problem` has it.
        """
        if column in _PARENT_COLUMNS:
            column = _CALLED[self.whom, _PARENT_COLUMNS[column]]
        return Problem(self.line, column, what, remedy)


def read_row(
    line: int, cells: Sequence[str], header: Header
) -> tuple[list[Row], list[Problem]]:
    """The rows that a line makes, one for each of its parents, and what is wrong.

    Args:
        line: first physical line of the row, counted from 1.
        cells: as they stand in the file.
        header: which column stands where.
    """
    if problems := list(_misplaced(line, cells, header)):
        return [], problems
    child = _person(line, "child", _cells_at(header.child, cells))
    parents = [
        _person(line, whom, there)
        for whom, parts in header.parents.items()
        if _is_anybody(there := _cells_at(parts, cells))
    ]
    if not parents:
        # Nobody: the first one is missed.
        whom, parts = next(iter(header.parents.items()))
        parents = [_person(line, whom, _cells_at(parts, cells))]
    problems = [
        *(problem for parent in parents for problem in parent.problems),
        *child.problems,
    ]
    if problems:
        return [], problems
    return [_row(line, parent, child) for parent in parents], []


@dataclass(frozen=True, slots=True)
class _Person:
    """What a line says of one person, by the columns of `Row`."""

    whom: str
    values: Mapping[str, str]
    problems: Sequence[Problem]
    broken: frozenset[str]


_CHILD_COLUMNS = {"name": "child_name", "year": "year_group", "tutor": "tutor_group"}
_PARENT_COLUMNS = {
    "parent_name": "name",
    "parent_email": "email",
    "relationship": "relationship",
    "parent_id": "id",
}


_BY_PART = {part: column for column, part in _PARENT_COLUMNS.items()}
_CALLED = {(told.whom, told.part): name for name, told in KNOWN_COLUMNS.items()}


def _cells_at(parts: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    """The cell of each part of a person, the parts of a name made one."""
    there = {part: cells[at] if at < len(cells) else "" for part, at in parts.items()}
    pieces = [there.pop(part, "") for part in ("title", "forename", "surname")]
    if "name" not in there:
        there["name"] = " ".join(piece.strip() for piece in pieces if piece.strip())
    return there


def _is_anybody(there: Mapping[str, str]) -> bool:
    return bool(there["name"].strip() or there.get("email", "").strip())


def _person(line: int, whom: str, there: dict[str, str]) -> _Person:
    """One person of a line, with each cell checked by its column's rules."""
    if whom in ROLES and not there.get("relationship", "").strip():
        there["relationship"] = whom
    columns = _CHILD_COLUMNS if whom == "child" else _BY_PART
    values, problems, broken = {}, [], set()
    for part, column in columns.items():
        if part not in there:
            continue
        value, problem = _read_cell(line, column, _CALLED[whom, part], there[part])
        values[column] = value
        if problem is not None:
            problems.append(problem)
        if len(there[part].strip().splitlines()) > 1:
            broken.add(column)
    return _Person(whom, values, problems, frozenset(broken))


def _row(line: int, parent: _Person, child: _Person) -> Row:
    values = {**parent.values, **child.values}
    year_group = usual_year_group(values["year_group"])
    if year_group != values["year_group"]:
        values["written_year_group"] = values["year_group"]
        values["year_group"] = year_group
    names = {column: first_names_first(values[column]) for column in NAMES}
    turned = frozenset(column for column in NAMES if names[column] != values[column])
    return Row(
        line,
        **(values | names),
        # An empty set takes as much as a name, and nearly every row has two.
        turned=turned or _NONE,
        broken=(parent.broken | child.broken) or _NONE,
        whom=parent.whom,
    )


def _misplaced(line: int, cells: Sequence[str], header: Header) -> Iterator[Problem]:
    """Cells that stand under no heading, and headings without a cell; one at most."""
    named = len(header.columns)
    if any(cell.strip() for cell in cells[named:]):
        yield Problem(
            line,
            "",
            f"the row has {len(cells)} cells and the header {named}",
            "Put a cell that holds a comma or semicolon in quotation marks",
        )
        return
    for column, cell in zip(header.columns, cells, strict=False):
        if not column and cell.strip():
            yield Problem(
                line,
                "",
                f"the cell {shown(cell)} is in a column without a name",
                "Remove the cell, or move it to its column",
            )
            return
    missing = sorted(at for at in header.needed if at >= len(cells))
    if missing:
        needed = [header.columns[at] for at in sorted(header.needed)]
        yield Problem(
            line,
            header.columns[missing[0]],
            f"the row ends early: {len(cells)} cells where the header has {named}",
            f"Fill in all of {', '.join(needed)}",
        )


def _read_cell(
    line: int, rule: str, column: str, cell: str
) -> tuple[str, Problem | None]:
    """A cell by the rules of one column, and what is wrong, by the name it has here."""
    value, what, remedy = _examine(rule, cell)
    return value, Problem(line, column, what, remedy) if what else None


@lru_cache(maxsize=_CELLS_KEPT)
def _examine(rule: str, cell: str) -> tuple[str, str, str]:  # noqa: PLR0911 - one each
    """What is kept of a cell; or nothing, and what is wrong with its remedy."""
    stripped = cell.strip()
    if fault := undecoded(cell):
        return "", fault, SAVE_AS_UTF8
    if not stripped:
        what = "" if rule in MAY_BE_EMPTY else EMPTY
        return "", what, "Fill it in, or remove the row"
    if rule == "parent_email" and (fault := fault_of(stripped)):
        remedy = "Write one address, such as name@example.org"
        return "", f"{fault}: {shown(stripped)}", remedy
    if rule in NAMES and not any(map(str.isalnum, stripped)):
        return "", "the cell holds no name", "Write the name, or remove the row"
    if stripped[0] in FORMULA_SIGNS or cell[0] in "\t\r\n":
        what = f"{shown(cell)} begins like a spreadsheet formula"
        return "", what, "Remove the sign at the start of the cell"
    if rule == "parent_email":
        return stripped, "", ""
    limit = NAME_CHARACTERS if rule in NAMES else SHORT_CHARACTERS
    try:
        return one_line(rule, without_invisible(stripped), limit=limit), "", ""
    except TextRefused as error:
        return "", *_refused(stripped, error)


def _refused(cell: str, error: TextRefused) -> tuple[str, str]:
    if error.reason == "too long":
        return f"{shown(cell)} is longer than {error.detail} characters", "Shorten it"
    kind = {
        "direction override": "a hidden mark that turns the reading direction",
        "control character": "a character that cannot be printed",
        "too many marks": "more marks on one letter than can be printed",
    }.get(error.reason, error.reason)
    what = f"{shown(cell)} holds {kind} ({error.detail})"
    return what, "Type the cell again by hand"
