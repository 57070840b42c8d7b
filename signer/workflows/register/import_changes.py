"""What an import changes of one person: their children, and what they are to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from signer import register
from signer.register.matching import Match, Verdict
from signer.register.spelling import same_signature, spelled_alike
from signer.register.year_groups import usual_year_group
from signer.store.tables import Child, Parent, Relationship
from signer.user_text import same_name

_Named = tuple[tuple[register.people.Child, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One person of the file, and what becomes of their record.

    Attributes:
        match: who they are.
        parent: their record; None for somebody new.
        named: their children as the file has them, with the relationship.
        unnamed: relationships of the record that the file does not name.
    """

    match: Match
    parent: Parent | None
    named: _Named
    unnamed: tuple[Relationship, ...]

    @property
    def differs(self) -> bool:
        """Whether the file gives a parent other children, or another identifier."""
        if self.parent is None:
            return False
        known = {
            (*as_written(one.child), one.words)
            for one in self.parent.relationships
            if one not in self.unnamed
        }
        identifier = self.match.person.identifier or self.parent.identifier
        return identifier != self.parent.identifier or known != {
            (*as_written(child), words) for child, words in self.named
        }

    def words(self) -> tuple[str, ...]:
        """What is different afterwards, a clause for each; none for somebody new."""
        return tuple(self._words())

    def _words(self) -> Iterator[str]:
        if self.parent is None:
            return
        identifier = self.match.person.identifier
        if identifier and identifier != self.parent.identifier:
            yield f"number: {self.parent.identifier or 'none'} → {identifier}"
        if self.parent.left_at is not None:
            return
        known = [one for one in self.parent.relationships if one not in self.unnamed]
        for child, relationship in self.named:
            yield from self._changed(self.parent, child, relationship, known)

    def _changed(
        self,
        parent: Parent,
        child: register.people.Child,
        relationship: str,
        known: list[Relationship],
    ) -> Iterator[str]:
        """What the file says otherwise of a child than the record does."""
        same = next(
            (one for one in known if as_written(one.child) == as_written(child)), None
        )
        if same is not None:
            if same.words != relationship:
                yield f"{child.name}: {same.words} → {relationship}"
            return
        for one in known:
            if _is_child(child, one.child, self.named, parent):
                yield f"{_class(one.child)} → {_class(child)}"
                return
        yield f"new: {_class(child)}"


def _class(child: Child | register.people.Child) -> str:
    groups = ", ".join(filter(None, (child.year_group, child.tutor_group)))
    return f"{child.name} ({groups})"


def leaves_alone(match: Match) -> bool:
    """Whether the file says of somebody, word for word, what the register does.

    It is so of nearly everybody whose file is imported again: their records need not
    be read.
    """
    if match.known is None or match.address_kept or not match.known.active:
        return False
    person, known = match.person, match.known.person
    children = {(as_written(child), words) for child, words in person.children}
    return (
        match.verdict is Verdict.SAME
        and person.identifier in {"", known.identifier}
        and children == {(as_written(child), words) for child, words in known.children}
        # Of two by one name, each may be the other.
        and len({same_name(child.name) for child, _ in person.children})
        == len(person.children)
        == len(known.children)
    )


def change_of(match: Match, parent: Parent | None) -> Change:
    """What becomes of a record by what the file says of a person."""
    named = match.person.children
    if parent is None or parent.left_at is not None:
        # Whoever is back has the children of now; those of then may be grown up.
        return Change(match, parent, named, ())
    named = tuple((_completed(child, parent), words) for child, words in named)
    unnamed = [
        relation
        for relation in parent.relationships
        if not any(
            _is_child(child, relation.child, named, parent) for child, _ in named
        )
    ]
    return Change(match, parent, named, tuple(unnamed))


def _completed(child: register.people.Child, parent: Parent) -> register.people.Child:
    """The child with the tutor group of the record, where the file tells of none.

    Not every program's list has one. In another year group it is another one.
    """
    if child.tutor_group:
        return child
    for one in parent.relationships:
        if same_signature(child.name, one.child.name) and (
            usual_year_group(one.child.year_group) == child.year_group
        ):
            return replace(child, tutor_group=one.child.tutor_group or "")
    return child


def _is_child(
    child: register.people.Child,
    known: Child,
    named: Iterable[tuple[register.people.Child, str]],
    parent: Parent,
) -> bool:
    """Whether a child of the file is one that its parent has: moved up, or respelled.

    A name that differs by a letter is the same child's where the year group is the
    same, and where neither side has both: Mia and Mila may be twins.
    """
    if same_signature(child.name, known.name):
        return True
    return (
        child.year_group == usual_year_group(known.year_group)
        and spelled_alike(child.name, known.name)
        and not any(same_signature(other.name, known.name) for other, _ in named)
        and not any(
            same_signature(child.name, other.child.name)
            for other in parent.relationships
        )
    )


def as_written(child: Child | register.people.Child) -> tuple[str, str, str]:
    """What tells one way to write a child from another."""
    return child.name, child.year_group, child.tutor_group or ""
