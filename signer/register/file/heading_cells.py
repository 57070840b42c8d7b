"""The headings of a register file as they stand in it, to be asked about."""

from __future__ import annotations

import csv

from signer.register.file.columns import SEPARATORS
from signer.register.file.decoding import text_of
from signer.register.file.headings import HEADING_CHARACTERS, folded
from signer.register.file.workbook import BEGINNING, read_sheet
from signer.register.problems import Problem
from signer.register.rows import NOTHING_REMEMBERED

MOST_HEADINGS = 60


def heading_cells(raw: bytes) -> tuple[str, ...]:
    """The headings of the first line that has any; none where it cannot be read.

    Each is there once. Never raises on what a file may hold.

    Args:
        raw: the whole file.
    """
    cells = _of_workbook(raw) if raw.startswith(BEGINNING) else _of_text(raw)
    named = {folded(cell): cell.strip() for cell in cells if cell.strip()}
    return tuple(cell for key, cell in named.items() if len(key) <= HEADING_CHARACTERS)[
        :MOST_HEADINGS
    ]


def _of_workbook(raw: bytes) -> list[str]:
    sheet = read_sheet(raw, NOTHING_REMEMBERED)
    return [] if isinstance(sheet, Problem) else sheet.rows[0].cells


def _of_text(raw: bytes) -> list[str]:
    text = text_of(raw)
    if isinstance(text, Problem):
        return []
    lines = (line for line in text.splitlines() if line.strip())
    line = next(
        (
            one
            for one in lines
            if one[:4].lower() != "sep=" or one[4:] not in SEPARATORS
        ),
        "",
    )
    ways = [_split(line, separator) for separator in SEPARATORS]
    return max(ways, key=len)


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []
