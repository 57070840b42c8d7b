"""The tables of the check-list that holds the first asking of parents back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.columns import kind_column
from signer.store.tables import Base


class EntryKind(StrEnum):
    """What somebody did about a line of the check-list."""

    SENT = "sent"
    """Had a mail sent that somebody is to read."""
    CONFIRMED = "confirmed"
    """Said, or proved by the code in it, that it was read."""
    SET_ASIDE = "set_aside"
    """Decided, with a reason, to go on without it."""
    TAKEN_UP = "taken_up"
    """Ended that: the line holds the first asking back again."""


class ChecklistEntry(Base):
    """What somebody of the school did about one line, and when."""

    __tablename__ = "checklist_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(32))
    kind: Mapped[EntryKind] = mapped_column(kind_column(EntryKind))
    mark: Mapped[str] = mapped_column(String(64))
    """What it was about, such as a hash of the address; empty where that is plain."""
    words: Mapped[str] = mapped_column(Text)
    """The reason for going on without it, or empty."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))


class ChecklistResult(Base):
    """What a check found that asks other servers. It passes: no backup holds it."""

    __tablename__ = "checklist_result"

    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    passed: Mapped[bool]
    found: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class BackupMade(Base):
    """That a backup was written, and read again. It passes: no backup holds it."""

    __tablename__ = "backup_made"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    encrypted: Mapped[bool]
    """Whether only the holder of a private key can open it."""
