"""One parent with all that is known of them, as the desk shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from signer.errors import ParentUnknown
from signer.store.columns import NoteKind
from signer.store.retention import RetentionHold
from signer.store.tables import Declaration, Parent, Request, SealedPdf
from signer.workflows.campaigns.selection import request_for, state_of_parent
from signer.workflows.context import AppContext, current_number
from signer.workflows.keys.seal_level import level_asked
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.parents.browse import LEFT
from signer.workflows.parents.notes import notes_about
from signer.workflows.register.history import Asked, History, history_of, requests_of
from signer.workflows.requests.access import children_of, tutor_groups_of


@dataclass(frozen=True, slots=True)
class ChildOf:
    """A child of a parent.

    Attributes:
        name: as written in the register.
        year_group: likewise.
        tutor_group: or empty.
        relationship: what the parent is to the child.
    """

    name: str
    year_group: str
    tutor_group: str
    relationship: str


@dataclass(frozen=True, slots=True)
class StaffNote:
    """What somebody of the school noted about a parent."""

    words: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ToldInWords:
    """What a parent told the office about a request.

    Attributes:
        id: of the note.
        kind: decline, question, not_me or paper.
        words: theirs.
        written_at: when.
        settled_at: when the office had looked, where it is about the address.
        settled_by: who looked.
    """

    id: int
    kind: NoteKind
    words: str
    written_at: datetime
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class OfVersion:
    """A request of a parent.

    Attributes:
        ref: its reference.
        label: of the version.
        asked: what happened with it.
        told: what the parent told the office, oldest first.
    """

    ref: str
    label: str
    asked: Asked
    told: tuple[ToldInWords, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A parent.

    Attributes:
        id: of the row of the register.
        identifier: of the school's management system, or empty.
        added_at: since when the row is there.
        left_at: when they left; None for who is here.
        state: where they stand, as `browse.Wanted.state` has it.
        children: by name.
        history: from the first day to now.
        requests: of all versions, the newest first.
        notes: of staff, the newest first.
        held: why their data is kept past its time; empty where it is not.
        is_dead: whether mail to their address came back for good, so that none goes.
    """

    id: int
    identifier: str
    added_at: datetime
    left_at: datetime | None
    state: str
    children: tuple[ChildOf, ...]
    history: History
    requests: tuple[OfVersion, ...]
    notes: tuple[StaffNote, ...]
    held: str
    is_dead: bool

    @property
    def name(self) -> str:
        """In the register."""
        return self.history.name

    @property
    def email(self) -> str:
        """In the register; empty where they have none."""
        return self.history.email


def look_up_person(context: AppContext, parent_id: int) -> Person:
    """All that is known of a parent, here now or before; changes nothing.

    Raises:
        ParentUnknown: there is no such row.
    """
    with context.sessions.reading() as session:
        parent = session.get(Parent, parent_id)
        if parent is None:
            raise ParentUnknown
        history = history_of(session, parent, level_asked(context.settings))
        requests = [
            _of_version(context, request, asked)
            for request, asked in zip(
                requests_of(session, parent), history.requests, strict=True
            )
        ]
        hold = session.get(RetentionHold, parent.id)
        return Person(
            parent.id,
            parent.identifier or "",
            parent.added_at,
            parent.left_at,
            _state(session, parent),
            tuple(
                ChildOf(name, year_group, tutor_group, words)
                for (name, year_group, words), tutor_group in zip(
                    children_of(parent), tutor_groups_of(parent), strict=True
                )
            ),
            history,
            tuple(reversed(requests)),
            tuple(
                StaffNote(one.words, one.written_by, one.written_at)
                for one in reversed(notes_about(session, parent))
            ),
            hold.reason if hold else "",
            bool(session.scalar(select(literal(1)).where(is_dead(parent.email_key)))),
        )


def declaration_pdf(
    context: AppContext, parent_id: int, declaration_id: str
) -> bytes | None:
    """The sealed PDF of a declaration of a parent; None where there is none such."""
    with context.sessions.reading() as session:
        pdf = session.scalar(
            select(SealedPdf)
            .join(Declaration, Declaration.pdf_sha256 == SealedPdf.sha256)
            .join(Request, Request.id == Declaration.request_id)
            .where(Request.parent_id == parent_id, Declaration.id == declaration_id)
        )
        return None if pdf is None else pdf.content


def _of_version(context: AppContext, request: Request, asked: Asked) -> OfVersion:
    version = context.version(request.version_number, request.version_sha256)
    told = tuple(
        ToldInWords(
            one.id, one.kind, one.words, one.written_at, one.settled_at, one.settled_by
        )
        for one in request.notes
    )
    return OfVersion(request.ref, version.label, asked, told)


def _state(session: Session, parent: Parent) -> str:
    if parent.left_at is not None:
        return LEFT
    query = (
        select(state_of_parent())
        .select_from(Parent)
        .outerjoin(Request, request_for(current_number(session)))
        .where(Parent.id == parent.id)
    )
    return session.scalars(query).one()
