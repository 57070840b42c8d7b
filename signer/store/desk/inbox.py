"""The tables of the inbox: what came of what parents told the office."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signer.store.tables import Base, Note


class NoteAnswer(Base):
    """An answer of the office to a parent's words, by mail."""

    __tablename__ = "note_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(
        ForeignKey("note.id", ondelete="CASCADE"), index=True
    )
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(200))

    note: Mapped[Note] = relationship()


class NoteClosure(Base):
    """That nothing more is to be done about a parent's words, until it is reopened.

    At most one of a note has not been reopened.
    """

    __tablename__ = "note_closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(
        ForeignKey("note.id", ondelete="CASCADE"), index=True
    )
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(String(200))
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[str | None] = mapped_column(String(200))
