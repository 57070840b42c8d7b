"""An empty register, to be filled in."""

from __future__ import annotations

import codecs
import io

from signer.register.file.workbook import letters_of

HEADINGS = (
    *("Child name", "Year group", "Tutor group"),
    *("Parent 1 name", "Parent 1 email", "Parent 1 relationship", "Parent 1 ID"),
    *("Parent 2 name", "Parent 2 email", "Parent 2 relationship", "Parent 2 ID"),
)
"""What an empty register asks for, with room for two parents of a child."""


_WIDE, _NARROW = 28, 16
"""Columns, in characters."""


def empty_register() -> bytes:
    """An empty register as CSV that Excel opens with every letter whole."""
    return codecs.BOM_UTF8 + f"{','.join(HEADINGS)}\r\n".encode()


def empty_workbook() -> bytes:
    """An empty register as a workbook, whose cells Excel takes for text."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow, and rarely needed
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Parents"
    sheet.append(HEADINGS)
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(HEADINGS):
        column = sheet.column_dimensions[letters_of(number)]
        column.width = _WIDE if heading.endswith(("name", "email")) else _NARROW
        # Else 7/8 is a day in August, and the zeros before a number go.
        column.number_format = "@"
        sheet.cell(1, number + 1).font = Font(bold=True)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()
