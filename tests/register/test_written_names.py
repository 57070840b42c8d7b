"""How a name is written best: in order, and with all that belongs to it."""

from __future__ import annotations

import pytest

from signer.register.rows import read_register
from signer.register.written_names import better_spelling, first_names_first

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Bell, Daniel", "Daniel Bell"),
        ("van der Berg,  Anna Maria", "Anna Maria van der Berg"),
        ("O'Brien, Mrs Siobhán", "Mrs Siobhán O'Brien"),
        ("Daniel Bell, MBE", "Daniel Bell, MBE"),
        ("Bell, Daniel, Jr.", "Bell, Daniel, Jr."),
        ("Oscar Bell, Mia Bell", "Oscar Bell, Mia Bell"),
        ("Bell,", "Bell,"),
        ("Daniel Bell", "Daniel Bell"),
    ],
)
def test_a_surname_that_stands_first_is_turned_round(written: str, said: str) -> None:
    """A suffix, two names and more than one comma are left as they are."""
    assert first_names_first(written) == said


@pytest.mark.parametrize(
    ("written", "registered", "kept"),
    [
        ("Zoe Nunez", "Zoë Núñez", "Zoë Núñez"),
        ("Juergen Soerensen", "Jürgen Sørensen", "Jürgen Sørensen"),
        ("Lukasz Gross", "Łukasz Groß", "Łukasz Groß"),
        ("Sean OBrien", "Sean O'Brien", "Sean O'Brien"),
        ("Sean O'Brien", "Sean O\u2019Brien", "Sean O\u2019Brien"),
        ("SEAN O'BRIEN", "Sean O'Brien", "Sean O'Brien"),
        ("anna bell", "Anna Bell", "Anna Bell"),
        ("Fiona Macdonald", "Fiona MacDonald", "Fiona MacDonald"),
        ("ZOE NUNEZ", "Zoë Núñez", "Zoë Núñez"),
        # What brings something is a correction, and so is what has other letters.
        ("Zoë Núñez", "Zoe Nunez", "Zoë Núñez"),
        ("Anna Bell", "ANNA BELL", "Anna Bell"),
        ("Anna Bell", "BELL Anna", "Anna Bell"),
        ("Mrs Anna Bell", "Anna Bell", "Mrs Anna Bell"),
        ("Ann Smith-Jones", "Ann Smith Jones", "Ann Smith-Jones"),
        ("Zoe Núñez", "Zoë Nunez", "Zoe Núñez"),
    ],
)
def test_a_spelling_that_only_lost_something_replaces_no_better_one(
    written: str, registered: str, kept: str
) -> None:
    """Accents, apostrophes and capitals are lost by programs, and not put there."""
    assert better_spelling(written, registered) == kept


def test_a_file_with_surnames_first_says_so_once() -> None:
    """Parent and child are turned; the office sees how, and is not asked by row."""
    rows = (
        '"Bell, Daniel",d@example.org,father,"Bell, Mia",Year 4\n'
        '"Bell, Anna",a@example.org,mother,"Bell, Mia",Year 4\n'
    )
    reading = read_register((HEADER + rows).encode())
    assert [parent.name for parent in reading.parents] == ["Anna Bell", "Daniel Bell"]
    assert {parent.children[0][0].name for parent in reading.parents} == {"Mia Bell"}
    assert [(doubt.column, doubt.line) for doubt in reading.warnings] == [
        *(("parent_name", 2), ("child_name", 2))
    ]
    assert "2 names had the surname first" in reading.warnings[0].what
    assert "“Daniel Bell”" in reading.warnings[0].what


def test_two_children_with_a_comma_between_need_a_look() -> None:
    """They are not one child called Mia Bell Oscar Bell."""
    row = 'Daniel Bell,d@example.org,father,"Oscar Bell, Mia Bell",Year 4\n'
    [doubt] = read_register((HEADER + row).encode()).warnings
    assert (doubt.column, "seems to be two people" in doubt.what) == (
        *("child_name", True),
    )
