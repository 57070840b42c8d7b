"""The tables of what was signed by hand, as the office recorded it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signer.store.columns import SHA256_HEX, Status
from signer.store.tables import Base, Request


class Paper(Base):
    """A declaration signed by hand. One that was recorded in error is undone, and kept.

    At most one paper of a request is not undone. A request that a release before this
    one recorded as signed on paper has none.
    """

    __tablename__ = "paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(
        ForeignKey("request.id", ondelete="CASCADE"), index=True
    )
    signed_on: Mapped[str | None] = mapped_column(String(10))
    """The date on the paper, ``2026-11-20``; None where nobody was asked for it."""
    recorded_by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    status_before: Mapped[Status | None]
    """Where the request stood; None where it was opened to record this."""
    closed_before: Mapped[datetime | None]
    """When the request had been closed before this."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(200))
    undone_reason: Mapped[str | None] = mapped_column(Text)

    request: Mapped[Request] = relationship()
    scan: Mapped[PaperScan | None] = relationship(
        back_populates="paper", cascade="all, delete-orphan", passive_deletes=True
    )


class PaperScan(Base):
    """A scan or a photograph of a paper."""

    __tablename__ = "paper_scan"

    paper_id: Mapped[int] = mapped_column(
        ForeignKey("paper.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    sha256: Mapped[str] = mapped_column(SHA256_HEX)
    media_type: Mapped[str] = mapped_column(String(32))
    """Such as ``application/pdf``."""
    content: Mapped[bytes]

    paper: Mapped[Paper] = relationship(back_populates="scan")
