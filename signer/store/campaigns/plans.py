"""The table of mails to parents that are to go out at a day and an hour."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.tables import Base


class PlannedAsk(Base):
    """That parents are to be asked to sign a version from a moment on.

    The newest row of a version counts. Rows of before are kept: they say who planned
    what, and who called it off.
    """

    __tablename__ = "planned_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_number: Mapped[int] = mapped_column(index=True)
    """Of a version that may be still to be released."""
    send_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str] = mapped_column(String(200))
    called_off_at: Mapped[datetime | None]
    called_off_by: Mapped[str | None] = mapped_column(String(200))
    asked_at: Mapped[datetime | None]
    """When parents were asked, by the plan or by hand: it is done with."""
