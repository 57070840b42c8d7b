"""People of a file beside those of the register: same, corrected, new or in doubt."""

from __future__ import annotations

import pytest

from signer.register.matching import (
    NO_ANSWERS,
    Answers,
    Matching,
    Verdict,
    match_people,
)
from signer.register.people import Child, Known, Parent

EVA = "Eva O'Brien"


def person(
    name: str,
    email: str,
    *children: str,
    role: str = "mother",
    identifier: str = "",
) -> Parent:
    related = tuple((Child(child, "Year 4"), role) for child in children)
    return Parent(name, email, related, identifier)


def match(known: Parent, file: Parent, answers: Answers = NO_ANSWERS) -> Matching:
    return match_people([file], [Known(1, known)], answers)


def verdict(matching: Matching) -> str:
    if matching.questions:
        return "question"
    [found] = matching.matches
    return found.verdict


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Sean O'Brien", "Sean O\u2019Brien"),
        ("Ann Smith-Jones", "Ann Smith\u2013Jones"),
        ("Amina Yusuf", "Mrs Amina Yusuf"),
        ("Zoe Nunez", "Zoë Núñez"),
        ("Grace Hill", "Hill, Grace"),
    ],
)
def test_a_name_written_in_another_way_is_corrected(before: str, after: str) -> None:
    """Apostrophe, dash, title, accent, order and capitals make no second person."""
    matching = match(
        person(before, "a@example.org", EVA), person(after, "A@example.org", EVA)
    )
    assert verdict(matching) == Verdict.CORRECTED
    assert matching.gone == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("Zoë Núñez", "Zoe Nunez"), ("Jürgen Weiß", "JUERGEN WEISS")],
)
def test_what_only_lost_something_is_the_same(before: str, after: str) -> None:
    """The register has the better spelling, and capitals are no other address."""
    matching = match(
        person(before, "a@example.org", EVA), person(after, "A@example.org", EVA)
    )
    assert verdict(matching) == Verdict.SAME


@pytest.mark.parametrize(
    ("known", "file", "expected"),
    [
        # A new address.
        (person("Ann Lee", "a@x.org", EVA), person("Ann Lee", "b@x.org", EVA), "corr"),
        # The name alone may be another family's.
        (person("Ann Lee", "a@x.org", EVA), person("Ann Lee", "b@x.org", "B"), "quest"),
        # A marriage; or the other parent, at a shared address.
        (person("Ann Lee", "a@x.org", EVA), person("Ann Hill", "a@x.org", EVA), "ques"),
        (person("Ann Lee", "a@x.org", EVA), person("Bo Hill", "a@x.org", "B"), "quest"),
        # A slip of the pen, and a marriage, with a new address.
        (person("Ann Leigh", "a@x.org", EVA), person("Ann Liegh", "b@x.org", EVA), "q"),
        (person("Ann Lee", "a@x.org", EVA), person("Ann Hill", "b@x.org", EVA), "ques"),
        # The other parent of a child.
        (
            person("Ann Lee", "a@x.org", EVA),
            person("Dan Lee", "b@x.org", EVA, role="father"),
            "new",
        ),
        # A marriage to the letter, or somebody else who cares for the child.
        (person("Ann Lee", "a@x.org", EVA), person("Bo Hill", "b@x.org", EVA), "quest"),
        (person("Ann Lee", "a@x.org", EVA), person("Bo Hill", "b@x.org", "B"), "new"),
    ],
)
def test_what_is_not_sure_is_a_question(
    known: Parent, file: Parent, expected: str
) -> None:
    """Two pieces of evidence make one person; one of them is a question."""
    assert verdict(match(known, file)).startswith(expected)


def test_an_identifier_keeps_a_person_through_name_and_address() -> None:
    """A marriage with a move, where the school's system says who it is."""
    before = person("Ann Lee", "a@x.org", EVA, identifier="P1")
    married = person("Ann Hill", "b@x.org", EVA, identifier="P1")
    assert verdict(match(before, married)) == Verdict.CORRECTED


def test_who_was_found_is_nobody_else() -> None:
    """What is like a record that somebody surer has taken is like nobody."""
    known = person("Ann Lee", "a@x.org", EVA, identifier="P1")
    surer = person("Ann Hill", "b@x.org", EVA, identifier="P1")
    like_it = person("Anna Lee", "a@x.org", EVA)
    assert verdict(match(known, like_it)) != Verdict.NEW
    matching = match_people([like_it, surer], [Known(1, known)])
    assert matching.questions == []
    found = {one.person.name: one.verdict for one in matching.matches}
    assert found == {"Anna Lee": Verdict.NEW, "Ann Hill": Verdict.CORRECTED}


def test_an_identifier_alone_is_a_question() -> None:
    """It may have been given to somebody else."""
    before = person("Ann Lee", "a@x.org", EVA, identifier="P1")
    other = person("Bo Hill", "b@x.org", "Max Hill", identifier="P1")
    assert verdict(match(before, other)) == "question"


def test_another_identifier_is_a_question() -> None:
    """Another system numbers anew; name and address both still say who it is."""
    before = person("Ann Lee", "a@x.org", EVA, identifier="P1")
    other = person("Ann Lee", "b@x.org", EVA, identifier="P2")
    assert verdict(match(before, other)) == "question"
    numbered_anew = person("ann lee", "a@x.org", EVA, identifier="P2")
    assert match(before, numbered_anew).questions == []
    assert match(before, numbered_anew).gone == []


def test_an_answer_settles_a_question() -> None:
    """By its code, which does not change with the file's other rows."""
    known, file = person("Ann Lee", "a@x.org", EVA), person("Ann Hill", "a@x.org", EVA)
    matching = match(known, file)
    [question] = matching.questions
    assert (matching.matches, matching.gone) == ([], [])
    same = match(known, file, Answers(same=frozenset({question.code})))
    assert verdict(same) == Verdict.CORRECTED
    new = match(known, file, Answers(new=frozenset({question.code})))
    assert verdict(new) == Verdict.NEW
    assert [known.id for known in new.gone] == [1]


def test_nobody_is_taken_for_two_people() -> None:
    """Where two fit equally well, both are asked about."""
    known = [
        Known(1, person("Ann Lee", "a@x.org", EVA)),
        Known(2, person("Ann Lee", "b@x.org", EVA)),
    ]
    file = [person("Ann Lee", "c@x.org", EVA)]
    matching = match_people(file, known)
    assert {question.known.id for question in matching.questions} == {1, 2}


def test_who_is_in_the_file_as_before_is_nobody_elses_correction() -> None:
    """Two parents at one address stay two when both are in the file."""
    tom = person("Tom Bell", "bell@x.org", EVA, role="father")
    ann = person("Ann Bell", "bell@x.org", EVA)
    matching = match_people([tom, ann], [Known(1, tom)])
    assert [one.verdict for one in matching.matches] == [Verdict.SAME, Verdict.NEW]
