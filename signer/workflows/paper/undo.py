"""Undoing the record of a paper that was recorded in error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import PaperRefused
from signer.mail.kinds import Kind
from signer.store.columns import NoteKind, SignedHow, Status
from signer.store.log.append import append_leaf
from signer.store.paper.tables import Paper
from signer.store.tables import Note, PinnedVersion, Request
from signer.user_text import one_line
from signer.workflows.context import AppContext, current_number
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.paper.record import paper_in_force
from signer.workflows.register.find_parent import parent_known_by


@dataclass(frozen=True, slots=True)
class UndonePaper:
    """What undoing a record of a paper does, or would.

    Attributes:
        name: of the parent.
        email: of the parent.
        version: the number of the version that was recorded as signed.
        label: its label.
        signed_on: the date on the paper, ``2026-11-20``; None where none was kept.
        recorded_by: who had recorded it.
        recorded_at: when.
        undone_by: who undoes it.
        reason: why.
        after: the state of the request without it.
        mailed: whether the parent, who had not been asked before, is asked by mail.
        dry_run: whether nothing was done.
    """

    name: str
    email: str
    version: int
    label: str
    signed_on: str | None
    recorded_by: str
    recorded_at: datetime
    undone_by: str
    reason: str
    after: Status
    mailed: bool
    dry_run: bool


def undo_paper(  # noqa: PLR0913 - what the office says, each by its name
    context: AppContext,
    who: str | int,
    *,
    by: str,
    reason: str,
    version: int | None = None,
    name: str = "",
    dry_run: bool = False,
) -> UndonePaper:
    """Undo the record of a paper; the record, its scan and this are kept.

    Afterwards the request has the state that it would have without it, and the log has
    a leaf that says so. Reminders go on where it is outstanding again.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        by: who undoes it.
        reason: why.
        version: the one that was recorded as signed; by default the only one.
        name: the parent's name, where two share the address.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        PaperRefused: no such paper is recorded, or several are.
        TextRefused: ``by`` or ``reason`` is empty or cannot be kept.
    """
    undone_by, reason = one_line("by", by), one_line("reason", reason)
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        parent = parent_known_by(session, who, name)
        query = select(Request).where(
            Request.parent_id == parent.id, Request.signed_how == SignedHow.PAPER
        )
        if version is not None:
            query = query.where(Request.version_number == version)
        if not dry_run:
            query = query.with_for_update()
        requests = session.scalars(query.order_by(Request.version_number)).all()
        if not requests:
            which = "any version" if version is None else f"version {version}"
            raise PaperRefused(f"no paper of {parent.name} is recorded for {which}")
        if len(requests) > 1:
            signed = ", ".join(str(one.version_number) for one in requests)
            raise PaperRefused(
                f"{parent.name} has signed several versions on paper: {signed}. Say "
                "which one with --version"
            )
        request = requests[0]
        paper = paper_in_force(session, request) or _of_before(session, request)
        after = _status_after(request, paper, current_number(session))
        unasked = paper.status_before is None and after is Status.PENDING
        pinned = session.get_one(PinnedVersion, request.version_number)
        result = UndonePaper(
            parent.name,
            parent.email,
            pinned.number,
            pinned.label,
            paper.signed_on,
            paper.recorded_by,
            paper.recorded_at,
            undone_by,
            reason,
            after,
            unasked and bool(parent.email),
            dry_run,
        )
        if not dry_run:
            _undo(session, request, paper, result)
    if result.mailed and not dry_run:
        context.wake_worker()
    return result


def _of_before(session: Session, request: Request) -> Paper:
    """The paper of a request that a release without papers recorded."""
    declined_at = session.scalar(
        select(Note.written_at)
        .where(Note.request_id == request.id, Note.kind == NoteKind.DECLINE)
        .order_by(Note.id.desc())
        .limit(1)
    )
    return Paper(
        request_id=request.id,
        signed_on=None,
        recorded_by=request.recorded_by or "",
        recorded_at=request.closed_at or request.asked_at,
        status_before=Status.DECLINED if declined_at else Status.PENDING,
        closed_before=declined_at,
    )


def _status_after(request: Request, paper: Paper, current: int | None) -> Status:
    before = paper.status_before
    if before in {Status.SUPERSEDED, Status.WITHDRAWN}:
        return before
    if request.parent.left_at is not None:
        return Status.WITHDRAWN
    if before is Status.DECLINED:
        return before
    if request.version_number != current:
        return Status.SUPERSEDED
    return Status.PENDING


def _undo(
    session: Session, request: Request, paper: Paper, undone: UndonePaper
) -> None:
    now = clock.now()
    paper.undone_at, paper.undone_by = now, undone.undone_by
    paper.undone_reason = undone.reason
    session.add(paper)
    request.status, request.signed_how = undone.after, None
    request.recorded_by = None
    if undone.after is Status.PENDING:
        request.closed_at = None
    elif undone.after is paper.status_before:
        request.closed_at = paper.closed_before
    else:
        request.closed_at = now
    if undone.after is Status.PENDING and paper.status_before is None:
        request.asked_at = now
    if undone.mailed:
        session.flush()
        queue_mail(
            session, Kind.ASK, f"ask:request:{request.id}", request_id=request.id
        )
    append_leaf(
        session,
        "paper:undone",
        request=request.ref,
        version_sha256=request.version_sha256,
    )
