"""A register in a workbook: what is read, and what is refused before it is."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from signer.register.file.template import HEADINGS, empty_workbook
from signer.register.file.workbook import letters_of
from signer.register.people import Child, Parent
from signer.register.rows import Reading, read_register

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = ("Parent name", "Parent email", "Relationship", "Child name", "Year")
ROW = ("Zoë Bell", "anna@families.example", "mother", "Oscar Bell", 7)
ZOE = Parent(
    "Zoë Bell",
    "anna@families.example",
    ((Child("Oscar Bell", "Year 7", "", "7"), "mother"),),
)


def book_of(*rows: tuple[object, ...], title: str = "Parents") -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book


def saved(book: Workbook) -> bytes:
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def read(*rows: tuple[object, ...]) -> Reading:
    return read_register(saved(book_of(*rows)))


def sentences(reading: Reading) -> list[str]:
    assert reading.parents == ()
    return [problem.sentence() for problem in reading.problems]


def altered(raw: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part changed, as no program writes it."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            content = old.read(name)
            archive.writestr(name, change(content) if name == part else content)
    return new.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_as_a_csv_file_is() -> None:
    """Numbers are what their cells show; empty rows and columns do no harm."""
    rows = (HEADER, (), ROW, ("Dan Lee", "d@example.org", "father", "Bo Lee", 9.0))
    reading = read(*rows)
    assert (reading.problems, reading.warnings, reading.rows) == ((), (), 2)
    assert reading.parents[1] == ZOE
    assert reading.parents[0].children[0][0].year_group == "Year 9"


def test_a_mistake_names_sheet_and_cell() -> None:
    """As Excel shows them; a row where no cell is meant."""
    bad = ("Anna Bell", "anna.example", "mother", "", 7)
    address, empty = sentences(read(HEADER, ROW, bad))
    assert address == (
        "Sheet “Parents”, cell B3, parent_email: an email address has one @: "
        "“anna.example”. Write one address, such as name@example.org."
    )
    assert empty.startswith("Sheet “Parents”, cell D3, child_name: the cell is empty")
    [unknown] = sentences(read((*HEADER, "UPN"), ROW))
    assert unknown.startswith("Sheet “Parents”, row 1, “UPN”: this is not a column")
    [doubt] = read(HEADER, ("Anna & Dan Bell", *ROW[1:])).warnings
    assert doubt.sentence().startswith("Sheet “Parents”, cell A2, parent_name: ")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=A1", "holds a formula"),
        (date(2026, 8, 7), "made a date or time of this cell: 2026-08-07"),
        ("#N/A", "holds the error “#N/A”"),
    ],
)
def test_what_is_no_text_is_named(value: object, words: str) -> None:
    """A formula, a date and an error are nobody's year group; elsewhere they are."""
    [sentence] = sentences(read(HEADER, (*ROW[:4], value)))
    assert sentence.startswith("Sheet “Parents”, cell E2, year_group: ")
    assert words in sentence
    said = {"notes": "ignore"}
    raw = saved(book_of((*HEADER, "Notes"), (*ROW, value)))
    assert read_register(raw, columns=said).problems == ()


def test_every_bad_cell_of_a_row_is_named() -> None:
    """Once each: those that are no text, and those whose text does not fit."""
    bad = ("=A1", "anna.example", "mother", "Oscar Bell", date(2026, 8, 7))
    formula, day, address = sentences(read(HEADER, bad, ROW))
    assert formula.startswith("Sheet “Parents”, cell A2, parent_name: ")
    assert "holds a formula" in formula
    assert day.startswith("Sheet “Parents”, cell E2, year_group: Excel has made")
    assert address.startswith("Sheet “Parents”, cell B2, parent_email: ")
    divided = ("Parent forename", "Parent surname", *HEADER[1:])
    [one] = sentences(read(divided, ("=A1", "Bell", *ROW[1:])))
    assert "cell A2" in one


