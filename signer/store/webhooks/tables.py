"""The table of what other systems are told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.columns import kind_column
from signer.store.tables import Base


class DeliveryState(StrEnum):
    """What has become of telling somebody."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    """It is not tried any more, unless somebody says so."""


class WebhookDelivery(Base):
    """One event that one address is told of. It goes with its request."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_state", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    """Random; the same at every try."""
    endpoint: Mapped[str] = mapped_column(String(16))
    """Of the SHA-256 of the address, which stands in the settings alone."""
    kind: Mapped[str] = mapped_column(String(32))
    request_id: Mapped[int | None] = mapped_column(
        ForeignKey("request.id", ondelete="CASCADE"), index=True
    )
    version_number: Mapped[int]
    at: Mapped[datetime]
    """When it happened."""
    state: Mapped[DeliveryState] = mapped_column(kind_column(DeliveryState))
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    tried_since: Mapped[datetime]
    """When it happened, or when somebody last said that it be tried again."""
    ended_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(200))
    """What came of the last try, in a few words; empty where it was taken."""
