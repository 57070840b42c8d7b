"""Erasing what is known of a parent who has left; the log stays as it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signer.errors import ParentActive, ParentHeld
from signer.store.locking import lock_table
from signer.store.log.append import lock_log
from signer.store.retention import RetentionHold
from signer.store.tables import Declaration, EarlierAsk, Parent, Request
from signer.store.transient import RegisterUpload
from signer.workflows.context import AppContext
from signer.workflows.register.deletion import (
    close_entries,
    delete_parent,
    delete_requests,
    entries_of,
    lock_requests,
)
from signer.workflows.register.find_parent import one_parent
from signer.workflows.retention.erasure_notice import queue_erasure_notice

OUT_OF_REACH = (
    "backups made before this, until each is deleted",
    "bundles for auditors made before this, wherever they are",
    "mails in the mailboxes of the parent, the office and the headteacher",
    "logs of the mail server, which hold addresses",
    "the sealed PDF and any exported copy, where somebody keeps one",
)
"""The copies that deleting a record here does not reach."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure takes away, or would.

    Attributes:
        name: the parent's name.
        requests: how many requests.
        declarations: the references of the declarations, with their PDFs.
        entries: the positions of the log's entries that nobody can open any more.
        dry_run: whether nothing was done.
        out_of_reach: the copies that stay, in words.
    """

    name: str
    requests: int
    declarations: tuple[str, ...]
    entries: tuple[int, ...]
    dry_run: bool
    out_of_reach: tuple[str, ...] = OUT_OF_REACH


def erase_parent(
    context: AppContext, email: str | int, *, name: str = "", dry_run: bool = False
) -> Erased:
    """Erase a parent who has left, and all that was kept of them.

    Afterwards no table holds the name, the address, a request, a declaration or its
    PDF, and the salts of their entries in the log are gone. So nobody can tell any
    more what those entries were; the log itself is as it was, and an entry of its
    own says which ones they are. A parent with an address is told by mail: until that
    has gone, it holds name and address, encrypted.

    Args:
        context: the context.
        email: the address in the register, or the id of the row.
        name: the parent's name, where two shared the address.
        dry_run: only say what would be erased.

    Raises:
        ParentUnknown: nobody of this address was ever in the register.
        ParentAmbiguous: two shared the address, and no name was given.
        ParentActive: the parent is still in the register.
        ParentHeld: the data of this parent is held (`signer retention hold`).
    """
    if dry_run:
        with context.sessions.reading() as session:
            return _what_goes(session, one_parent(session, email, name), dry_run=True)
    with context.sessions.writing() as session:
        # Whoever comes back, or is deleted because of age, waits.
        lock_table(session, Parent)
        parent = one_parent(session, email, name)
        requests = session.scalars(
            select(Request.id).where(Request.parent_id == parent.id)
        ).all()
        lock_requests(session, requests)
        lock_log(session)
        erased = _what_goes(session, parent, dry_run=False)
        queue_erasure_notice(context, session, parent, erased.declarations)
        delete_requests(session, requests)
        delete_parent(session, parent)
        # A file that waits to be imported may name them.
        session.execute(delete(RegisterUpload))
        close_entries(session, erased.entries)
    context.sessions.truncate_wal()
    context.wake_worker()
    return erased


def _what_goes(session: Session, parent: Parent, *, dry_run: bool) -> Erased:
    if parent.left_at is None:
        raise ParentActive
    if session.get(RetentionHold, parent.id) is not None:
        raise ParentHeld
    requests = session.scalars(
        select(Request.ref).where(Request.parent_id == parent.id)
    ).all()
    declarations = tuple(
        session.scalars(
            select(Declaration.id)
            .join(Request)
            .where(Request.parent_id == parent.id)
            .order_by(Request.version_number)
        )
    )
    merged = session.scalars(
        select(EarlierAsk.ref)
        .join(Request)
        .where(Request.parent_id == parent.id, EarlierAsk.ref.is_not(None))
    ).all()
    entries = entries_of(session, {*requests, *declarations, *filter(None, merged)})
    return Erased(
        name=parent.name,
        requests=len(requests),
        declarations=declarations,
        entries=tuple(sorted({at for places in entries.values() for at in places})),
        dry_run=dry_run,
    )
