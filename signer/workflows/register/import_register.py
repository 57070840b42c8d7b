"""Importing the register: the file says who the parents are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from signer import clock, register
from signer.errors import RegisterError
from signer.register.rows import Reading
from signer.store.columns import Status
from signer.store.locking import lock_table
from signer.store.log.append import append_leaf
from signer.store.tables import Child, Membership, Parent, Relationship, Request
from signer.user_text import same_name
from signer.workflows.context import AppContext
from signer.workflows.requests.disputes import settle_for_leavers

Key = tuple[str, str]
"""A parent's name and address, as compared: see `register.people.Parent.key`."""


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: names and addresses of parents.

    Attributes:
        added: they are new, or had left and are back.
        changed: their children, relationships or spelling differ from before.
        unchanged: how many stay as they are.
        missing: in the register, and not in the file.
        left: whether those missing have left by this.
    """

    added: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    left: bool = False


def import_register(
    context: AppContext,
    reading: Reading,
    *,
    leavers: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Bring the register to what a file says, in one transaction.

    Afterwards every parent in the file is active with the children it names. With
    ``leavers``, parents not in the file have left: their open requests are
    withdrawn and their links open nothing. What they signed stays.

    Args:
        context: the context.
        reading: the file, read.
        leavers: whether parents not in the file leave.
        dry_run: only say what would be done; nobody leaves.

    Raises:
        RegisterError: the file has problems; nothing was imported.
    """
    if reading.problems:
        raise RegisterError(tuple(one.sentence() for one in reading.problems))
    if dry_run:
        with context.sessions.reading() as session:
            # What is changed here is never written.
            return _bring_up_to_date(session, reading.parents)[0]
    with context.sessions.writing() as session:
        # Two imports at once would both add whoever is new.
        lock_table(session, Parent)
        result, missing = _bring_up_to_date(session, reading.parents)
        if leavers:
            result.left = True
            _leave(session, missing)
        session.flush()
        related = select(Relationship.child_id)
        session.execute(delete(Child).where(Child.id.not_in(related)))
    return result


def _bring_up_to_date(
    session: Session, people: Iterable[register.people.Parent]
) -> tuple[Imported, list[Parent]]:
    """What changes, and the active parents whom the file does not name."""
    now = clock.now()
    result = Imported()
    query = select(Parent).options(
        selectinload(Parent.relationships).joinedload(Relationship.child)
    )
    known: dict[Key, Parent] = {
        (parent.name_key, parent.email_key): parent for parent in session.scalars(query)
    }
    in_file = set()
    for person in people:
        in_file.add(person.key)
        parent = known.get(person.key)
        if parent is None:
            name_key, email_key = person.key
            parent = Parent(name_key=name_key, email_key=email_key, added_at=now)
            parent.memberships = [Membership(joined_at=now)]
            result.added.append((person.name, person.email))
        elif parent.left_at is not None:
            parent.left_at = None
            session.add(Membership(parent_id=parent.id, joined_at=now))
            result.added.append((person.name, person.email))
        elif _facts(parent) == (person.name, person.email, _named(person)):
            result.unchanged += 1
            continue
        else:
            result.changed.append((person.name, person.email))
        parent.name, parent.email = person.name, person.email
        session.add(parent)
        _relate(parent, person)
    missing = [
        parent
        for key, parent in known.items()
        if key not in in_file and parent.left_at is None
    ]
    result.missing = [(parent.name, parent.email) for parent in missing]
    return result, missing


def _named(person: register.people.Parent) -> set[tuple[str, str, str]]:
    return {(child.name, child.year_group, words) for child, words in person.children}


def _facts(parent: Parent) -> tuple[str, str, set[tuple[str, str, str]]]:
    related = {
        (one.child.name, one.child.year_group, one.words)
        for one in parent.relationships
    }
    return parent.name, parent.email, related


def _relate(parent: Parent, person: register.people.Parent) -> None:
    """Make a parent's relationships those of the file, and no others."""
    before = {
        (one.child.name, one.child.year_group): one for one in parent.relationships
    }
    after = []
    for child, words in person.children:
        relation = before.get((child.name, child.year_group)) or Relationship(
            child=Child(
                name=child.name,
                name_key=same_name(child.name),
                year_group=child.year_group,
            )
        )
        relation.words = words
        after.append(relation)
    parent.relationships = after


def _leave(session: Session, parents: list[Parent]) -> None:
    now = clock.now()
    withdrawn: list[Request] = []
    for parent in sorted(parents, key=lambda one: one.id):
        parent.left_at = now
        session.execute(
            update(Membership)
            .where(Membership.parent_id == parent.id, Membership.left_at.is_(None))
            .values(left_at=now)
        )
        requests = session.scalars(
            select(Request)
            .where(
                Request.parent_id == parent.id,
                Request.status.in_([Status.PENDING, Status.DECLINED]),
            )
            .order_by(Request.id)
            .with_for_update()
        )
        for request in requests:
            request.status, request.closed_at = Status.WITHDRAWN, now
            withdrawn.append(request)
    settle_for_leavers(session, [parent.id for parent in parents])
    # Whoever answers holds a request and then wants the log: so here, or the two
    # would wait for each other.
    for request in withdrawn:
        append_leaf(session, "request:withdrawn", request=request.ref)
