"""Lists as files for spreadsheets: whole letters, and no cell that is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from signer import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""

Cell = str | int | float | date | datetime | None

# What spreadsheets take for the beginning of a formula, the full-width signs of East
# Asian keyboards among them; before a tab or a line end they look further.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")

_WIDEST = 60
"""How wide a column gets, in characters."""


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 with a byte order mark, without which Excel reads Windows-1252.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Args:
        headings: the first line.
        rows: a cell for each heading; moments are written in UTC (RFC 3339).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> bytes:
    """A workbook of one sheet, its first line in bold, in sight and with filters.

    Text is text, whatever it begins with, and stays so where a cell is edited. There
    are no links and no formulas. Moments are in school time.

    Args:
        title: the sheet's name, at most 31 characters.
        headings: the first line.
        rows: a cell for each heading.
    """
    # Most commands write no workbook, and need not wait for the library.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    lines = [[_on_a_sheet(cell) for cell in row] for row in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings):
        longest = max((len(str(row[number] or "")) for row in lines), default=0)
        column = sheet.column_dimensions[get_column_letter(number + 1)]
        column.width = min(max(longest, len(heading)) + 2, _WIDEST)
    last = get_column_letter(len(headings))
    sheet.auto_filter.ref = f"A1:{last}{len(lines) + 1}"

    def cell_of(value: Cell, *, bold: bool = False) -> object:
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            # A text that begins with "=" is a formula to the library.
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(_FORMULA)
        elif isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
        elif isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        if bold:
            cell.font = Font(bold=True)
        return cell

    sheet.append([cell_of(heading, bold=True) for heading in headings])
    for row in lines:
        sheet.append([cell_of(value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _written(cell: object) -> object:
    if isinstance(cell, datetime):
        return clock.iso(cell)
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _on_a_sheet(cell: Cell) -> Cell:
    # A sheet knows no zones.
    if isinstance(cell, datetime):
        return cell.astimezone(clock.SCHOOL_ZONE).replace(tzinfo=None)
    return cell
