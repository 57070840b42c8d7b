"""The tables beside the register: headings, notes of staff, and yearly mails."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.register.file.headings import HEADING_CHARACTERS
from signer.store.tables import Base


class RegisterColumn(Base):
    """What the school said that a heading of its register files means."""

    __tablename__ = "register_column"

    heading: Mapped[str] = mapped_column(String(HEADING_CHARACTERS), primary_key=True)
    """In small letters, with single spaces."""
    meaning: Mapped[str] = mapped_column(String(60))
    """The column's name, or ``ignore``."""


class ParentNote(Base):
    """Words of staff about a parent, for staff."""

    __tablename__ = "parent_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"), index=True
    )
    words: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(200))
    written_at: Mapped[datetime]


class YearlyMail(Base):
    """That a parent has the yearly mail of a school year, or is about to have it."""

    __tablename__ = "yearly_mail"

    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    school_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The calendar year in which it begins."""
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; the occasion of the mail: a number would come again once its row is gone.
    """
