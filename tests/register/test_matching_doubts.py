"""Who might be taken for somebody else is asked about, and so is who might be doubled.

A wrong guess shows a parent's declarations to somebody else.
"""

from __future__ import annotations

import pytest

from signer.register import matching
from signer.register.evidence import Evidence, weigh
from signer.register.matching import (
    MOST_SHARING,
    Answers,
    Matching,
    Verdict,
    match_people,
)
from signer.register.people import Child, Known, Parent


def person(  # noqa: PLR0917 - a row of the file
    name: str,
    email: str,
    role: str = "mother",
    child: str = "Zara Khan",
    year: str = "Year 4",
    identifier: str = "",
) -> Parent:
    return Parent(name, email, ((Child(child, year), role),), identifier)


def match(before: Parent, after: Parent) -> Matching:
    return match_people([after], [Known(1, before)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A husband and his wife, each with a mailbox, and at one.
        (
            person("Mr A Khan", "adam@x.uk", "father"),
            person("Mrs A Khan", "aisha@x.uk", "mother"),
        ),
        (
            person("Mr J Kay", "kay@x.uk", "father"),
            person("Mrs J Kay", "kay@x.uk", "mother"),
        ),
        (
            person("Mr J Kay", "kay@x.uk", "parent"),
            person("Ms J Kay", "kay@x.uk", "parent"),
        ),
        (
            person("Mr J Kay", "kay@x.uk", "parent", identifier="5"),
            person("Ms J Kay", "kay@x.uk", "parent", identifier="5"),
        ),
        # No title at all; and one for the one alone.
        (
            person("A Khan", "adam@x.uk", "father"),
            person("A Khan", "aisha@x.uk", "mother"),
        ),
        (
            person("A Khan", "adam@x.uk", "parent"),
            person("A Khan", "aisha@x.uk", "parent"),
        ),
        (
            person("A Khan", "khan@x.uk", "parent"),
            person("Mrs A Khan", "khan@x.uk", "parent"),
        ),
        (
            person("Mr A Khan", "khan@x.uk", "carer", child="Zara Khan"),
            person("A Khan", "khan@x.uk", "mother", child="Omar Khan"),
        ),
        (
            person("Robin Khan", "robin@x.uk", "mother"),
            person("Robin Khan", "robin@y.uk", "aunt"),
        ),
        # A number given to another parent of the child.
        (
            person("Anna Bell", "a@x.uk", "mother", identifier="17"),
            person("Tom Carr", "t@y.uk", "father", identifier="17"),
        ),
        # Another family of the same names.
        (
            person("Fatima Khan", "f1@x.uk", child="Ali Khan", year="Year 9"),
            person("Fatima Khan", "f2@y.uk", child="Ali Khan", year="Year 7"),
        ),
        (
            person("Fatima Khan", "f1@x.uk", child="Ali Khan", year="Year 5"),
            person("Fatima Khan", "f2@y.uk", child="Ali Khan", year="Year 7"),
        ),
        (
            person("Fatima Khan", "f1@x.uk", child="Ali Khan", year="Oak"),
            person("Fatima Khan", "f2@y.uk", child="Ali Khan", year="Elm"),
        ),
        # One person, numbered anew or with another name and address.
        (
            person("Anna O'Brien", "a@x.uk", identifier="55"),
            person("Mrs Anna O'Brien", "a@x.uk", identifier="P-901"),
        ),
        (
            person("Dave Lee", "d@x.uk", "Father"),
            person("David Lee", "d@y.uk", "Dad"),
        ),
        (
            person("Sarah Lee", "s@x.uk", "mother"),
            person("Mrs S Jones", "s@y.uk", "Mum"),
        ),
        (
            person("Sarah Lee", "s@x.uk", "mother", identifier="55"),
            person("Mrs S Jones", "s@y.uk", "mother", identifier="P-901"),
        ),
    ],
)
def test_who_may_be_another_is_asked_about(before: Parent, after: Parent) -> None:
    """Neither made one with somebody else, nor made two in silence."""
    for one, other in ((before, after), (after, before)):
        result = match(one, other)
        assert [question.known.id for question in result.questions] == [1]
        assert (result.matches, result.gone) == ([], [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            person("Jo Kay", "kay@x.uk", "Mum"),
            person("Mrs Jo Kay", "kay@x.uk", "mother"),
        ),
        (
            person("J Kay", "kay@x.uk", "mother"),
            person("Kay, Mrs J", "kay@x.uk", "mother"),
        ),
        (
            person("Jo Kay", "jo@x.uk", "Step-Dad", year="Reception"),
            person("Mr Jo Kay", "jo@y.uk", "stepfather", year="Year 1"),
        ),
        (
            person("Jo Kay", "jo@x.uk", year="7B"),
            person("Miss Jo Kay", "jo@y.uk", year="8A"),
        ),
        (
            person("Anna O'Brien", "a@x.uk", identifier="00123"),
            person("Mrs Anna O'Brien", "a@x.uk", identifier="123"),
        ),
        (
            person("王小明", "a@x.uk", "mother"),
            person("王 小明", "a@y.uk", "mother"),
        ),
    ],
)
def test_a_usual_export_asks_nothing(before: Parent, after: Parent) -> None:
    """Titles, words for one relationship, another year, zeros that Excel took away."""
    [found] = match(before, after).matches
    assert found.verdict is Verdict.CORRECTED


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (
            person("Mr A Khan", "adam@x.uk", "father"),
            person("Mrs A Khan", "aisha@x.uk", "mother"),
            (
                "the name and the child Zara Khan are the same; the address is not; "
                "their titles or relationships contradict each other"
            ),
        ),
        (
            person("Fatima Khan", "f1@x.uk", year="Year 9"),
            person("Fatima Khan", "f2@y.uk", year="Year 7"),
            (
                "the name and the child Zara Khan are the same; the address and the "
                "year group are not"
            ),
        ),
        (
            person("Dave Lee", "d@x.uk", "Father"),
            person("Dav Lee", "d@y.uk", "Dad"),
            (
                "the child Zara Khan is the same; the name is nearly the same; "
                "the address is not"
            ),
        ),
        (
            person("Ann Lee", "a@x.uk", child="Eva Lee", identifier="1"),
            person("Bo Hill", "b@x.uk", child="Max Hill", identifier="1"),
            (
                "the identifier is the same; the address, the name and the children "
                "are not"
            ),
        ),
    ],
)
def test_a_question_says_what_is_the_same_and_what_is_not(
    before: Parent, after: Parent, why: str
) -> None:
    """So that the office need not compare the two sides itself."""
    [question] = match(before, after).questions
    assert question.why == why


