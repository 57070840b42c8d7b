"""Who of a register file is whom: each of its people is known, corrected or new.

Evidence is the identifier of the school's management system, the address, the name and
the children. What it does not settle is a question, and a guess is never made: a wrong
one would show a parent's declarations to somebody else, or ask one person twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from signer.register.people import Parent
from signer.register.spelling import (
    folded_words,
    same_signature,
    share_a_word,
    spelled_alike,
)

CODE_CHARACTERS = 8


class Verdict(StrEnum):
    """What a person of the file is to the register."""

    SAME = "same"
    CORRECTED = "corrected"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Known:
    """A parent whom the register knows, those who left among them.

    Attributes:
        id: of the record.
        person: as the register says it.
        active: whether they are in it now.
    """

    id: int
    person: Parent
    active: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one person of the file.

    Attributes:
        person: as the file says it.
        verdict: what they are to the register.
        known: whom the register knows; None for somebody new.
        why: the evidence, as a clause.
    """

    person: Parent
    verdict: Verdict
    known: Known | None
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """That a person of the file may be one of the register, and it is not sure.

    Attributes:
        person: as the file says it.
        known: who it may be.
        why: what speaks for it and what against, as a clause.
    """

    person: Parent
    known: Known
    why: str

    @property
    def code(self) -> str:
        """What an answer names: the same for the same two sides, in any file."""
        sides = "\0".join(
            (*self.known.person.key, str(self.known.id), *self.person.key)
        )
        return hashlib.sha256(sides.encode()).hexdigest()[:CODE_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the office said to questions, by their codes.

    Attributes:
        same: both sides are one person.
        new: they are two.
    """

    same: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()


NO_ANSWERS = Answers()


@dataclass(slots=True)
class Matching:
    """The people of a file beside those of the register.

    Attributes:
        matches: one for each person of the file about whom there is no question.
        questions: what the office has to say first.
        gone: the active parents whom the file does not name, and no question either.
    """

    matches: list[Match] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)


def match_people(
    people: Sequence[Parent], register: Sequence[Known], answers: Answers = NO_ANSWERS
) -> Matching:
    """Find each person of a file in the register.

    What comes out does not depend on the order of either.

    Args:
        people: of the file.
        register: everybody whom the register knows.
        answers: to questions of before.
    """
    return _Matcher(register, answers).match(people)


class _Matcher:
    """Matches people, the surest evidence first; each record is taken once."""

    def __init__(self, register: Sequence[Known], answers: Answers) -> None:
        self._register = register
        self._answers = answers
        self._result = Matching()
        self._untaken = {known.id: known for known in register}

    def match(self, people: Sequence[Parent]) -> Matching:
        rest = self._take_exact(people)
        rest = self._take_identified(rest)
        rest = self._take_certain(rest)
        self._take_answered(rest)
        in_question = {question.known.id for question in self._result.questions}
        self._result.gone = [
            known
            for known in self._untaken.values()
            if known.active and known.id not in in_question
        ]
        return self._result

    def _take(self, person: Parent, known: Known, why: str) -> None:
        del self._untaken[known.id]
        written = (person.name, person.email) == (known.person.name, known.person.email)
        verdict = Verdict.SAME if written else Verdict.CORRECTED
        self._result.matches.append(Match(person, verdict, known, why))

    def _take_exact(self, people: Sequence[Parent]) -> list[Parent]:
        by_key = {known.person.key: known for known in self._register}
        rest = []
        for person in people:
            known = by_key.get(person.key)
            if known is None:
                rest.append(person)
            else:
                self._take(person, known, "the same name and address")
        return rest

    def _take_identified(self, people: Sequence[Parent]) -> list[Parent]:
        identified = {
            known.person.identifier: known
            for known in self._untaken.values()
            if known.person.identifier
        }
        rest = []
        for person in people:
            known = identified.get(person.identifier)
            if known is None or not _has_something_in_common(person, known.person):
                rest.append(person)
            else:
                self._take(person, known, f"the same identifier, {person.identifier}")
        return rest

    def _take_certain(self, people: Sequence[Parent]) -> list[Parent]:
        index = _Index(self._untaken.values())
        sure: list[tuple[Parent, Known, str]] = [
            (person, known, why)
            for person in people
            for known in index.candidates(person)
            if (why := _certainty(person, known.person))
        ]
        by_person, by_known = defaultdict(list), defaultdict(list)
        for person, known, why in sure:
            by_person[person.key].append((known, why))
            by_known[known.id].append(person)
        rest = []
        for person in people:
            found = by_person[person.key]
            if len(found) == 1 and len(by_known[found[0][0].id]) == 1:
                self._take(person, *found[0])
            else:
                rest.append(person)
        return rest

    def _take_answered(self, people: Sequence[Parent]) -> None:
        index = _Index(self._untaken.values())
        for person in people:
            questions = [
                Question(person, known, why)
                for known in index.candidates(person)
                if known.id in self._untaken
                if (why := _doubt(person, known.person))
            ]
            same = [one for one in questions if one.code in self._answers.same]
            left = [one for one in questions if one.code not in self._answers.new]
            if len(same) == 1:
                self._take(person, same[0].known, "as you said")
            elif left:
                self._result.questions += left
            else:
                why = "as you said" if questions else "like nobody in the register"
                self._result.matches.append(Match(person, Verdict.NEW, None, why))


class _Index:
    """Finds whoever has an identifier, address, name or child like a person's."""

    def __init__(self, register: Iterable[Known]) -> None:
        self._places: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for known in register:
            for place in set(_places(known.person)):
                self._places[place].append(known)

    def candidates(self, person: Parent) -> list[Known]:
        found = {
            known.id: known
            for place in _places(person)
            for known in self._places.get(place, ())
        }
        return [found[number] for number in sorted(found)]


def _places(person: Parent) -> Iterator[tuple[str, str]]:
    if person.identifier:
        yield "identifier", person.identifier
    yield "address", person.email.lower()
    for words in folded_words(person.name):
        yield "name", words
    for child, _ in person.children:
        for words in folded_words(child.name):
            yield "child", words


def _certainty(person: Parent, known: Parent) -> str:
    """Why two are one person for sure, or nothing."""
    if _identifiers_differ(person, known) or not same_signature(
        person.name, known.name
    ):
        return ""
    if person.email.lower() == known.email.lower():
        return "the same address, and the name only written in another way"
    child = _shared_child(person, known)
    return f"the same name, and the same child {child}" if child else ""


def _doubt(person: Parent, known: Parent) -> str:  # noqa: PLR0911 - a clause for each
    """What makes it a question whether two are one person, or nothing."""
    if person.identifier and person.identifier == known.identifier:
        return "the identifier is the same, and nothing else"
    if _identifiers_differ(person, known):
        return ""
    child = _shared_child(person, known)
    if person.email.lower() == known.email.lower():
        if child:
            return f"the address and the child {child} are the same, the name is not"
        return "the address is the same, the name and the children are not"
    if same_signature(person.name, known.name):
        if child:
            return f"the name and the child {child} are the same, of more than one"
        return "the name is the same, the address and the children are not"
    if child and spelled_alike(person.name, known.name):
        return f"the name is nearly the same, and the child {child} is"
    if child and share_a_word(person.name, known.name) and _same_role(person, known):
        return f"a part of the name and the child {child} are the same"
    return ""


def _identifiers_differ(one: Parent, other: Parent) -> bool:
    return bool(
        one.identifier and other.identifier and one.identifier != other.identifier
    )


def _has_something_in_common(one: Parent, other: Parent) -> bool:
    return bool(
        one.email.lower() == other.email.lower()
        or same_signature(one.name, other.name)
        or spelled_alike(one.name, other.name)
        or _shared_child(one, other)
    )


def _shared_child(one: Parent, other: Parent) -> str:
    """The name of the first child that two have in common, or nothing."""
    for child, _ in one.children:
        for candidate, _ in other.children:
            if same_signature(child.name, candidate.name):
                return child.name
    return ""


def _same_role(one: Parent, other: Parent) -> bool:
    """Whether two are the same to a child: a mother and a father are two people."""
    roles = {
        words.casefold()
        for child, words in one.children
        if _shared_child(Parent("", "", ((child, words),)), other)
    }
    return any(
        words.casefold() in roles
        for child, words in other.children
        if _shared_child(Parent("", "", ((child, words),)), one)
    )
