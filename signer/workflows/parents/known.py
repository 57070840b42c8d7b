"""Whom the register knows, as the rules compare a file's people with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from signer.register.people import Child, Known
from signer.register.people import Parent as Person
from signer.store import tables
from signer.store.tables import FormerIdentity, Parent, Relationship
from signer.user_text import same_name

_FEW = 5_000
"""How many records are named to the database, or read from it, in one go."""


@dataclass(frozen=True, slots=True)
class Register:
    """Everybody whom the register knows, without their records.

    Attributes:
        known: those who left among them.
        by_keys: the record's id of each name and address, by their keys in it.
    """

    known: tuple[Known, ...]
    by_keys: Mapping[tuple[str, str], int]


def read_register_of(session: Session) -> Register:
    """Read who is known: as many queries for twenty thousand as for two."""
    children: defaultdict[int, list[tuple[Child, str]]] = defaultdict(list)
    for parent_id, words, name, year_group, tutor_group in session.execute(
        select(
            Relationship.parent_id,
            Relationship.words,
            tables.Child.name,
            tables.Child.year_group,
            tables.Child.tutor_group,
        )
        .join(tables.Child, tables.Child.id == Relationship.child_id)
        .order_by(Relationship.parent_id, Relationship.child_id)
        .execution_options(yield_per=_FEW)
    ):
        child = Child(name, year_group, tutor_group or "")
        children[parent_id].append((child, words))
    former: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for parent_id, name, email_key in session.execute(
        select(FormerIdentity.parent_id, FormerIdentity.name, FormerIdentity.email_key)
    ):
        if email_key:
            former[parent_id].append((same_name(name), email_key))
    known, by_keys = [], {}
    for (
        number,
        name,
        name_key,
        email,
        email_key,
        identifier,
        left_at,
    ) in session.execute(
        select(
            Parent.id,
            Parent.name,
            Parent.name_key,
            Parent.email,
            Parent.email_key,
            Parent.identifier,
            Parent.left_at,
        )
        .order_by(Parent.id)
        .execution_options(yield_per=_FEW)
    ):
        by_keys[name_key, email_key] = number
        of_person = tuple(children.pop(number, ()))
        person = Person(name, email, of_person, identifier or "")
        active = left_at is None
        if number not in former:
            # Nearly nobody was called otherwise, and an empty set is no small thing.
            known.append(Known(number, person, active=active))
            continue
        keys = frozenset(former[number])
        known.append(
            Known(
                number,
                person,
                active=active,
                former=frozenset(address for _, address in keys),
                former_keys=keys,
            )
        )
    return Register(tuple(known), by_keys)


def records_of(session: Session, ids: Collection[int]) -> dict[int, Parent]:
    """The records of parents with their children, by id."""
    query: Select[Parent] = select(Parent).options(
        selectinload(Parent.relationships).joinedload(Relationship.child)
    )
    if len(ids) <= _FEW:
        query = query.where(Parent.id.in_(ids))
    return {one.id: one for one in session.scalars(query) if one.id in ids}


def person_of(parent: Parent) -> Person:
    """A record as the register's rules compare it."""
    children = tuple(
        (
            Child(one.child.name, one.child.year_group, one.child.tutor_group or ""),
            one.words,
        )
        for one in parent.relationships
    )
    return Person(parent.name, parent.email, children, parent.identifier or "")
