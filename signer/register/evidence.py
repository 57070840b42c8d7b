"""What speaks for it that two people are one, and what against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signer.register.people import Known, Parent
from signer.register.roles import equally_telling, moved_up, opposed, same_role
from signer.register.spelling import (
    has_initials_only,
    same_signature,
    share_a_word,
    shortened_alike,
    spelled_alike,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person of a file and one of the register have in common, and what not.

    Certainty is narrow: a wrong one shows a parent's declarations to somebody else.
    Whatever may be one person else is doubt, for the office to settle.

    Attributes:
        person: as the file says it.
        known: whom the register knows.
        identifier: whether both have the same one; None where one of them has none, or
            both the same but for zeros before it, which spreadsheets take away.
        address: whether it is the same; None where one of them has none.
        returned_to: whether it is one that the known person had before.
        name: whether it is the same, written in whatever way.
        nearly: whether it is the same but for a letter, or but for initials.
        child: the name of the first child in common, or empty.
        role: whether they are the same to each child in common; None without one.
        year_group: whether a child in common may have come from the one year group to
            the other.
        opposed: whether titles and relationships make them a woman and a man.
    """

    person: Parent
    known: Known
    identifier: bool | None
    address: bool | None
    returned_to: bool
    name: bool
    nearly: bool
    child: str
    role: bool | None
    year_group: bool
    opposed: bool

    @property
    def anything(self) -> bool:
        """Whether they have more in common than an identifier."""
        return bool(self.address or self.name or self.nearly or self.child)

    def certain_by_identifier(self) -> str:
        """Why two with one identifier are one person for sure, or nothing.

        Numbers are given anew, so that one alone says nothing.
        """
        if not self.identifier or self.opposed or self.returned_to:
            return ""
        if self.name or self.nearly or self.role:
            return f"the same identifier, {self.person.identifier}"
        return ""

    def certain(self) -> str:
        """Why two are one person for sure, or nothing."""
        if not self.name or self.identifier is False or self.returned_to:
            return ""
        if self.opposed or self.role is False:
            return ""
        known = self.known.person
        initials = has_initials_only(self.person.name) or has_initials_only(known.name)
        if self.address:
            # A Khan may be Adam, and Mrs A Khan Aisha.
            if initials and not equally_telling(self.person, known):
                return ""
            return "the same address, and the name only written in another way"
        # Of somebody who left, the year groups are those of then.
        if self.child and self.year_group and self.known.active and not initials:
            return f"the same name, and the same child {self.child}"
        return ""

    def doubtful(self) -> str:
        """What makes it a question whether two are one person, or nothing."""
        alike = self.nearly or share_a_word(self.person.name, self.known.person.name)
        if not (
            self.identifier
            or self.address
            or self.name
            or (self.child and (self.nearly or not self.opposed))
            or (self.returned_to and alike)
        ):
            return ""
        return "; ".join(self._clauses())

    def _clauses(self) -> Iterator[str]:
        same, other = self._same(), self._other()
        if same:
            yield f"{_listed(same)} the same"
        if self.nearly and not self.name:
            yield "the name is nearly the same"
        if other:
            yield f"{_listed(other)} not" if same else f"{_listed(other)} different"
        if self.opposed:
            yield "their titles or relationships contradict each other"
        if not self.known.active:
            yield "they had left"
        if self.returned_to:
            yield (
                "the address is one that they had before. If it is out of date, "
                "correct the file: a yes moves them back to it"
            )

    def _same(self) -> list[str]:
        compared: dict[str, object] = {
            "the identifier": self.identifier,
            "the address": self.address,
            "the name": self.name,
            f"the child {self.child}": self.child,
        }
        return [what for what, is_same in compared.items() if is_same]

    def _other(self) -> list[str]:
        compared: dict[str, object] = {
            "the identifier": self.identifier is False,
            "the address": self.address is False,
            "the name": not (self.name or self.nearly),
            "the relationship": self.role is False and not self.opposed,
            "the year group": self.child and not self.year_group,
            "the children": not self.child,
        }
        return [what for what, is_other in compared.items() if is_other]


def weigh(person: Parent, known: Known) -> Evidence:
    """Compare a person of a file with one of the register."""
    register = known.person
    address = person.email.lower()
    both = address and register.email
    same_address = address == register.email.lower() if both else None
    shared = [
        (child, role, other, other_role)
        for child, role in person.children
        for other, other_role in register.children
        if same_signature(child.name, other.name)
    ]
    return Evidence(
        person,
        known,
        identifier=same_identifier(person.identifier, register.identifier),
        address=same_address,
        returned_to=not same_address and address in known.former,
        name=same_signature(person.name, register.name),
        nearly=spelled_alike(person.name, register.name)
        or shortened_alike(person.name, register.name),
        child=shared[0][0].name if shared else "",
        role=all(same_role(one, other) for _, one, _, other in shared)
        if shared
        else None,
        year_group=any(
            moved_up(before.year_group, child.year_group)
            for child, _, before, _ in shared
        ),
        opposed=opposed(person, register),
    )


def same_identifier(one: str, other: str) -> bool | None:
    """Whether two identifiers are one; None where one of two people has none."""
    if not one or not other:
        return None
    if one == other:
        return True
    return None if one.lstrip("0") == other.lstrip("0") else False


def _listed(what: Sequence[str]) -> str:
    """“The name is”, “the name and the address are”."""
    *others, last = what
    if not others:
        return f"{last} {'are' if last == 'the children' else 'is'}"
    return f"{', '.join(others)} and {last} are"
