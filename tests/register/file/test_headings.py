"""Columns of a register file, by the names that programs and people give them."""

from __future__ import annotations

import pytest

from signer.register.file.headings import column_of, folded
from signer.register.people import Child
from signer.register.rows import Reading, read_register


@pytest.mark.parametrize(
    ("column", "headings"),
    [
        ("parent_name", "Parent Name|PARENT_NAME|Carer name|Guardian's full name"),
        ("parent_name", "Parent/Carer Name|Parent 1 name|Parent1Name|Contact name"),
        ("parent_email", "Email|E-mail address|Guardian email|Parental e-mail"),
        ("parent_email", "ParentEmail|Primary contact email|parent 1 Email Address"),
        ("parent_2_email", "Parent 2 email|Email of Parent 2|2nd parent e-mail"),
        ("parent_2_name", "Second parent name|Parent2Name|Guardian 2 Name"),
        ("mother_name", "Mother's name|Mum name|Mother Name"),
        ("father_email", "Father\u2019s email|Dad Email|FatherEmail"),
        ("relationship", "Relationship|Relationship to child|Relation to pupil"),
        ("parent_2_relationship", "Parent 2 relationship|parent_2_relationship"),
        ("child_name", "Pupil name|Student|Child's Name|Pupil Full Name"),
        ("child_forename", "Pupil forename|Student First Name|Child given name"),
        ("child_surname", "Pupil surname|student last name|Child Family Name"),
        ("year_group", "Year|Year group|NC Year|Yr|School Year|Pupil year group"),
        ("tutor_group", "Tutor group|Form|Reg Group|Registration Form|Class"),
        ("parent_id", "Parent ID|Guardian identifier|Contact ID"),
        ("parent_title", "Parent title|Contact salutation"),
        # What may be something else is asked about.
        ("", "Name|Surname|Address|Home address|UPN|Date of birth|Mother|Year 7"),
        ("", "Pupil email|Parent 9 email|Tutor name|Parent mobile|Mother father name"),
    ],
)
def test_a_heading_is_known_by_its_many_names(column: str, headings: str) -> None:
    """In any case, with or without spaces; what is not sure is no guess."""
    known = {heading: column_of(heading, {}) for heading in headings.split("|")}
    assert known == dict.fromkeys(known, column)


def read(*lines: str, columns: dict[str, str] | None = None) -> Reading:
    return read_register("\n".join(lines).encode(), columns=columns or {})


def test_two_parents_stand_in_one_row() -> None:
    """Each is a parent of the child; whoever is not there is nobody."""
    reading = read(
        "Pupil Forename,Pupil Surname,Year,Form,Parent 1 Name,Parent 1 Email,"
        "Parent 1 Relationship,Parent 2 Name,Parent 2 Email,Parent 2 Relationship",
        "Oscar,Bell,7,7B,Anna Bell,anna@example.org,mother,"
        "Daniel Bell,daniel@example.org,father",
        "Mia,Hill,Yr 9,,Grace Hill,grace@example.org,mother,,,",
        "Bo,Lee,R,,,,,Dan Lee,dan@example.org,father",
    )
    assert (reading.problems, reading.warnings, reading.rows) == ((), (), 3)
    assert {parent.name: parent.children for parent in reading.parents} == {
        "Anna Bell": ((Child("Oscar Bell", "Year 7", "7B", "7"), "mother"),),
        "Daniel Bell": ((Child("Oscar Bell", "Year 7", "7B", "7"), "father"),),
        "Grace Hill": ((Child("Mia Hill", "Year 9", "", "Yr 9"), "mother"),),
        "Dan Lee": ((Child("Bo Lee", "Reception", "", "R"), "father"),),
    }


def test_a_heading_may_say_the_relationship() -> None:
    """Mother's and father's columns need none of their own."""
    reading = read(
        "Child name,Year,Mother's title,Mother's first name,Mother's surname,"
        "Mother's email,Father's name,Father's email",
        "Oscar Bell,7,Mrs,Anna,Bell,a@example.org,Daniel Bell,d@example.org",
    )
    assert reading.problems == ()
    assert [(it.name, it.children[0][1]) for it in reading.parents] == [
        *(("Daniel Bell", "father"), ("Mrs Anna Bell", "mother"))
    ]


def test_a_mistake_names_the_column_of_its_parent() -> None:
    """Problems and doubts of a second parent stand in that one's columns."""
    reading = read(
        "child_name,year_group,parent_name,parent_email,relationship,"
        "parent_2_name,parent_2_email,parent_2_relationship",
        "Oscar Bell,7,Anna Bell,anna@example.org,mother,Daniel Bell,dan.example,father",
        "Mia Hill,7,Grace Hill,grace@example.org,mother,Tom Hill,tom@example.org,",
        "Bo Lee,7,,,,,,",
    )
    assert [(it.line, it.column) for it in reading.problems] == [
        *((2, "parent_2_email"), (3, "parent_2_relationship")),
        *((4, "parent_name"), (4, "relationship")),
    ]
    reading = read(
        "child_name,year_group,parent_name,parent_email,relationship,"
        "parent_2_name,parent_2_email,parent_2_relationship",
        "Oscar Bell,7,Anna Bell,a@example.org,mother,D?niel Bell,d@example.org,father",
    )
    assert [it.column for it in reading.warnings] == ["parent_2_name"]


def test_half_a_parent_in_the_header_is_a_problem() -> None:
    """A second parent's name without an address can be asked nothing."""
    header = "child_name,year_group,parent_name,parent_email,relationship"
    row = "Oscar Bell,7,Anna Bell,a@example.org,mother,Daniel Bell"
    problems = read(f"{header},Parent 2 name", row).problems
    assert [it.column for it in problems] == [
        *("parent_2_email", "parent_2_relationship")
    ]


def test_a_heading_nobody_knows_may_be_the_column_that_is_missing() -> None:
    """What to type says so; where nothing is missing it is only left out."""
    row = "Anna Bell,a@example.org,mother,Oscar Bell,7"
    unknown, missing = read("Guardian,Email,Relation,Pupil,Year", row).problems
    assert "--column 'Guardian=parent_name'" in unknown.remedy
    assert "--column 'Guardian=ignore'" in unknown.remedy
    assert missing.column == "parent_name"
    [unknown] = read("Parent name,Email,Relation,Pupil,Year,Pa's", f"{row},H1").problems
    assert '--column "Pa\'s=ignore"' in unknown.remedy
    assert "=parent_name" not in unknown.remedy


def test_what_the_school_said_of_a_heading_holds() -> None:
    """A heading nobody knows is named with what to say; one that is said is taken."""
    lines = (
        "Name,UPN,Year,Contact Mail 1,Parent,Type",
        "Oscar Bell,H801,7,a@example.org,Anna Bell,mother",
    )
    unknown = read(*lines).problems
    assert [it.column for it in unknown][:2] == ["“Name”", "“UPN”"]
    assert "--column 'UPN=ignore'" in unknown[1].remedy
    said = {
        "Name": "child_name",
        "UPN": "ignore",
        "Contact  Mail 1": "parent_email",
        "PARENT": "parent_name",
        "Type": "relationship",
    }
    columns = {folded(heading): column for heading, column in said.items()}
    reading = read(*lines, columns=columns)
    assert reading.problems == ()
    assert [it.name for it in reading.parents] == ["Anna Bell"]
