"""Cells that an office would want to see before they are printed and sealed."""

from __future__ import annotations

import pytest

from signer.register.rows import Reading, read_register

PARENT, CHILD = "parent_name", "child_name"

HEADER = "parent_name,parent_email,relationship,child_name,year_group"


def read(*lines: str) -> Reading:
    return read_register("\n".join((HEADER, *lines)).encode())


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        (
            "Mr & Mrs Stone,b@x.org,parents,Rose Stone,Year 2",
            "parent_name",
            "two people",
        ),
        (
            "Bob Stone,b@x.org,father,Rose and Tom,Year 2",
            "child_name",
            "two people",
        ),
        (
            'Ann Hill,a@x.org,mother,"Eva Hill\nMax Hill",Year 3',
            "child_name",
            "several",
        ),
        ("'Sue Wood,s@x.org,mother,Kim Wood,Year 3", PARENT, "“Sue Wood”"),
        (
            "Zo\u00c3\u00ab Lane,z@x.org,mother,Ida Lane,Year 3",
            "parent_name",
            "“Zoë Lane”",
        ),
        ("Sean O&#39;Dea,s@x.org,father,Pat Dea,Year 3", PARENT, "“Sean O'Dea”"),
        ("Sean <b>Dea</b>,s@x.org,father,Pat Dea,Year 3", PARENT, "HTML"),
        ("Se?n Barr,s@x.org,father,Jo Barr,Year 3", PARENT, "lost a letter"),
        ("NULL,n@x.org,mother,Jo Null,Year 3", PARENT, "no name"),
        ("x@x.org,x@x.org,mother,Jo X,Year 3", PARENT, "an address"),
    ],
)
def test_a_cell_that_looks_wrong_is_worth_a_look(
    row: str, column: str, what: str
) -> None:
    """It is named with its kind, and holds up nothing."""
    reading = read(row)
    assert reading.problems == ()
    [warning] = reading.warnings
    assert (warning.line, warning.column) == (2, column)
    assert what in warning.sentence()


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Núñez",
        "Anderson Sandy",
        "Li Na",
        "Ötzi Ærø",
        "José d'Arc",
        "王小明",
        "Noné",
    ],
)
def test_a_name_is_no_doubt(name: str) -> None:
    """Letters of any language, and words that hold an "and"."""
    assert read(f"{name},a@x.org,mother,{name},Year 3").warnings == ()


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("Ann Smith,+447700900123,mother,Eva,Year 4", "an email address has one @"),
        ("-,ann@x.org,mother,Eva,Year 4", "the cell holds no name"),
        ("Ann,=a@x.org,mother,Eva,Year 4", "begins like a spreadsheet formula"),
    ],
)
def test_the_remedy_fits_the_cell(row: str, what: str) -> None:
    """A telephone number is no formula, and a dash is no name."""
    [problem] = read(row).problems
    assert what in problem.what


def test_a_heading_may_go_over_two_lines() -> None:
    """Excel writes it so after Alt+Enter; lines are counted as they are."""
    raw = '"parent\nname",parent_email,relationship,child_name,year_group\n'
    good = read_register(f"{raw}Amina,a@x.org,mother,Leyla,Year 4\n".encode())
    assert [parent.name for parent in good.parents] == ["Amina"]
    [problem] = read_register(f"{raw}Amina,x,mother,Leyla,Year 4\n".encode()).problems
    assert problem.line == 3
