"""Lists as spreadsheets take them."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from signer.workflows.lists.spreadsheets import csv_of, xlsx_of

FORMULAS = [
    '=HYPERLINK("https://evil.example","Click")',
    "+44 20 7946 0000",
    "-1+1|cmd",
    "@SUM(A1)",
    "\uff1d1+1",
    "\t=1+1",
]
NAMES = ["Zoë Łukasz", "王小明", "O'Brien", "A=B", "#N/A", "", "0012"]
AT = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def test_csv_begins_with_a_byte_order_mark() -> None:
    """Without it Excel on Windows reads each accented letter as two others."""
    raw = csv_of(["Name"], [["Zoë"]])
    assert raw.startswith(codecs.BOM_UTF8)
    assert raw.decode("utf-8-sig") == "Name\nZoë\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_csv_is_a_formula(text: str) -> None:
    """An apostrophe stands before it; the rest is as it was."""
    raw = csv_of(["N"], [[text]])
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[1] == [f"'{text}"]


def test_other_text_is_left_alone_in_csv() -> None:
    """And so are numbers below nought, which no spreadsheet runs."""
    cells = [*NAMES, -3, None]
    rows = list(csv.reader(io.StringIO(csv_of(["N"], [cells]).decode("utf-8-sig"))))
    assert rows[1] == [*NAMES, "-3", ""]


def test_a_workbook_holds_text_as_text() -> None:
    """No formula, no error, no number made of text, and no link, whatever it says."""
    raw = xlsx_of("Parents", ["N"], [[text] for text in [*FORMULAS, *NAMES]])
    sheet = load_workbook(io.BytesIO(raw))["Parents"]
    cells = [sheet.cell(row=number, column=1) for number in range(2, sheet.max_row + 1)]
    assert [cell.value or "" for cell in cells] == [*FORMULAS, *NAMES]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    # Where somebody edits such a cell, it stays text as well.
    assert [bool(cell.quotePrefix) for cell in cells[: len(FORMULAS)]] == [
        True for _ in FORMULAS
    ]
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in page
    assert b"hyperlink" not in page.replace(b"HYPERLINK", b"")


def test_a_workbook_has_moments_in_school_time() -> None:
    """In summer that is an hour later than UTC; days are days."""
    raw = xlsx_of("Parents", ["At", "Day", "Count"], [[AT, date(2026, 7, 1), 3]])
    sheet = load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    first, second = sheet.iter_rows(values_only=True)
    assert first == ("At", "Day", "Count")
    assert second == (datetime(2026, 7, 1, 13, 30), datetime(2026, 7, 1), 3)  # noqa: DTZ001 - a sheet knows no zones
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C2"
