"""Who of a register file is whom: each of its people is known, corrected or new.

Evidence is the identifier of the school's management system, the address, the name and
the children. What it does not settle is a question, and a guess is never made: a wrong
one would show a parent's declarations to somebody else, or ask one person twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from signer.register.evidence import Evidence, same_identifier, weigh
from signer.register.people import Child, Known, Parent
from signer.register.spelling import same_signature, signature_keys
from signer.register.written_names import better_spelling
from signer.user_text import same_name

CODE_CHARACTERS = 8

MOST_SHARING = 12
"""An address or a child's name that more of the register have tells nobody from others:
the school's own address, or “Unknown”."""


class Verdict(StrEnum):
    """What a person of the file is to the register."""

    SAME = "same"
    CORRECTED = "corrected"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Match:
    """What became of one person of the file.

    Attributes:
        person: as the file says it, with each name spelled as it is to stand in the
            register.
        verdict: what they are to the register.
        known: whom the register knows; None for somebody new.
        why: the evidence, as a clause.
        address_kept: whether the file has no address, and the register's stays.
    """

    person: Parent
    verdict: Verdict
    known: Known | None
    why: str
    address_kept: bool = False


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
        twice: of the file, whoever is also in it under what they are called by now.
    """

    matches: list[Match] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)
    twice: list[tuple[Parent, Known]] = field(default_factory=list)


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
        self._index = _Index((), ())

    def match(self, people: Sequence[Parent]) -> Matching:
        rest = self._take_exact(self._without_former(people))
        self._index = _Index(self._untaken.values(), rest)
        rest = self._take_where(rest, Evidence.certain_by_identifier)
        rest = self._take_where(rest, Evidence.certain)
        rest = self._take_where(rest, self._answer)
        self._ask(rest)
        in_question = {question.known.id for question in self._result.questions}
        self._result.gone = [
            known
            for known in self._untaken.values()
            if known.active and known.id not in in_question
        ]
        return self._result

    def _without_former(self, people: Sequence[Parent]) -> list[Parent]:
        """The people of a file, each once, who stand in it by an old name as well.

        Two who were merged may stay two in the school's management system for long.
        """
        here = {person.key: person for person in people}
        taken = {known.person.key for known in self._register}
        for known in self._register:
            for key in sorted(known.former_keys - taken):
                if key in here and known.person.key in here:
                    former, now = here.pop(key), here[known.person.key]
                    here[now.key] = _with_children_of(now, former)
                    self._result.twice.append((former, known))
        return list(here.values())

    def _take(self, person: Parent, known: Known, why: str) -> None:
        del self._untaken[known.id]
        kept = not person.email and bool(known.person.email)
        person = _spelled_as_kept(person, known.person)
        written = (person.name, person.email) == (known.person.name, known.person.email)
        verdict = Verdict.SAME if written else Verdict.CORRECTED
        self._result.matches.append(Match(person, verdict, known, why, kept))

    def _take_exact(self, people: Sequence[Parent]) -> list[Parent]:
        by_key = {
            known.person.key: known
            for known in self._register
            # A name alone is nobody's.
            if known.person.email or known.person.identifier
        }
        owners = defaultdict(list)
        for known in self._register:
            owners[known.person.identifier].append(known)
        rest = []
        for person in people:
            same = by_key.get(person.key) or self._same_without_address(person)
            if same is None or (
                same_identifier(person.identifier, same.person.identifier) is False
                and any(weigh(person, it).anything for it in owners[person.identifier])
            ):
                rest.append(person)
            else:
                address = "address" if person.email else "identifier or child"
                self._take(person, same, f"the same name and {address}")
        return rest

    def _same_without_address(self, person: Parent) -> Known | None:
        """The only one of the name, without address and identifier, with a child of it.

        However the name is written: a file that is imported again changes nothing.
        """
        if person.email or person.identifier:
            return None
        same = [
            known
            for known in self._register
            if known.person.key == person.key
            and not _children(known.person).isdisjoint(_children(person))
        ]
        return same[0] if len(same) == 1 else None

    def _take_where(
        self, people: Sequence[Parent], rule: Callable[[Evidence], str]
    ) -> list[Parent]:
        """Take each person for whom the rule gives one record, and that one's alone."""
        by_person, by_known = defaultdict(list), defaultdict(list)
        for person in people:
            for known in self._candidates(person):
                if why := rule(weigh(person, known)):
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

    def _candidates(self, person: Parent) -> list[Known]:
        return self._index.candidates(person, self._untaken)

    def _answer(self, evidence: Evidence) -> str:
        if not self._answers.same or not (why := evidence.doubtful()):
            return ""
        code = Question(evidence.person, evidence.known, why).code
        return "as you said" if code in self._answers.same else ""

    def _ask(self, people: Sequence[Parent]) -> None:
        for person in people:
            questions = []
            for known in self._candidates(person):
                evidence = weigh(person, known)
                why = evidence.doubtful()
                if evidence.certain() or evidence.certain_by_identifier():
                    why += "; more than one person fits"
                if why:
                    questions.append(Question(person, known, why))
            left = [one for one in questions if one.code not in self._answers.new]
            if left:
                self._result.questions += left
            else:
                why = "as you said" if questions else "like nobody in the register"
                self._result.matches.append(Match(person, Verdict.NEW, None, why))


