"""A register file read whole: what is taken, and what is said of the rest."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.register.people import Child, Parent
from signer.register.rows import Problem, Reading, read_register

EXAMPLE = Path(__file__).parents[2] / "signer" / "register" / "example.csv"
HEADER = "parent_name,parent_email,relationship,child_name,year_group"
ROW = "Anna Bell,anna@families.example,mother,Oscar Bell,Year 7"
ANNA = Parent(
    "Anna Bell", "anna@families.example", ((Child("Oscar Bell", "Year 7"), "mother"),)
)


def read(*lines: str) -> Reading:
    return read_register("\n".join((HEADER, *lines)).encode())


def only_problem(reading: Reading) -> Problem:
    assert reading.parents == ()
    assert len(reading.problems) == 1, [p.sentence() for p in reading.problems]
    return reading.problems[0]


def test_one_row_is_one_parent_with_one_child() -> None:
    """The smallest register names one parent and one child."""
    assert read(ROW) == Reading((ANNA,), (), (), 1)


def test_the_example_register_is_clean() -> None:
    """The example has no problem and no warning, and holds the cases it should."""
    reading = read_register(EXAMPLE.read_bytes())
    assert (reading.problems, reading.warnings, reading.rows) == ((), (), 10)
    emails = [parent.email for parent in reading.parents]
    assert len(emails) == 9
    assert len(set(emails)) == 8
    assert max(len(parent.children) for parent in reading.parents) == 2


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_excel_writes_is_read(mark: bytes, separator: str, end: str) -> None:
    """Byte order mark, separator and line ends are whatever the program chose."""
    text = end.join((HEADER, ROW, "")).replace(",", separator)
    assert read_register(mark + text.encode()).parents == (ANNA,)


def test_excels_line_that_names_the_separator_is_read() -> None:
    """A first line such as ``sep=;`` is obeyed, and lines still count from it."""
    text = "sep=;\n" + HEADER.replace(",", ";") + "\n" + ROW.replace(",", ";")
    assert read_register(text.encode()).parents == (ANNA,)
    problem = only_problem(read_register((text + "\n;a@b.example;c;d;e").encode()))
    assert (problem.line, problem.column) == (4, "parent_name")


def test_headings_may_differ_in_case_spaces_and_order() -> None:
    """Headings as people type them are understood, wherever they stand."""
    text = (
        "Year Group , CHILD NAME,parent-email,Relationship,Parent Name\n"
        "Year 7,Oscar Bell,anna@families.example,mother,Anna Bell\n"
    )
    assert read_register(text.encode()).parents == (ANNA,)


def test_empty_columns_and_lines_are_passed_over() -> None:
    """Blank lines and nameless empty columns, as spreadsheets leave, do no harm."""
    text = f"\n{HEADER},,\n\n{ROW},,\n,,,,,,\n"
    reading = read_register(text.encode())
    assert (reading.parents, reading.rows) == ((ANNA,), 1)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        ("\u00a0".encode(), "empty"),
        (f"{HEADER}\n{ROW}".encode("utf-16"), "UTF-16"),
        (f"{HEADER}\n{ROW}".encode("utf-16-le"), "UTF-16"),
        (f"{HEADER}\n{ROW}".encode("utf-32"), "UTF-32"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_another_kind_of_file_is_named(raw: bytes, words: str) -> None:
    """A file that is no CSV in UTF-8 is refused as what it is."""
    problem = only_problem(read_register(raw))
    assert problem.line == 1
    assert words in problem.what


def test_windows_1252_is_reported_at_its_cell() -> None:
    """A byte that is not UTF-8 is named with line, column, likely words and remedy."""
    raw = f"{HEADER}\n{ROW}\n{ROW.replace('Oscar', 'Zoë')}".encode("cp1252")
    problem = only_problem(read_register(raw))
    assert (problem.line, problem.column) == (3, "child_name")
    assert "EB" in problem.what
    assert "Zoë Bell" in problem.what
    assert "CSV UTF-8" in problem.remedy


def test_a_letter_lost_earlier_is_reported() -> None:
    """A replacement character means that a name was already damaged."""
    problem = only_problem(read(ROW.replace("Oscar", "Zo\ufffd")))
    assert (problem.line, problem.column) == (2, "child_name")


@pytest.mark.parametrize(
    ("header", "column", "words"),
    [
        (HEADER.replace(",year_group", ""), "year_group", "missing"),
        (f"{HEADER},child_name", "child_name", "twice"),
        (f"{HEADER},date_of_birth", "“date_of_birth”", "not a column"),
        ("name;mail", "", "does not name"),
        (ROW, "", "does not name"),
        (
            "parent_name,parent_email,x;relationship;year_group",
            "",
            "commas and semicolons",
        ),
    ],
)
def test_a_header_that_cannot_be_used_is_explained(
    header: str, column: str, words: str
) -> None:
    """Columns missing, twice, unknown or not told apart are named."""
    problem = only_problem(read_register(f"{header}\n{ROW}".encode()))
    assert (problem.line, problem.column) == (1, column)
    assert words in problem.what


def test_a_register_of_nobody_is_refused() -> None:
    """A header alone would make everybody a leaver, so it is a problem."""
    assert "nobody" in only_problem(read()).what


@pytest.mark.parametrize("position", [0, 2, 3, 4])
def test_an_empty_cell_is_reported_with_its_column(position: int) -> None:
    """Each of the five cells is needed, but for the address."""
    cells = ROW.split(",")
    cells[position] = "  "
    problem = only_problem(read(ROW, ",".join(cells)))
    assert (problem.line, problem.column) == (3, HEADER.split(",")[position])


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("sign", ["=1+1", "+44", "-1", "@SUM", " =1", "\t1", "\uff1d1"])
def test_a_formula_is_refused_in_every_column(position: int, sign: str) -> None:
    """No cell may start a formula in whatever opens the register later."""
    cells = ROW.split(",")
    cells[position] = sign
    problem = only_problem(read(",".join(cells)))
    assert (problem.line, problem.column) == (2, HEADER.split(",")[position])
    # What is no address is told so: a telephone number is no formula.
    assert "formula" in problem.what or (position == 1 and "address" in problem.remedy)


def test_a_row_too_short_or_too_long_is_reported() -> None:
    """Cells and headings must match in number."""
    reading = read("Anna Bell,anna@families.example", f"Bell, {ROW}")
    assert [(p.line, p.column) for p in reading.problems] == [
        (2, "relationship"),
        (3, ""),
    ]


def test_a_cell_under_no_heading_is_reported() -> None:
    """Words in a nameless column would be lost, so they are a problem."""
    problem = only_problem(read_register(f"{HEADER},\n{ROW},note".encode()))
    assert "“note”" in problem.what


@pytest.mark.parametrize(
    ("character", "words"),
    [("\u202e", "reading direction"), ("\u2066", "reading"), ("\x07", "printed")],
)
def test_hidden_characters_in_names_are_refused(character: str, words: str) -> None:
    """What cannot be printed, or turns a name around, is named by its code."""
    problem = only_problem(read(ROW.replace("Oscar", f"Os{character}car")))
    assert (problem.line, problem.column) == (2, "child_name")
    assert words in problem.what
    assert f"U+{ord(character):04X}" in problem.what
    assert character not in problem.sentence()


@pytest.mark.parametrize("name", ["X", "W" * 200, "O'Brien", "王", "ليلى", "🙂 Smith"])
def test_names_of_all_kinds_are_taken_as_written(name: str) -> None:
    """One letter or two hundred, any script, and emoji."""
    (parent,) = read(ROW.replace("Anna Bell", name)).parents
    assert parent.name == name


def test_a_name_of_201_characters_is_refused() -> None:
    """Over the limit is a problem that names the limit."""
    problem = only_problem(read(ROW.replace("Anna Bell", "W" * 201)))
    assert "200" in problem.what


def test_line_numbers_are_physical_lines() -> None:
    """A quoted cell over several lines moves later lines on, and is one row."""
    reading = read(
        '"Anna\nLouise\nBell",anna@families.example,mother,Oscar Bell,Year 7',
        ROW.replace("Year 7", ""),
    )
    assert [(p.line, p.column) for p in reading.problems] == [(5, "year_group")]


def test_a_quotation_mark_left_open_is_reported_where_it_opens() -> None:
    """The rest of the file is read all the same, as far as it can be."""
    reading = read(ROW, f'"{ROW}', ROW, '"Anna"Bell,a@b.example', ROW.replace("7", ""))
    assert [p.line for p in reading.problems] == [3]
    assert "quotation mark" in reading.problems[0].what


def test_a_cell_without_end_is_reported() -> None:
    """A cell of hundreds of thousands of characters is a problem, not a crash."""
    problem = only_problem(read(ROW, "x" * 200_000, ROW))
    assert (problem.line, problem.what) == (3, "a cell is far too long")


def test_every_problem_is_reported_at_once() -> None:
    """One reading lists all that is wrong, in the order of the file."""
    reading = read("=A,no,mother,Oscar,Year 7", ROW, ",x@y.example,mother,Oscar,Year 7")
    assert [(p.line, p.column) for p in reading.problems] == [
        (2, "parent_name"),
        (2, "parent_email"),
        (4, "parent_name"),
    ]
    assert reading.rows == 3


def test_a_problem_is_worded_with_place_and_remedy() -> None:
    """A sentence says where, what and what to do."""
    problem = only_problem(read(ROW.replace("Year 7", "")))
    assert (
        problem.sentence()
        == "Line 2, year_group: the cell is empty. Fill it in, or remove the row."
    )


def test_progress_reaches_the_end() -> None:
    """Progress counts lines and ends with all of them."""
    told: list[tuple[int, int]] = []
    raw = "\n".join([HEADER, *[ROW] * 1200]).encode()
    read_register(raw, progress=lambda done, total: told.append((done, total)))
    assert told == [(501, 1201), (1001, 1201), (1201, 1201)]


@pytest.mark.parametrize("families", [5_000, 1], ids=["usual", "one address"])
def test_reading_takes_time_in_proportion_to_its_rows(families: int) -> None:
    """Eight times the rows, far less than 64 times the work, one address for all too.

    Processor time, each the least of three, and half of what squares would take.
    """

    def took(count: int) -> float:
        rows = [
            f"Parent {i}x{i},p{i % families}@families.example,carer,Child {i},Year 7"
            for i in range(count)
        ]
        raw = "\n".join([HEADER, *rows]).encode()
        times = []
        for _ in range(3):
            began = time.process_time()
            reading = read_register(raw)
            times.append(time.process_time() - began)
            assert len(reading.parents) == count
        return min(times)

    assert took(10_000) < 32 * took(1_250)


cells = st.text(st.sampled_from('ab=,;"\n\r\t @.é\u202e\x00'), max_size=6)
wild = st.lists(st.lists(cells, max_size=7).map(",".join), max_size=8)


@given(lines=wild, tail=st.binary(max_size=12))
def test_every_reported_line_exists(lines: list[str], tail: bytes) -> None:
    """Whatever a file holds, it is read without a crash and lines are real."""
    raw = "\n".join([HEADER, ROW, *lines]).encode() + tail
    reading = read_register(raw)
    last = len(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    for problem in (*reading.problems, *reading.warnings):
        assert 1 <= problem.line <= last
        assert problem.what
        assert problem.sentence().isprintable()
    assert not (reading.parents and reading.problems)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reading(raw: bytes) -> None:
    """Bytes of any kind give parents or problems."""
    reading = read_register(raw)
    assert bool(reading.parents) != bool(reading.problems)


@pytest.mark.parametrize("before", ["", "sep=,\n"])
@pytest.mark.parametrize("opening", ["", '"'])
def test_a_heading_that_is_far_too_long_is_a_problem(before: str, opening: str) -> None:
    """More than a cell may hold; on the first line, or after a mark never closed."""
    long = "x" * 200_000
    for header in (f"{opening}{long},{HEADER}\n", f"{HEADER},{opening}{long}\n"):
        [problem] = read_register(f"{before}{header}".encode()).problems
        assert "far too long" in problem.what
    opened = f"{before}{HEADER},{opening}\n{long}\n"
    assert read_register(opened.encode()).problems
