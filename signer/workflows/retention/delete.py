"""Deleting what is past its time, once it has been announced."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.school_calendar import school_date
from signer.store.columns import Status
from signer.store.locking import lock_table
from signer.store.log.append import lock_log
from signer.store.register.tables import ParentNote
from signer.store.retention import RetentionDeletion
from signer.store.tables import (
    Bounce,
    Declaration,
    EarlierAsk,
    Note,
    Outbox,
    Parent,
    Request,
)
from signer.workflows.context import AppContext
from signer.workflows.register.deletion import (
    close_entries,
    delete_parent,
    delete_requests,
    entries_of,
    lock_requests,
)
from signer.workflows.retention.due import Expiry, expiries
from signer.workflows.retention.erasure_notice import queue_erasure_notice
from signer.workflows.retention.report import announced_until
from signer.workflows.retention.rules import DataKind

_log = logging.getLogger(__name__)

PARENTS_AT_ONCE = 50
"""How many parents one transaction deals with: nobody who signs waits for long."""


def delete_expired(context: AppContext) -> Mapping[DataKind, int]:
    """Delete what is past its time, was announced, and is not held.

    Afterwards none of it is in any table, the entries of deleted requests in the log
    are such that nobody can open them, and the counts of what went are kept for the
    next report. A parent of whom nothing is left, and who has an address, is told by
    mail: until that has gone, it holds the address, encrypted. Stops early when the
    process is about to end; the next call goes on.

    Gives how many records of each kind were deleted by this.
    """
    deleted: Counter[DataKind] = Counter()
    with context.sessions.reading() as session:
        parents = sorted({it.parent_id for it in _deletable(context, session)})
    for start in range(0, len(parents), PARENTS_AT_ONCE):
        if context.stopping.is_set():
            break
        context.beat()
        deleted += _delete(context, parents[start : start + PARENTS_AT_ONCE])
    if deleted:
        context.sessions.truncate_wal()
        _log.info(
            "past its time, and deleted: %s",
            ", ".join(f"{number} {kind}" for kind, number in deleted.items()),
        )
    return deleted


def _deletable(context: AppContext, session: Session) -> list[Expiry]:
    """What is to be deleted now, the first day first."""
    until = announced_until(context, session)
    if until is None:
        return []
    last = min(until, school_date(clock.now()))
    return [
        expiry
        for expiry in expiries(session, context.settings, last)
        if not expiry.held
    ]


def _delete(context: AppContext, parents: Collection[int]) -> Counter[DataKind]:
    """Delete what is past its time of some parents, in one transaction."""
    deleted: Counter[DataKind] = Counter()
    with context.sessions.writing() as session:
        # Whoever comes back waits, and so does another worker that does the same.
        lock_table(session, Parent)
        kinds: dict[int, list[Expiry]] = defaultdict(list)
        for expiry in _deletable(context, session):
            if expiry.parent_id in parents:
                kinds[expiry.parent_id].append(expiry)
                deleted[expiry.kind] += expiry.records
        requests = session.scalars(
            select(Request).where(Request.parent_id.in_(kinds)).order_by(Request.id)
        ).all()
        lock_requests(session, [request.id for request in requests])
        lock_log(session)
        entries = _entries(session, requests)
        for parent_id, due in kinds.items():
            own = [it for it in requests if it.parent_id == parent_id]
            if whole := next((it for it in due if it.kind is DataKind.PARENTS), None):
                _tell(context, session, whole, [request.id for request in own])
            _delete_of_parent(session, parent_id, own, {it.kind for it in due}, entries)
        session.add_all(
            RetentionDeletion(deleted_at=clock.now(), kind=kind.value, records=number)
            for kind, number in deleted.items()
        )
    return deleted


def _tell(
    context: AppContext, session: Session, whole: Expiry, requests: Sequence[int]
) -> None:
    """Tell a parent of whom nothing is left, where an address is there."""
    declarations = session.scalars(
        select(Declaration.id)
        .join(Request, Request.id == Declaration.request_id)
        .where(Request.id.in_(requests))
        .order_by(Request.version_number)
    ).all()
    parent = session.get_one(Parent, whole.parent_id)
    queue_erasure_notice(context, session, parent, declarations, left_on=whole.left_on)


def _delete_of_parent(
    session: Session,
    parent_id: int,
    requests: Sequence[Request],
    kinds: Collection[DataKind],
    entries: Mapping[int, Sequence[int]],
) -> None:
    ids = [request.id for request in requests]
    if DataKind.REPLIES in kinds:
        mails = Outbox.request_id.in_(ids)
        returned = select(Outbox.id).where(mails)
        session.execute(delete(Bounce).where(Bounce.outbox_id.in_(returned)))
        session.execute(update(Outbox).where(mails).values(reply=None))
    if DataKind.NOTES in kinds:
        notes = select(Note.id).where(Note.request_id.in_(ids))
        told = select(Outbox.id).where(Outbox.note_id.in_(notes))
        session.execute(delete(Bounce).where(Bounce.outbox_id.in_(told)))
        session.execute(delete(Outbox).where(Outbox.note_id.in_(notes)))
        session.execute(delete(Note).where(Note.request_id.in_(ids)))
        session.execute(delete(ParentNote).where(ParentNote.parent_id == parent_id))
    closed: list[int] = []
    for kind in (DataKind.UNSIGNED, DataKind.DECLARATIONS):
        gone = [
            request.id
            for request in requests
            if (request.status is Status.SIGNED) == (kind is DataKind.DECLARATIONS)
        ]
        if kind not in kinds or not gone:
            continue
        delete_requests(session, gone)
        places = [at for one in gone for at in entries[one]]
        if DataKind.PARENTS in kinds:
            closed += places
        else:
            close_entries(session, places, kind)
    if DataKind.PARENTS in kinds:
        delete_parent(session, session.get_one(Parent, parent_id))
        close_entries(session, closed)


def _entries(
    session: Session, requests: Sequence[Request]
) -> Mapping[int, Sequence[int]]:
    """The positions of the log's entries about each request, by the request's id."""
    ids = [request.id for request in requests]
    references: dict[int, set[str]] = {it.id: {it.ref} for it in requests}
    declarations = select(Declaration.request_id, Declaration.id).where(
        Declaration.request_id.in_(ids)
    )
    for request_id, declaration_id in session.execute(declarations):
        references[request_id].add(declaration_id)
    merged = select(EarlierAsk.request_id, EarlierAsk.ref).where(
        EarlierAsk.request_id.in_(ids)
    )
    for request_id, ref in session.execute(merged):
        if ref is not None:
            references[request_id].add(ref)
    places = entries_of(session, set().union(*references.values()))
    return {
        request_id: [at for name in names for at in places.get(name, ())]
        for request_id, names in references.items()
    }
