"""The tables of what each person of the desk has chosen to get."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.columns import SHA256_HEX
from signer.store.tables import Base


class DigestRefusal(Base):
    """That somebody wants no weekly digest, as long as the row is there."""

    __tablename__ = "digest_refusal"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("desk_account.id"), primary_key=True, autoincrement=False
    )
    refused_at: Mapped[datetime]


class CalendarAddress(Base):
    """A secret address of the calendar: only the SHA-256 of its token is kept."""

    __tablename__ = "calendar_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(SHA256_HEX, unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