def _with_children_of(person: Parent, former: Parent) -> Parent:
    """A person with the children of a row that names them as they were called."""
    more = tuple(
        (child, role)
        for child, role in former.children
        if not any(same_signature(child.name, own.name) for own, _ in person.children)
    )
    return replace(person, children=(*person.children, *more))


def _children(person: Parent) -> set[tuple[str, str, str]]:
    return {
        (same_name(child.name), child.year_group, role)
        for child, role in person.children
    }


def _spelled_as_kept(person: Parent, registered: Parent) -> Parent:
    """A person of the file, with the register's spelling wherever that is better."""

    def kept(child: Child) -> Child:
        name = child.name
        for other, _ in registered.children:
            if same_signature(name, other.name):
                name = better_spelling(name, other.name)
        return child if name == child.name else replace(child, name=name)

    # Capitals are no other mailbox, and some programs write all of an address in them.
    is_same_address = person.email.lower() in {"", registered.email.lower()}
    return replace(
        person,
        name=better_spelling(person.name, registered.name),
        email=registered.email if is_same_address else person.email,
        children=tuple((kept(child), role) for child, role in person.children),
    )


class _Index:
    """Finds whoever has an identifier, address, name or child like a person's.

    It holds what the people have, and nothing else of the register.
    """

    def __init__(self, register: Iterable[Known], people: Sequence[Parent]) -> None:
        self._places: dict[tuple[str, str], list[Known]] = {
            place: [] for person in people for place in _places(person)
        }
        if not people:
            return
        for known in register:
            former = {("address", address) for address in known.former}
            for place in {*_places(known.person), *former}:
                if place in self._places:
                    self._places[place].append(known)

    def candidates(self, person: Parent, untaken: Container[int]) -> list[Known]:
        found = {
            known.id: known
            for place in _places(person)
            for known in self._at(place, untaken)
        }
        return [found[number] for number in sorted(found)]

    def _at(self, place: tuple[str, str], untaken: Container[int]) -> Sequence[Known]:
        known = [one for one in self._places[place] if one.id in untaken]
        is_shared = place[0] in {"address", "child"} and len(known) > MOST_SHARING
        return () if is_shared else known


def _places(person: Parent) -> Iterator[tuple[str, str]]:
    if person.identifier:
        yield "identifier", person.identifier
    if person.email:
        yield "address", person.email.lower()
    for key in signature_keys(person.name):
        yield "name", key
    for child, _ in person.children:
        for key in signature_keys(child.name):
            yield "child", key
