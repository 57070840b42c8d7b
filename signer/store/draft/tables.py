"""The tables of the draft that is written at the desk, and of its review."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signer.store.columns import SHA256_HEX, kind_column
from signer.store.desk.tables import DeskAccount
from signer.store.tables import Base


class DraftSource(StrEnum):
    """How a revision came to be."""

    TYPED = "typed"
    UPLOADED = "uploaded"
    RESTORED = "restored"
    STARTED_AGAIN = "started_again"


class DraftRevision(Base):
    """The draft as it was saved once; the highest number is the draft as it is.

    Rows are only added, so that nobody's words are overwritten.
    """

    __tablename__ = "draft_revision"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    """The whole file, as a release takes it."""
    sha256: Mapped[str] = mapped_column(SHA256_HEX)
    based_on: Mapped[int]
    """The number of the version that was in force; 0 before the first."""
    source: Mapped[DraftSource] = mapped_column(kind_column(DraftSource))
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    saved_at: Mapped[datetime]

    account: Mapped[DeskAccount] = relationship()


class DraftUnsaved(Base):
    """What somebody has typed and not saved, one for each account."""

    __tablename__ = "draft_unsaved"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("desk_account.id"), primary_key=True
    )
    revision: Mapped[int]
    """The number of the revision that they began from; 0 where there was none."""
    text: Mapped[str] = mapped_column(Text)
    typed_at: Mapped[datetime]

    account: Mapped[DeskAccount] = relationship()


class DraftStepKind(StrEnum):
    """What became of a draft in its review."""

    REQUESTED = "requested"
    APPROVED = "approved"
    CHANGES = "changes"


class DraftStep(Base):
    """That somebody asked for a review of a draft, approved it, or wants changes."""

    __tablename__ = "draft_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DraftStepKind] = mapped_column(kind_column(DraftStepKind))
    draft_sha256: Mapped[str] = mapped_column(SHA256_HEX, index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    by: Mapped[str] = mapped_column(String(200))
    """The name by which it is recorded, which no later change of the account moves."""
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text)
    """What they said, or empty."""


class DraftComment(Base):
    """What somebody said about a passage of the draft."""

    __tablename__ = "draft_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(ForeignKey("draft_revision.number"))
    passage: Mapped[str] = mapped_column(Text)
    """The words of the block that it is about; empty for the whole text."""
    words: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))

    account: Mapped[DeskAccount] = relationship()
