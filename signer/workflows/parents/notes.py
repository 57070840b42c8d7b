"""What staff note about a parent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.store.register.tables import ParentNote
from signer.store.tables import Parent
from signer.user_text import one_line, paragraphs
from signer.workflows.context import AppContext
from signer.workflows.register.find_parent import parent_known_by


def note_about_parent(
    context: AppContext, who: str | int, words: str, *, by: str
) -> None:
    """Keep words of staff about a parent.

    Afterwards they are with the parent for as long as the row of the parent is, and in
    what is exported of them. The same words twice in a row are kept once.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        words: what is to be known.
        by: who says so.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
        TextRefused: the words are empty or cannot be kept.
    """
    words, by = paragraphs("words", words), one_line("by", by)
    with context.sessions.writing() as session:
        parent = parent_known_by(session, who)
        session.execute(
            select(Parent.id).where(Parent.id == parent.id).with_for_update()
        ).all()
        last = session.scalar(
            select(ParentNote)
            .where(ParentNote.parent_id == parent.id)
            .order_by(ParentNote.id.desc())
            .limit(1)
        )
        if last is None or (last.words, last.written_by) != (words, by):
            session.add(
                ParentNote(
                    parent_id=parent.id,
                    words=words,
                    written_by=by,
                    written_at=clock.now(),
                )
            )


def notes_about(session: Session, parent: Parent) -> Sequence[ParentNote]:
    """Return what staff noted about a parent, oldest first."""
    return session.scalars(
        select(ParentNote)
        .where(ParentNote.parent_id == parent.id)
        .order_by(ParentNote.written_at, ParentNote.id)
    ).all()


def carry_over_notes(session: Session, goes: Parent, keeper: Parent) -> None:
    """Give a parent the notes about another record of theirs, which goes."""
    session.execute(
        update(ParentNote)
        .where(ParentNote.parent_id == goes.id)
        .values(parent_id=keeper.id)
    )
