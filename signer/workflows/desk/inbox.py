"""The inbox: what parents told the office, and what came of it.

A question, a refusal and a wish for paper wait until somebody closes them, or until the
parent has signed. That somebody is not the parent waits until the dispute is settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import NoteUnknown
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.store.columns import NoteKind, Status
from signer.store.desk.inbox import NoteAnswer, NoteClosure
from signer.store.tables import Note, Outbox, Parent, Request
from signer.user_text import one_line, paragraphs
from signer.workflows.context import AppContext
from signer.workflows.mailing.outbox import queue_mail

PAGE = 50

_OCCASION = "answer:"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the office.

    Attributes:
        words: what was written.
        at: when.
        by: who wrote it.
        delivery: what came of the mail, such as ``sent``; None where it is gone.
    """

    words: str
    at: datetime
    by: str
    delivery: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that a parent told the office.

    Attributes:
        note_id: of its row.
        kind: what it is.
        words: the parent's own, or empty.
        at: when they were written.
        parent_id: of the parent's row.
        parent: the name in the register.
        email: the address in the register; empty where there is none.
        version: the version that it is about.
        status: of the request now.
        waits: whether somebody has yet to deal with it.
        closed_by: who closed or settled it; None where nobody did.
        closed_at: when.
        answers: of the office, the oldest first.
    """

    note_id: int
    kind: NoteKind
    words: str
    at: datetime
    parent_id: int
    parent: str
    email: str
    version: int
    status: Status
    waits: bool
    closed_by: str | None
    closed_at: datetime | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of the inbox.

    Attributes:
        messages: the newest first.
        waiting: how many wait in all.
        older: what to ask for to go on; None at the end.
    """

    messages: tuple[Message, ...]
    waiting: int
    older: int | None


def list_inbox(
    context: AppContext, *, everything: bool = False, before: int | None = None
) -> Inbox:
    """A page of what waits, the newest first; changes nothing.

    Args:
        context: the context.
        everything: also what does not wait any more.
        before: what the page before gave as `older`.
    """
    with context.sessions.reading() as session:
        query = _messages().order_by(Note.id.desc()).limit(PAGE + 1)
        if not everything:
            query = query.where(waits_for_office())
        if before is not None:
            query = query.where(Note.id < before)
        rows = session.execute(query).all()
        messages = _read(session, rows[:PAGE])
        more = len(rows) > PAGE
        return Inbox(
            messages,
            sum(count_waiting(session).values()),
            messages[-1].note_id if more else None,
        )


def count_waiting(session: Session) -> dict[NoteKind, int]:
    """How many messages of each kind wait for somebody."""
    rows = session.execute(
        select(Note.kind, func.count())
        .join(Request, Request.id == Note.request_id)
        .where(waits_for_office())
        .group_by(Note.kind)
    )
    return {kind: count for kind, count in rows}  # noqa: C416 - rows


def waits_for_office() -> ColumnElement[bool]:
    """Return the condition that a note, joined with its request, waits."""
    closed = (
        select(NoteClosure.id)
        .where(NoteClosure.note_id == Note.id, NoteClosure.reopened_at.is_(None))
        .exists()
    )
    # What is asked after signing waits as well; a refusal that was thought over, and a
    # form that came back, do not.
    answered = and_(
        Note.kind != NoteKind.QUESTION,
        Request.status.in_([Status.SIGNED, Status.SUPERSEDED, Status.WITHDRAWN]),
    )
    return or_(
        and_(Note.kind == NoteKind.NOT_ME, Note.settled_at.is_(None)),
        and_(Note.kind != NoteKind.NOT_ME, ~closed, ~answered),
    )


def look_at_message(context: AppContext, note_id: int) -> Message:
    """One message, with its answers.

    Raises:
        NoteUnknown: there is no such message.
    """
    with context.sessions.reading() as session:
        rows = session.execute(_messages().where(Note.id == note_id)).all()
        if not rows:
            raise NoteUnknown
        return _read(session, rows)[0]


def answer_message(
    context: AppContext, note_id: int, words: str, *, by: str, close: bool
) -> None:
    """Answer a parent by mail.

    Afterwards the answer is kept with the message, and its mail is in the outbox. The
    same words within the same message are sent once, however often a button is pressed.

    Args:
        context: the context.
        note_id: of the message.
        words: the answer.
        by: who writes it.
        close: whether nothing more is to be done about the message.

    Raises:
        NoteUnknown: there is no such message, or its parent has no address to mail to.
        TextRefused: the words are empty or cannot be kept.
    """
    words, by = paragraphs("words", words), one_line("by", by)
    with context.sessions.writing() as session:
        note = _locked(session, note_id)
        if not session.get_one(Request, note.request_id).parent.email:
            raise NoteUnknown
        sent = session.scalars(
            select(NoteAnswer.words).where(NoteAnswer.note_id == note.id)
        ).all()
        if words not in sent:
            answer = NoteAnswer(
                note_id=note.id, words=words, written_at=clock.now(), written_by=by
            )
            session.add(answer)
            session.flush()
            queue_mail(
                session,
                Kind.ANSWER,
                f"{_OCCASION}{answer.id}",
                request_id=note.request_id,
                note_id=note.id,
            )
        if close:
            _close(session, note, by)
    context.wake_worker()


