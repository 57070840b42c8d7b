"""The tables of retention: whose data is held, and what was deleted because of age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.tables import Base


class RetentionHold(Base):
    """A parent whose data is kept past its time, such as while a dispute lasts."""

    __tablename__ = "retention_hold"

    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    held_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class RetentionDeletion(Base):
    """That data of a kind was deleted when its time was over: a count, and no name."""

    __tablename__ = "retention_deletion"

    id: Mapped[int] = mapped_column(primary_key=True)
    deleted_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    records: Mapped[int]
