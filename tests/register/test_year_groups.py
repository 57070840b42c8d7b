"""Year groups, as schools and programs write them."""

from __future__ import annotations

import pytest

from signer.register.people import Child
from signer.register.rows import read_register
from signer.register.year_groups import usual_year_group, year_number


@pytest.mark.parametrize(
    ("usual", "ways"),
    [
        ("Year 7", "7|07|Y7|y 7|Yr 7|Yr. 7|yr7|Year 7|YEAR 07|NC Year 7|Year Group 7"),
        ("Year 7", "7B|Year 7B|Y7-B2|Year 7 (B)|National Curriculum Year 7"),
        ("Year 10", "10|Y10|Yr10|10R|Year 10"),
        ("Reception", "R|Rec|reception|Reception Year|YR|Year R|Year 0|FS2"),
        ("Nursery", "N|N1|N2|nursery|FS1|Foundation Stage 1"),
        ("Year 12", "12|Lower Sixth|L6|Lower 6th form"),
        ("Year 13", "Y13|Upper Sixth|U6th form|UVI"),
        ("Sixth form", "Sixth Form|6th Form|6th form"),
        # Not known to be one: as written.
        ("Year 15", "Year 15"),
        ("Primary 4", "Primary 4"),
        ("Class of 2031", "Class of 2031"),
        ("Owls", "Owls"),
        ("الصف السابع", "الصف السابع"),
    ],
)
def test_each_way_to_write_a_year_group_is_one(usual: str, ways: str) -> None:
    """And what is written as usual stays."""
    written = {way: usual_year_group(way) for way in ways.split("|")}
    assert written == dict.fromkeys(written, usual)
    assert usual_year_group(usual) == usual


def test_years_are_counted_from_reception() -> None:
    """So that a file tells who moved up."""
    ways = ("Nursery", "R", "Yr 1", "Year 10", "U6", "Sixth form", "Owls", "Primary 4")
    assert [year_number(way) for way in ways] == [-1, 0, 1, 10, 13, None, None, 4]


def test_a_row_keeps_what_it_has() -> None:
    """The year group as written, beside the usual way, and the tutor group."""
    file = (
        "parent_name,parent_email,relationship,child_name,year_group,tutor_group\n"
        "Ann Lee,ann@example.org,mother,Bo Lee,Yr 7,7 Oak\n"
        "Ann Lee,ann@example.org,mother,Cy Lee,Year 9,\n"
    )
    [ann] = read_register(file.encode()).parents
    assert [child for child, _ in ann.children] == [
        Child("Bo Lee", "Year 7", "7 Oak", "Yr 7"),
        Child("Cy Lee", "Year 9"),
    ]


def test_two_ways_to_write_one_year_group_are_no_contradiction() -> None:
    """One child in “7” and in “Year 7” is in one year group."""
    file = (
        "parent_name,parent_email,relationship,child_name,year_group\n"
        "Ann Lee,lee@example.org,mother,Bo Lee,7\n"
        "Dan Lee,lee@example.org,father,Bo Lee,Year 7\n"
    )
    assert read_register(file.encode()).warnings == ()
