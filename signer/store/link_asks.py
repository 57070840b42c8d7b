"""The tables of asking for new links: who waits for one, and how often one may ask."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from signer import correlation
from signer.store.columns import CORRELATION_ID
from signer.store.tables import Base


class LinkAsk(Base):
    """Somebody wants a new link. It passes: no backup holds it.

    Whether the address is in the register is looked up by the worker, so that nobody
    can tell it from the answer.
    """

    __tablename__ = "link_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[bytes] = mapped_column(LargeBinary)
    """As typed; readable with the service's secret keys alone."""
    correlation_id: Mapped[str | None] = mapped_column(
        CORRELATION_ID, default=correlation.current_id
    )


class LinkAskPace(Base):
    """When the budget of asking for links is whole again: a network's, or everybody's.

    A network has its hash for a name, everybody an empty one. Rows of the past are
    deleted: no network stays.
    """

    __tablename__ = "link_ask_pace"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    whole_at: Mapped[datetime]