def test_merged_cells_are_found() -> None:
    """The second row of one is empty, and the remedy says why."""
    book = book_of(HEADER, ROW, ("", "", "", "Mia Bell", 9))
    book.worksheets[0].merge_cells("A2:A3")
    first, *_ = sentences(read_register(saved(book)))
    assert "cell A3" in first
    assert "merged" in first


def test_the_sheet_that_names_the_columns_is_read() -> None:
    """Another one is named; two that do cannot be told apart."""
    book = book_of(("See the other sheet",), title="Read me")
    sheet = book.create_sheet("Year 7")
    for row in (HEADER, ROW):
        sheet.append(row)
    book.create_sheet("Empty")
    reading = read_register(saved(book))
    assert reading.parents == (ZOE,)
    [unread] = reading.warnings
    assert unread.sentence().startswith("Sheet “Read me”, row 1: this sheet was not")
    book.create_sheet("Year 8").append(HEADER)
    [problem] = read_register(saved(book)).problems
    assert "“Year 7” and “Year 8” each name the columns" in problem.what


def test_an_empty_workbook_can_be_filled_in() -> None:
    """Its headings are known, and its cells are text."""
    raw = empty_workbook()
    [problem] = read_register(raw).problems
    assert "nobody under them" in problem.what
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw))
    sheet = book.worksheets[0]
    cells = ("Bo Lee", "7", "7B", "Ann Lee", "ann@example.org", "mother", "0017")
    sheet.append((*cells, *[None] * (len(HEADINGS) - len(cells))))
    reading = read_register(saved(book))
    assert reading.problems == ()
    assert [(it.name, it.identifier) for it in reading.parents] == [("Ann Lee", "0017")]


def test_letters_are_those_of_the_sheet() -> None:
    """A to Z, and on with two."""
    assert [letters_of(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]


def zip_of(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return raw.getvalue()


BOOK = "xl/workbook.xml"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"PK\x03\x04rest of a workbook", "damaged"),
        (zip_of({"word/document.xml": b"<a/>"}), "not an Excel workbook"),
        (zip_of({BOOK: b"<a/>"}), "damaged"),
        (zip_of({BOOK: b"<a/>", "b": b" " * 20_000_001}), "more than 20 MB"),
        (zip_of({BOOK: b"<a/>", **{str(n): b"" for n in range(1000)}}), "unpacks"),
        (zip_of({BOOK: b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "no plain XML"),
        (zip_of({BOOK: "<a/>".encode("utf-16")}), "no plain XML"),
        (saved(book_of(HEADER, ROW))[:-200], "damaged"),
        (saved(Workbook()), "empty"),
    ],
)
def test_a_hostile_or_broken_workbook_is_refused(raw: bytes, words: str) -> None:
    """By what it would unpack to, before it is; whatever is broken is said to be."""
    [problem] = read_register(raw).problems
    assert words in problem.what


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # What a sheet says of its size is not asked.
        ((b'ref="A1:E2"', b'ref="A1:XFD1048576"'), ""),
        ((b'<row r="2"', b'<row r="99999999999"'), "more than 20000 rows"),
        ((b'r="E2"', b'r="XFD2"'), "more than 500 columns"),
    ],
)
def test_a_sheet_of_any_size_takes_no_time(
    change: tuple[bytes, bytes], words: str
) -> None:
    """Rows and columns that are far away are a problem, and nothing waits for them."""

    def changed(content: bytes) -> bytes:
        assert change[0] in content
        return content.replace(*change)

    raw = altered(saved(book_of(HEADER, ROW)), SHEET, changed)
    problems = read_register(raw).problems
    assert [words in problem.what for problem in problems] == ([True] if words else [])


GENUINE = saved(book_of(HEADER, ROW))


@settings(max_examples=40)
@given(at=st.integers(0, len(GENUINE) - 1), put=st.binary(min_size=1, max_size=4))
def test_no_bytes_crash_the_reading(at: int, put: bytes) -> None:
    """A workbook that was damaged anywhere gives parents or problems."""
    reading = read_register(GENUINE[:at] + put + GENUINE[at + len(put) :])
    assert bool(reading.parents) != bool(reading.problems)
