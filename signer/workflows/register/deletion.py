"""Deleting requests and parents, with all that hangs on them, inside a transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.log.append import append_leaf
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
from signer.workflows.yearly.occasions import delete_yearly_mail

ERASED = "parent:erased"
"""The event of the log that names the entries which nobody can open any more.

Where it has a field ``records``, only records of that kind went, and the parent stays.
"""

_AT_ONCE = 1000


def lock_requests(session: Session, requests: Sequence[int]) -> None:
    """Hold requests with their mails and declarations.

    In the order of everybody else: whoever sends holds the mail and then wants the
    request, whoever seals the declaration, whoever answers the request. All of them
    then want the log, so that whoever wants it too takes it after this (`lock_log`),
    and holds no more requests afterwards.

    Args:
        session: a transaction that writes, and does not hold the log's head.
        requests: their ids.
    """
    for table, own in (
        (Outbox, Outbox.request_id.in_(requests)),
        (Declaration, Declaration.request_id.in_(requests)),
        (Request, Request.id.in_(requests)),
    ):
        session.execute(
            select(table.id).where(own).order_by(table.id).with_for_update()
        ).all()


def lock_parents(session: Session, parents: Collection[int]) -> None:
    """Hold parents, and then every request of theirs as `lock_requests` does.

    Whoever opens requests for parents takes them in the order of their ids too.

    Args:
        session: a transaction that writes, and does not hold the log's head.
        parents: their ids.
    """
    own = select(Parent.id).where(Parent.id.in_(parents))
    session.execute(own.order_by(Parent.id).with_for_update()).all()
    query = select(Request.id).where(Request.parent_id.in_(parents))
    lock_requests(session, session.scalars(query).all())


def entries_of(session: Session, references: set[str]) -> Mapping[str, Sequence[int]]:
    """The positions of the log's entries that record one of these references.

    Args:
        session: a transaction.
        references: of requests and declarations.
    """
    positions: dict[str, list[int]] = defaultdict(list)
    query = select(Opening.position, Opening.record).order_by(Opening.position)
    for position, record in session.execute(query).yield_per(_AT_ONCE):
        event = json.loads(record)
        for reference in references & {event.get("request"), event.get("declaration")}:
            positions[reference].append(position)
    return positions


def close_entries(
    session: Session, entries: Iterable[int], records: str = ""
) -> tuple[int, ...]:
    """Make entries of the log such that nobody can open them; gives their positions.

    Their salts are gone afterwards, and an entry of its own says which ones they are.

    Args:
        session: a transaction that holds the log's head.
        entries: positions, counted from 0.
        records: the kind of records that went, where the parent stays.
    """
    closed = tuple(sorted(set(entries)))
    if closed:
        session.execute(delete(Opening).where(Opening.position.in_(closed)))
        which = {"records": records} if records else {}
        append_leaf(session, ERASED, entries=",".join(map(str, closed)), **which)
    return closed


def delete_requests(session: Session, requests: Sequence[int]) -> None:
    """Delete requests with their links, mails, notes, declarations, PDFs and copies.

    Args:
        session: a transaction that holds them (`lock_requests`) and the log's head.
        requests: their ids.
    """
    own = Declaration.request_id.in_(requests)
    pdfs = [
        sha256
        for sha256 in session.scalars(select(Declaration.pdf_sha256).where(own))
        if sha256 is not None
    ]
    mails = select(Outbox.id).where(Outbox.request_id.in_(requests))
    session.execute(delete(Bounce).where(Bounce.outbox_id.in_(mails)))
    session.execute(delete(Outbox).where(Outbox.request_id.in_(requests)))
    session.execute(delete(Note).where(Note.request_id.in_(requests)))
    session.execute(delete(Link).where(Link.request_id.in_(requests)))
    copies = ArchiveCopy.declaration_id.in_(select(Declaration.id).where(own))
    session.execute(delete(ArchiveCopy).where(copies))
    # Each names the one before it, so that none could go first.
    replaced = select(Declaration.id).where(own)
    session.execute(
        update(Declaration)
        .where(own | Declaration.replaces.in_(replaced))
        .values(replaces=None)
    )
    session.execute(delete(Declaration).where(own))
    session.execute(delete(SealedPdf).where(SealedPdf.sha256.in_(pdfs)))
    session.execute(delete(Request).where(Request.id.in_(requests)))


def delete_parent(session: Session, parent: Parent) -> None:
    """Delete a parent who has no requests any more, and children whom nobody names.

    Args:
        session: a transaction that writes.
        parent: who.
    """
    delete_yearly_mail(session, parent)
    session.delete(parent)
    session.flush()
    related = select(Relationship.child_id)
    session.execute(delete(Child).where(Child.id.not_in(related)))
