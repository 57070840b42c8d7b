"""The headings of a register file as they stand in it, to be asked about."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from signer.register.file.columns import SEPARATORS
from signer.register.file.decoding import text_of
from signer.register.file.headings import HEADING_CHARACTERS, folded
from signer.register.file.workbook import BEGINNING, read_sheet
from signer.register.problems import Problem, shown
from signer.register.rows import NOTHING_REMEMBERED

MOST_HEADINGS = 60

EXAMPLES = 2
"""How many cells of a column are shown, so that it is known by what stands in it."""

_ROWS = 50


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a file.

    Attributes:
        words: as it stands there.
        examples: the first different cells below it.
    """

    words: str
    examples: tuple[str, ...]


def heading_cells(raw: bytes) -> tuple[Heading, ...]:
    """The headings of the first line that has any; none where it cannot be read.

    Each is there once. Never raises on what a file may hold.

    Args:
        raw: the whole file.
    """
    rows = _of_workbook(raw) if raw.startswith(BEGINNING) else _of_text(raw)
    if not rows:
        return ()
    cells, *below = rows
    found: dict[str, Heading] = {}
    for at, cell in enumerate(cells):
        key = folded(cell)
        if cell.strip() and len(key) <= HEADING_CHARACTERS and key not in found:
            found[key] = Heading(cell.strip(), _examples(below, at))
    return tuple(found.values())[:MOST_HEADINGS]


def _examples(rows: Sequence[Sequence[str]], at: int) -> tuple[str, ...]:
    cells = (" ".join(row[at].split()) for row in rows if at < len(row))
    different = dict.fromkeys(cell for cell in cells if cell)
    return tuple(shown(cell) for cell in islice(different, EXAMPLES))


def _of_workbook(raw: bytes) -> list[list[str]]:
    sheet = read_sheet(raw, NOTHING_REMEMBERED)
    if isinstance(sheet, Problem):
        return []
    return [row.cells for row in sheet.rows[: _ROWS + 1]]


def _of_text(raw: bytes) -> list[list[str]]:
    text = text_of(raw)
    if isinstance(text, Problem):
        return []
    filled = (line for line in text.splitlines() if line.strip())
    lines = list(
        islice(
            (
                one
                for one in filled
                if one[:4].lower() != "sep=" or one[4:] not in SEPARATORS
            ),
            _ROWS + 1,
        )
    )
    if not lines:
        return []
    separator = max(SEPARATORS, key=lambda one: len(_split(lines[:1], one)[0]))
    return _split(lines, separator)


def _split(lines: list[str], separator: str) -> list[list[str]]:
    """Rows of cells, as far as they can be read; one without cells where none can."""
    rows = []
    with suppress(csv.Error):
        for row in csv.reader(lines, delimiter=separator, skipinitialspace=True):
            rows.append(row)  # noqa: PERF402 - those before a fault are kept
    return rows or [[]]
