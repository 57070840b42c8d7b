"""What a parent can tell the office in place of signing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer import clock
from signer.errors import RequestClosed, RequestUnknown
from signer.mail.compose import Kind
from signer.store.columns import NoteKind, Status
from signer.store.log.append import append_leaf
from signer.store.tables import Note, Request
from signer.user_text import paragraphs
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.requests.access import LinkState, admitted, state_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.workflows.context import AppContext

PRESSED_TWICE = timedelta(minutes=10)
"""Within this time the same words are the same message."""

_MAIL = {
    NoteKind.DECLINE: Kind.OFFICE_DECLINE,
    NoteKind.QUESTION: Kind.OFFICE_QUESTION,
    NoteKind.NOT_ME: Kind.OFFICE_NOT_ME,
    NoteKind.PAPER: Kind.OFFICE_PAPER,
}


def decline_request(
    context: AppContext, ref: str, *, link_fingerprint: str, reason: str
) -> None:
    """Decline to sign, with a reason.

    Afterwards the request is declined, the log's leaf appended, and the reason in
    the outbox for the office. A declined request may still be signed, and may be
    declined again with more to say.

    Raises:
        RequestUnknown: no such request for this link.
        RequestClosed: it is signed, superseded or withdrawn.
        TextRefused: the reason is empty, too long or cannot be kept.
    """
    words = paragraphs("reason", reason)
    _tell(context, ref, link_fingerprint, NoteKind.DECLINE, words)


def ask_question(
    context: AppContext, ref: str, *, link_fingerprint: str, question: str
) -> None:
    """Pass a question to the office. Raises as `decline_request`."""
    words = paragraphs("question", question)
    _tell(context, ref, link_fingerprint, NoteKind.QUESTION, words)


def report_not_me(
    context: AppContext, ref: str, *, link_fingerprint: str, note: str
) -> None:
    """Tell the office that the mail reached the wrong person; the note may be empty.

    Raises as `decline_request`.
    """
    words = paragraphs("note", note) if note.strip() else ""
    _tell(context, ref, link_fingerprint, NoteKind.NOT_ME, words)


def ask_for_paper(
    context: AppContext, ref: str, *, link_fingerprint: str, note: str
) -> None:
    """Tell the office that the parent wants to sign on paper; the note may be empty.

    Raises as `decline_request`.
    """
    words = paragraphs("note", note) if note.strip() else ""
    _tell(context, ref, link_fingerprint, NoteKind.PAPER, words)


def was_told(context: AppContext, ref: str, kind: str) -> bool:
    """Whether the office has been told so about a request.

    Args:
        context: the context.
        ref: the request's reference.
        kind: ``decline``, ``question``, ``not_me`` or ``paper``.
    """
    with context.sessions.reading() as session:
        query = (
            select(Note.id)
            .join(Request, Note.request_id == Request.id)
            .where(Request.ref == ref, Note.kind == NoteKind(kind))
        )
        return session.scalar(query.limit(1)) is not None


def _tell(context: AppContext, ref: str, mark: str, kind: NoteKind, words: str) -> None:
    now = clock.now()
    with context.sessions.writing() as session:
        found = admitted(session, ref, mark, lock=True)
        if found is None:
            raise RequestUnknown
        request, link = found
        state = state_of(session, request)
        if link.revoked_at is not None:
            state = LinkState.REVOKED
        answerable = {LinkState.OPEN, LinkState.DECLINED}
        if kind is NoteKind.QUESTION:
            answerable.add(LinkState.SIGNED)
        if state not in answerable:
            raise RequestClosed(state)
        if _told_already(session, request, kind, words):
            return
        note = Note(request_id=request.id, kind=kind, words=words, written_at=now)
        session.add(note)
        session.flush()
        queue_mail(
            session,
            _MAIL[kind],
            f"note:{note.id}",
            request_id=request.id,
            note_id=note.id,
        )
        if kind is NoteKind.DECLINE and state is LinkState.OPEN:
            request.status = Status.DECLINED
            request.closed_at = now
            append_leaf(
                session,
                "request:declined",
                request=request.ref,
                version_sha256=request.version_sha256,
            )
    context.wake_worker()


def _told_already(
    session: Session, request: Request, kind: NoteKind, words: str
) -> bool:
    """Whether the very same words came a moment ago: a button pressed twice."""
    same = select(Note.id).where(
        Note.request_id == request.id,
        Note.kind == kind,
        Note.words == words,
        Note.written_at > clock.now() - PRESSED_TWICE,
    )
    return session.scalar(same.limit(1)) is not None
