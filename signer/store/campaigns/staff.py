"""The table of teachers, who are told of each release and sign nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.tables import Base


class StaffMember(Base):
    """A teacher, or anybody else at the school, who is told of each release by mail.

    One who has left the list is told nothing more, and is deleted when the time for
    that is over.
    """

    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    """Random. It stands in the occasions of mails, which outlive the row."""
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