def close_messages(context: AppContext, note_ids: Collection[int], *, by: str) -> int:
    """Say that nothing more is to be done about messages; gives how many waited.

    That somebody is not the parent is settled in its own way, and stays as it is.
    """
    by = one_line("by", by)
    with context.sessions.writing() as session:
        notes = session.scalars(
            select(Note)
            .where(Note.id.in_(note_ids), Note.kind != NoteKind.NOT_ME)
            .order_by(Note.id)
            .with_for_update()
        ).all()
        return sum(_close(session, note, by) for note in notes)


def reopen_message(context: AppContext, note_id: int, *, by: str) -> None:
    """Have a message wait again.

    Raises:
        NoteUnknown: there is no such message.
    """
    by = one_line("by", by)
    with context.sessions.writing() as session:
        note = _locked(session, note_id)
        for closure in session.scalars(_closures(note.id)):
            closure.reopened_at, closure.reopened_by = clock.now(), by


def answer_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail of an answer; None where the parent has no address any more."""
    answer = session.get(NoteAnswer, int(row.occasion.removeprefix(_OCCASION)))
    if answer is None or answer.note.request_id != row.request_id:
        return None
    request = session.get_one(Request, row.request_id)
    if not request.parent.email:
        return None
    version = context.version(request.version_number, request.version_sha256)
    values = {
        "school": context.settings.school_name,
        "parent_name": request.parent.name,
        "policy_title": version.title,
        "told_text": context.language.day(answer.note.written_at),
        "words": answer.words,
        "office_email": context.settings.office_email,
    }
    return Letter(Kind.ANSWER, request.parent.name, request.parent.email, values)


def _messages() -> Select[Note, Request, Parent, bool]:
    return (
        select(Note, Request, Parent, waits_for_office())
        .join(Request, Request.id == Note.request_id)
        .join(Parent, Parent.id == Request.parent_id)
    )


def _read(
    session: Session, rows: Sequence[Row[Note, Request, Parent, bool]]
) -> tuple[Message, ...]:
    ids = [note.id for note, *_ in rows]
    answers: defaultdict[int, list[Answer]] = defaultdict(list)
    for answer, delivery in session.execute(
        select(NoteAnswer, Outbox.delivery)
        .outerjoin(Outbox, Outbox.occasion == _occasion())
        .where(NoteAnswer.note_id.in_(ids))
        .order_by(NoteAnswer.id)
    ):
        answers[answer.note_id].append(
            Answer(
                answer.words,
                answer.written_at,
                answer.written_by,
                delivery.value if delivery else None,
            )
        )
    closures = {
        one.note_id: one
        for one in session.scalars(
            select(NoteClosure).where(
                NoteClosure.note_id.in_(ids), NoteClosure.reopened_at.is_(None)
            )
        )
    }
    messages = []
    for note, request, parent, waits in rows:
        closure = closures.get(note.id)
        messages.append(
            Message(
                note.id,
                note.kind,
                note.words,
                note.written_at,
                parent.id,
                parent.name,
                parent.email,
                request.version_number,
                request.status,
                bool(waits),
                closure.closed_by if closure else note.settled_by,
                closure.closed_at if closure else note.settled_at,
                tuple(answers[note.id]),
            )
        )
    return tuple(messages)


def _occasion() -> ColumnElement[str]:
    return literal(_OCCASION) + cast(NoteAnswer.id, String)


def _locked(session: Session, note_id: int) -> Note:
    note = session.get(Note, note_id, with_for_update=True)
    if note is None:
        raise NoteUnknown
    return note


def _close(session: Session, note: Note, by: str) -> bool:
    if session.scalar(_closures(note.id).limit(1)) is not None:
        return False
    session.add(NoteClosure(note_id=note.id, closed_at=clock.now(), closed_by=by))
    return True


def _closures(note_id: int) -> Select[NoteClosure]:
    return select(NoteClosure).where(
        NoteClosure.note_id == note_id, NoteClosure.reopened_at.is_(None)
    )