def test_a_mother_and_a_father_are_two() -> None:
    """Whatever the words for them are."""
    result = match(
        person("Ann Lee", "a@x.uk", "Mummy"), person("Dan Lee", "b@x.uk", "Step-Dad")
    )
    assert [one.verdict for one in result.matches] == [Verdict.NEW]


@pytest.mark.parametrize("identifier", ["", "P1"])
def test_a_return_to_an_address_of_before_is_a_question(identifier: str) -> None:
    """The office may have corrected it by hand, and an old export has it still."""
    known = person("Ann Lee", "right@x.uk", identifier=identifier)
    file = person("Ann Lee", "Wrong@x.uk", identifier=identifier)
    result = match_people([file], [Known(1, known, former=frozenset({"wrong@x.uk"}))])
    [question] = result.questions
    assert question.why.endswith(
        "the address is one that they had before. If it is out of date, correct the "
        "file: a yes moves them back to it"
    )


def test_who_had_left_is_asked_about_at_another_address() -> None:
    """The year group is one of long ago."""
    known = Known(1, person("Fatima Khan", "f1@x.uk"), active=False)
    [question] = match_people([person("Fatima Khan", "f2@y.uk")], [known]).questions
    assert question.why.endswith("; they had left")


def test_an_identifier_weighs_more_than_name_and_address() -> None:
    """Two Ann Bells, and the first one now has the address that was the second's."""
    first = person("Ann Bell", "1@x.uk", child="Mia Bell", identifier="1")
    second = person("Ann Bell", "2@x.uk", child="Leo Bell", identifier="2")
    file = [
        person("Ann Bell", "2@x.uk", child="Mia Bell", identifier="1"),
        person("Ann Bell", "3@x.uk", child="Leo Bell", identifier="2"),
    ]
    result = match_people(file, [Known(1, first), Known(2, second)])
    assert [
        (one.person.email, one.known and one.known.id, one.verdict)
        for one in result.matches
    ] == [("2@x.uk", 1, Verdict.CORRECTED), ("3@x.uk", 2, Verdict.CORRECTED)]


def test_numbers_given_anew_part_nobody_from_name_and_address() -> None:
    """Another system has given the number of a stranger."""
    first = person("Ann Bell", "1@x.uk", child="Mia Bell", identifier="1")
    second = person("Bo Hill", "2@x.uk", child="Leo Hill", identifier="2")
    file = [
        person("Ann Bell", "1@x.uk", child="Mia Bell", identifier="2"),
        person("Bo Hill", "2@x.uk", child="Leo Hill", identifier="1"),
    ]
    result = match_people(file, [Known(1, first), Known(2, second)])
    assert [one.known and one.known.id for one in result.matches] == [1, 2]
    assert result.questions == []


def test_two_who_are_said_to_be_one_record_stay_questions() -> None:
    """An answer for each, of which only one can be: neither is taken."""
    known = [Known(1, person("Ann Lee", "a@x.uk"))]
    file = [person("Ann Hill", "a@x.uk"), person("Ann Moor", "a@x.uk")]
    asked = match_people(file, known).questions
    same = Answers(same=frozenset(question.code for question in asked))
    assert match_people(file, known, same).questions == asked


def test_an_address_of_very_many_makes_no_questions() -> None:
    """Everybody at the school's own address is no family; a child in common counts."""
    many = MOST_SHARING + 1
    known = [
        Known(at, person(f"Parent {chr(97 + at) * 3}", "office@x.uk", child=f"C {at}"))
        for at in range(many)
    ]
    file = [person("Bo Hill", "office@x.uk", child="Max Hill")]
    assert match_people(file, known).questions == []
    assert len(match_people(file, known[1:]).questions) == MOST_SHARING
    married = [person("Ann Hill", "office@x.uk", child="C 3")]
    assert [one.known.id for one in match_people(married, known).questions] == [3]


def test_many_parents_at_one_address_are_compared_each_with_its_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not each with every other one, when all are written in another way."""
    compared = []

    def counted(file: Parent, known: Known) -> Evidence:
        compared.append(known.id)
        return weigh(file, known)

    monkeypatch.setattr(matching, "weigh", counted)
    names = [f"Parent {chr(97 + a)}{chr(97 + b)}x" for a in range(10) for b in range(9)]
    known = [
        Known(at, person(name, "office@x.uk", child=f"Child {name}"))
        for at, name in enumerate(names)
    ]
    file = [person(f"Mrs {one.person.name}", "office@x.uk") for one in known]
    assert len(match_people(file, known).matches) == len(names)
    assert len(compared) <= 3 * len(names)
