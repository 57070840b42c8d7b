"""Rows made into people, and the doubts about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.register.people import Child, Parent
from signer.register.rows import Reading, read_register

if TYPE_CHECKING:
    import random

HEADER = "parent_name,parent_email,relationship,child_name,year_group"


def read(*lines: str) -> Reading:
    return read_register("\n".join((HEADER, *lines)).encode())


def warnings(*lines: str) -> list[tuple[int, str]]:
    reading = read(*lines)
    assert reading.problems == ()
    return [(warning.line, warning.column) for warning in reading.warnings]


def test_rows_of_one_parent_merge_by_name_and_address() -> None:
    """Case matters neither in the name nor in the address."""
    reading = read(
        "Anna Bell,anna@families.example,mother,Oscar Bell,Year 7",
        "ANNA  BELL,Anna@Families.example,mother,Ida Bell,Year 4",
        "Anna Bell,anna@families.example,mother,Max Bell,Year 9",
    )
    assert reading.parents == (
        Parent(
            "Anna Bell",
            "anna@families.example",
            (
                (Child("Ida Bell", "Year 4"), "mother"),
                (Child("Max Bell", "Year 9"), "mother"),
                (Child("Oscar Bell", "Year 7"), "mother"),
            ),
        ),
    )
    assert [(w.line, w.column) for w in reading.warnings] == [(3, "parent_name")]


def test_two_parents_of_one_mailbox_stay_two() -> None:
    """People are told apart by name and address together."""
    reading = read(
        "Anna Bell,family@families.example,mother,Oscar Bell,Year 7",
        "Daniel Bell,family@families.example,father,Oscar Bell,Year 7",
    )
    assert [parent.name for parent in reading.parents] == ["Anna Bell", "Daniel Bell"]
    assert reading.warnings == ()


def test_one_name_at_two_addresses_is_two_people() -> None:
    """A name alone never joins rows; with one child it is worth a look."""
    reading = read(
        "Anna Bell,anna@families.example,mother,Oscar Bell,Year 7",
        "Anna Bell,bell@families.example,mother,Oscar Bell,Year 7",
    )
    assert len(reading.parents) == 2
    assert [(w.line, w.column) for w in reading.warnings] == [(3, "parent_email")]


def test_the_key_is_equal_for_one_person_alone() -> None:
    """Key: name without case and composition, address without case."""
    one = Parent("José Bell", "J@x.example", ())
    assert one.key == Parent("JOSE\u0301  BELL", "j@X.example", ()).key
    assert one.key != Parent("Jose Bell", "j@x.example", ()).key


def test_a_name_in_capitals_yields_to_one_that_is_not() -> None:
    """Of equally frequent spellings the one with capitals and small letters wins."""
    for other in ("ANNA BELL", "anna bell"):
        (parent,) = read(
            f"{other},anna@families.example,mother,Oscar Bell,Year 7",
            "Anna Bell,anna@families.example,mother,Ida Bell,Year 4",
        ).parents
        assert parent.name == "Anna Bell"


def test_a_repeated_row_is_warned_of_and_taken_once() -> None:
    """The later line is named; the child stands once."""
    row = "Anna Bell,anna@families.example,mother,Oscar Bell,Year 7"
    reading = read(row, row)
    assert [(w.line, w.column) for w in reading.warnings] == [(3, "child_name")]
    assert "line 2" in reading.warnings[0].what
    assert len(reading.parents[0].children) == 1


def test_two_year_groups_of_one_child_are_warned_of_and_the_higher_kept() -> None:
    """A child moves up, so the higher year group is the newer; 10 is over 9."""
    reading = read(
        "Anna Bell,anna@families.example,mother,Oscar Bell,Year 10",
        "Anna Bell,anna@families.example,mother,oscar bell,Year 9",
    )
    assert (3, "year_group") in [(w.line, w.column) for w in reading.warnings]
    ((child, _),) = reading.parents[0].children
    assert child == Child("Oscar Bell", "Year 10")


def test_two_year_groups_at_one_address_are_warned_of() -> None:
    """Two parents of one mailbox who disagree on a year are worth a look."""
    assert warnings(
        "Anna Bell,family@families.example,mother,Oscar Bell,Year 7",
        "Daniel Bell,family@families.example,father,Oscar Bell,Year 8",
    ) == [(3, "year_group")]


def test_near_names_at_one_address_are_warned_of() -> None:
    """Accents, spaces or a letter may make two people of one."""
    for near in ("Sióbhan O Brien", "Siobhan O'Brian", "Siobahn OBrien"):
        assert warnings(
            "Siobhan O'Brien,ob@families.example,mother,Niamh O'Brien,Year 5",
            f"{near},ob@families.example,mother,Sean O'Brien,Year 7",
        ) == [(3, "parent_name")]


@pytest.mark.parametrize(
    "other", ["Mrs Amina Yusuf", "Yusuf, Amina", "A Yusuf", "Aminà  Yusuf"]
)
def test_one_name_in_two_ways_at_one_address_is_warned_of(other: str) -> None:
    """A title, the words in another order, an initial, an accent."""
    assert warnings(
        "Amina Yusuf,amina@example.org,mother,Leyla Yusuf,Year 4",
        f'"{other}",amina@example.org,mother,Sami Yusuf,Year 7',
    ) == [(3, "parent_name")]


def test_one_identifier_belongs_to_one_parent() -> None:
    """Two parents with one, and one parent with two, are refused by line."""
    rows = (
        "Ann Bell,ann@x.example,mother,Oscar Bell,Year 7,P1",
        "Dan Bell,dan@x.example,father,Oscar Bell,Year 7,P1",
        "Ann Bell,ann@x.example,mother,Ida Bell,Year 4,P2",
        "Eve Hill,eve@x.example,mother,Joy Hill,Year 4,",
    )
    reading = read_register("\n".join((f"{HEADER},parent_id", *rows)).encode())
    assert [(p.line, p.column) for p in reading.problems] == [
        (3, "parent_id"),
        (4, "parent_id"),
    ]


def test_near_names_at_two_addresses_are_no_concern() -> None:
    """Names are compared within one address alone."""
    assert (
        warnings(
            "Anna Bell,a@families.example,mother,Oscar Bell,Year 7",
            "Anne Bell,b@families.example,mother,Oskar Bell,Year 8",
        )
        == []
    )


def test_near_names_of_children_are_warned_of() -> None:
    """One child under two spellings would stand twice on a declaration."""
    assert warnings(
        "Anna Bell,a@families.example,mother,Oscar Bell,Year 7",
        "Daniel Bell,a@families.example,father,Oskar Bell,Year 7",
    ) == [(3, "child_name")]


def test_two_families_may_each_have_a_child_of_one_name() -> None:
    """Each parent's child is spelled as that parent's row spells it; worth a look."""
    reading = read(
        "Fiona MacDonald,fiona@example.org,mother,Anna MacDonald,Year 4",
        "Ivan Macdonald,ivan@example.org,father,Anna Macdonald,Year 4",
    )
    assert [parent.children[0][0].name for parent in reading.parents] == [
        "Anna MacDonald",
        "Anna Macdonald",
    ]
    [warning] = reading.warnings
    assert (warning.line, warning.column) == (3, "child_name")
    assert "“Anna MacDonald” on line 2" in warning.what


def test_an_address_of_many_is_warned_of_once() -> None:
    """A placeholder address for everybody is one warning, not thousands."""
    rows = [f"Parent {i},all@x.example,carer,Child {i},Year 1" for i in range(50)]
    assert warnings(*rows) == [(51, "parent_email")]


names = st.sampled_from(["Anna Bell", "ANNA BELL", "anna bell", "Ann Bell", "Bo", "王"])
emails = st.sampled_from(["a@x.example", "A@x.example", "b@x.example"])
rows = st.tuples(
    names,
    emails,
    st.sampled_from(["mother", "Mother", "carer"]),
    st.sampled_from(["Oscar", "OSCAR", "Ida"]),
    st.sampled_from(["Year 7", "Year 10", "Reception"]),
).map(",".join)


@given(st.lists(rows, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order_of_rows(
    lines: list[str], chance: random.Random
) -> None:
    """The same rows in any order are the same people, with the same key each."""
    shuffled = list(lines)
    chance.shuffle(shuffled)
    one, other = read(*lines), read(*shuffled)
    assert one.parents == other.parents
    keys = [parent.key for parent in one.parents]
    assert len(keys) == len(set(keys))
    assert bool(one.warnings) == bool(other.warnings)


def test_who_has_no_address_is_named() -> None:
    """Once for each, with what it means; and the other row where there is one."""
    rows = (
        "Ann Lee,,mother,Bo Lee,Year 1",
        "Ann Lee,,mother,Cy Lee,Year 3",
        "Jo Fox,jo@example.org,father,Al Fox,Year 2",
        "Jo Fox,,father,Di Fox,Year 3",
    )
    reading = read_register("\n".join([HEADER, *rows]).encode())
    assert [(it.line, it.what.split(":")[0]) for it in reading.warnings] == [
        (2, "“Ann Lee” has no address"),
        (5, "“Jo Fox” has no address here, and one on line 4"),
    ]
    assert [(it.name, len(it.children)) for it in reading.parents] == [
        ("Ann Lee", 2),
        ("Jo Fox", 1),
        ("Jo Fox", 1),
    ]


def test_one_identifier_with_and_without_an_address_is_a_problem() -> None:
    """It is one person, and the address was left out."""
    rows = (
        "Jo Fox,jo@example.org,father,Al Fox,Year 2,P1",
        "Jo Fox,,father,Di Fox,Year 3,P1",
    )
    reading = read_register("\n".join([f"{HEADER},parent_id", *rows]).encode())
    [problem] = reading.problems
    assert (problem.line, problem.column) == (3, "parent_email")
