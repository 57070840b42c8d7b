"""The table of archive copies: what stands behind the sealed files, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.columns import SHA256_HEX
from signer.store.tables import Base


class ArchiveCopy(Base):
    """The archive copy of a declaration (PAdES B-LTA), or what kept it from being made.

    The sealed file, which it begins with, stands in the record once: here is only what
    follows.
    """

    __tablename__ = "archive_copy"

    declaration_id: Mapped[str] = mapped_column(
        String(32),
        ForeignKey("declaration.id", ondelete="CASCADE"),
        primary_key=True,
    )
    addition: Mapped[bytes | None]
    """What follows the sealed file; None while no copy was made."""
    sha256: Mapped[str | None] = mapped_column(SHA256_HEX)
    """Of the whole copy."""
    timestamps: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime | None]
    """When the newest of its timestamps was added."""
    ends_at: Mapped[datetime | None]
    """When the certificate behind that one ends."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be made, or not be renewed."""
    problem: Mapped[str | None] = mapped_column(Text)
