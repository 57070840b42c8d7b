"""Erasing what is known of a parent who has left; the log stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from signer.errors import ParentActive
from signer.store.log.append import append_leaf, lock_log
from signer.store.log.tables import Opening
from signer.store.tables import (
    Bounce,
    Child,
    Declaration,
    Link,
    Note,
    Outbox,
    Parent,
    Relationship,
    Request,
    SealedPdf,
)
from signer.workflows.context import AppContext
from signer.workflows.register.find_parent import one_parent

ERASED = "parent:erased"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure takes away, or would.

    Attributes:
        name: the parent's name.
        requests: how many requests.
        declarations: the references of the declarations, with their PDFs.
        entries: the positions of the log's entries that nobody can open any more.
        dry_run: whether nothing was done.
    """

    name: str
    requests: int
    declarations: tuple[str, ...]
    entries: tuple[int, ...]
    dry_run: bool


def erase_parent(
    context: AppContext, email: str, *, name: str = "", dry_run: bool = False
) -> Erased:
    """Erase a parent who has left, and all that was kept of them.

    Afterwards no table holds the name, the address, a request, a declaration or its
    PDF, and the salts of their entries in the log are gone. So nobody can tell any
    more what those entries were; the log itself is as it was, and an entry of its
    own says which ones they are.

    Args:
        context: the context.
        email: the address in the register.
        name: the parent's name, where two shared the address.
        dry_run: only say what would be erased.

    Raises:
        ParentUnknown: nobody of this address was ever in the register.
        ParentAmbiguous: two shared the address, and no name was given.
        ParentActive: the parent is still in the register.
    """
    if dry_run:
        with context.sessions.reading() as session:
            return _found(session, one_parent(session, email, name), dry_run=True)
    with context.sessions.writing() as session:
        parent = one_parent(session, email, name)
        # As others do: whoever sends holds the mail and then wants the request, whoever
        # seals the declaration, whoever answers the request; all of them want the log.
        requests = select(Request.id).where(Request.parent_id == parent.id)
        for table, own in (
            (Outbox, Outbox.request_id.in_(requests)),
            (Declaration, Declaration.request_id.in_(requests)),
            (Request, Request.parent_id == parent.id),
        ):
            session.execute(
                select(table.id).where(own).order_by(table.id).with_for_update()
            ).all()
        lock_log(session)
        found = _found(session, parent, dry_run=False)
        _erase(session, parent, found)
        if found.entries:
            append_leaf(session, ERASED, entries=",".join(map(str, found.entries)))
    context.sessions.truncate_wal()
    return found


def _found(session: Session, parent: Parent, *, dry_run: bool) -> Erased:
    if parent.left_at is None:
        raise ParentActive
    refs = session.scalars(select(Request.ref).where(Request.parent_id == parent.id))
    requests = tuple(refs)
    declarations = tuple(
        session.scalars(
            select(Declaration.id)
            .join(Request)
            .where(Request.parent_id == parent.id)
            .order_by(Request.version_number)
        )
    )
    return Erased(
        name=parent.name,
        requests=len(requests),
        declarations=declarations,
        entries=tuple(_entries(session, {*requests, *declarations})),
        dry_run=dry_run,
    )


def _entries(session: Session, references: set[str]) -> Iterator[int]:
    """The positions of the entries that record one of these references."""
    query = select(Opening.position, Opening.record).order_by(Opening.position)
    for position, record in session.execute(query).yield_per(_AT_ONCE):
        said = json.loads(record)
        if references & {said.get("request"), said.get("declaration")}:
            yield position


def _erase(session: Session, parent: Parent, found: Erased) -> None:
    requests = select(Request.id).where(Request.parent_id == parent.id)
    pdfs = _pdfs(session, found.declarations)
    mails = select(Outbox.id).where(Outbox.request_id.in_(requests))
    session.execute(delete(Bounce).where(Bounce.outbox_id.in_(mails)))
    session.execute(delete(Outbox).where(Outbox.request_id.in_(requests)))
    session.execute(delete(Note).where(Note.request_id.in_(requests)))
    session.execute(delete(Link).where(Link.request_id.in_(requests)))
    # Each names the one before it, so that none could go first.
    own = Declaration.id.in_(found.declarations)
    session.execute(update(Declaration).where(own).values(replaces=None))
    session.execute(delete(Declaration).where(own))
    session.execute(delete(SealedPdf).where(SealedPdf.sha256.in_(pdfs)))
    session.execute(delete(Request).where(Request.parent_id == parent.id))
    session.execute(delete(Opening).where(Opening.position.in_(found.entries)))
    session.delete(parent)
    session.flush()
    related = select(Relationship.child_id)
    session.execute(delete(Child).where(Child.id.not_in(related)))


def _pdfs(session: Session, declarations: Sequence[str]) -> Sequence[str]:
    query = select(Declaration.pdf_sha256).where(
        Declaration.id.in_(declarations), Declaration.pdf_sha256.is_not(None)
    )
    return [one for one in session.scalars(query) if one is not None]
