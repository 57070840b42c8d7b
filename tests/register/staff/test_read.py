"""Reading the list of teachers."""

from __future__ import annotations

import pytest

from signer.register.staff.read import read_staff


def people(text: str) -> list[tuple[str, str]]:
    reading = read_staff(text.encode())
    assert reading.problems == ()
    return [(one.name, one.email) for one in reading.teachers]


@pytest.mark.parametrize(
    "text",
    [
        "name,email\nJo Field,jo@school.example\n",
        "\ufeffEmail Address;Full Name\r\njo@school.example;Jo Field\r\n",
        "First name\tLast name\tWork email\nJo\tField\tjo@school.example",
        'Role,Surname,Forename,E-mail\n"Head, sixth form",Field,Jo,jo@school.example\n',
        "\n\nname,email\n\n  Jo   Field , jo@school.example \n,\n",
    ],
)
def test_names_and_addresses_are_found_by_the_headings(text: str) -> None:
    """Whatever stands beside them is passed over."""
    assert people(text) == [("Jo Field", "jo@school.example")]


def test_a_row_that_stands_twice_is_one_teacher() -> None:
    """Another name at the same address is asked about."""
    row = "Jo Field,jo@school.example\n"
    assert len(people(f"name,email\n{row}{row.upper()}")) == 1


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "Line 1: the file is empty"),
        (b"name,email\n", "Line 1: the file names nobody."),
        (b"name\nJo\n", "Line 1: this line does not name the columns."),
        (b"name,teacher,email\n", "Line 1: two columns mean the same."),
        (b"name,email\nJo,\n", "Line 2, email: the cell is empty."),
        (b"name,email\nJo,jo at school\n", "Line 2, email: there is a space"),
        (b"name,email\n\n.,jo@school.example\n", "Line 3, name: the cell holds no"),
        (b"name,email\n\xff,jo@school.example\n", "Line 2: "),
        (b"name,email\nJo\xe2\x80\xae,jo@school.example\n", "Line 2, name: "),
        (b'name,email\n"Jo,jo@school.example\n', "Line 2: a cell is too long"),
        (b"PK\x03\x04", "Line 1: the file is a workbook"),
        (
            b"name,email\nJo,jo@s.example\nAl,JO@s.example\n",
            "Line 3, email: “JO@s.example” is that of “Jo” in line 2",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line(raw: bytes, sentence: str) -> None:
    """And nobody is taken from such a file."""
    reading = read_staff(raw)
    assert reading.teachers == ()
    (problem,) = reading.problems
    assert problem.sentence().startswith(sentence)
