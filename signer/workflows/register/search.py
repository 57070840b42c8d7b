"""Searching parents by what the office has at hand: a name, a child, an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from signer.register.spelling import folded_words
from signer.store.tables import Parent, Relationship, Request
from signer.workflows.context import AppContext
from signer.workflows.register.find_parent import parents_known_by
from signer.workflows.register.list import with_classes
from signer.workflows.requests.access import children_of, tutor_groups_of


@dataclass(frozen=True, slots=True)
class Found:
    """A parent, here now or before.

    Attributes:
        name: in the register.
        email: in the register.
        active: whether they are in it now.
        children: name, year group and relationship of each.
        before: names and addresses that they had, oldest first.
        requests: the reference of each of their requests, by version.
        tutor_groups: of each child, in the same order; empty for one without.
    """

    name: str
    email: str
    active: bool
    children: tuple[tuple[str, str, str], ...]
    before: tuple[tuple[str, str], ...]
    requests: tuple[str, ...]
    tutor_groups: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Each child with year and tutor group: Leyla Yusuf (Year 7, 7B)."""
        return with_classes(self.children, self.tutor_groups)


def search_parents(context: AppContext, words: str) -> tuple[Found, ...]:
    """The parents whom words mean, those who left behind the others, by name.

    Args:
        context: the context.
        words: an address now or before, or a part of it; the reference of a request or
            declaration; or the words of a name, in any order and spelling, of a parent
            now or before, or of a child. Each may be cut short.
    """
    with context.sessions.reading() as session:
        parents = parents_known_by(session, words)
        if not parents and words.strip():
            everybody = session.scalars(
                select(Parent)
                .options(
                    selectinload(Parent.relationships).joinedload(Relationship.child),
                    selectinload(Parent.former),
                )
                .order_by(Parent.left_at.is_not(None), Parent.name_key, Parent.id)
            )
            parents = [parent for parent in everybody if _is_meant(parent, words)]
        references = {
            parent.id: tuple(
                session.scalars(
                    select(Request.ref)
                    .where(Request.parent_id == parent.id)
                    .order_by(Request.version_number)
                )
            )
            for parent in parents
        }
        return tuple(
            Found(
                parent.name,
                parent.email,
                parent.left_at is None,
                children_of(parent),
                tuple((one.name, one.email or "") for one in parent.former),
                references[parent.id],
                tutor_groups_of(parent),
            )
            for parent in parents
        )


def _is_meant(parent: Parent, words: str) -> bool:
    part = words.strip().lower()
    addresses = (parent.email.lower(), *(one.email_key or "" for one in parent.former))
    if any(part in address for address in addresses):
        return True
    asked = [way.split() for way in folded_words(words)]
    return any(
        all(any(word.startswith(start) for word in way.split()) for start in starts)
        for name in _names(parent)
        for way in folded_words(name)
        for starts in asked
        if starts
    )


def _names(parent: Parent) -> Iterator[str]:
    yield parent.name
    for one in parent.former:
        yield one.name
    for related in parent.relationships:
        yield related.child.name
