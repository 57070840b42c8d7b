"""What a parent can tell the office in place of signing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import RequestClosed, RequestUnknown, TooManyNotes
from signer.mail.kinds import Kind
from signer.store.columns import NoteKind, Status
from signer.store.log.append import append_leaf
from signer.store.tables import Note, Request
from signer.user_text import paragraphs
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.requests.access import LinkState, admitted
from signer.workflows.webhooks.events import EventKind, queue_events

MOST_AN_HOUR = 5
"""How many messages of one kind about one request reach the office within an hour."""

_AN_HOUR = timedelta(hours=1)

PRESSED_TWICE = timedelta(minutes=10)
"""Within this time the same words are the same message."""


def tell_office(
    context: AppContext, ref: str, kind: NoteKind, *, link_fingerprint: str, words: str
) -> None:
    """Pass a parent's words to the office.

    Afterwards they are in the outbox for the office. A request that was declined by
    this has its leaf in the log; it may still be signed, and may be declined again
    with more to say. One that reached somebody else is disputed: its links show
    nothing, and no mail goes to the address, until the office has looked.

    Args:
        context: the context.
        ref: the request's reference.
        kind: what is told; to be somebody else, or to want paper, needs no words.
        link_fingerprint: of the link that opened the request.
        words: the parent's own.

    Raises:
        RequestUnknown: no such request for this link.
        RequestClosed: it is signed, superseded, disputed or withdrawn; questions may
            still be asked once it is signed.
        TextRefused: the words are empty, too long or cannot be kept.
        TooManyNotes: there were as many within the last hour as the office can read.
    """
    if kind in {NoteKind.DECLINE, NoteKind.QUESTION} or words.strip():
        words = paragraphs("words", words)
    else:
        words = ""
    now = clock.now()
    with context.sessions.writing() as session:
        found = admitted(session, ref, link_fingerprint, lock=True)
        if found is None:
            raise RequestUnknown
        request, state = found.request, found.state
        if found.link.revoked_at is not None:
            state = LinkState.REVOKED
        answerable = {LinkState.OPEN, LinkState.DECLINED}
        if kind is NoteKind.QUESTION:
            answerable.add(LinkState.SIGNED)
        if state not in answerable:
            raise RequestClosed(state)
        if _told_already(session, request, kind, words):
            return
        _limit(session, request, kind, now)
        note = Note(request_id=request.id, kind=kind, words=words, written_at=now)
        if kind is NoteKind.NOT_ME:
            note.disputed_key = request.parent.email_key
        session.add(note)
        session.flush()
        queue_mail(
            session,
            Kind(f"office_{kind.value}"),
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
            queue_events(
                context,
                session,
                EventKind.DECLINED,
                request.version_number,
                [request.id],
            )
    context.wake_worker()


def was_told(context: AppContext, ref: str, kind: NoteKind) -> bool:
    """Whether the office has been told so about a request.

    Args:
        context: the context.
        ref: the request's reference.
        kind: what was told.
    """
    with context.sessions.reading() as session:
        query = (
            select(Note.id)
            .join(Request, Note.request_id == Request.id)
            .where(Request.ref == ref, Note.kind == kind)
        )
        return session.scalar(query.limit(1)) is not None


def _limit(session: Session, request: Request, kind: NoteKind, now: datetime) -> None:
    """Refuse one message too many; the request's lock has others wait their turn."""
    lately = session.scalars(
        select(Note.written_at)
        .where(
            Note.request_id == request.id,
            Note.kind == kind,
            Note.written_at > now - _AN_HOUR,
        )
        .order_by(Note.written_at.desc())
        .limit(MOST_AN_HOUR)
    ).all()
    if len(lately) == MOST_AN_HOUR:
        raise TooManyNotes(lately[-1] + _AN_HOUR - now)


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
