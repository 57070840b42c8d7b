"""The types of the tables' columns, and the kinds that they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Enum,
    String,
    TypeDecorator,
    text,
)

from signer import correlation

SHA256_HEX = String(64)

CORRELATION_ID = String(correlation.LENGTH)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, also where the database keeps no zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """To UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone is no moment")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Back to an aware moment in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


def kind_column(kind: type[StrEnum]) -> Enum:
    """A column of one of a few words, kept as the word."""
    return Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
        create_constraint=True,
    )


class Status(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    SIGNED = "signed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class SignedHow(StrEnum):
    """How a request came to be signed; the two are never mixed."""

    LINK = "link"
    PAPER = "paper"


class NoteKind(StrEnum):
    """What a parent told the office."""

    DECLINE = "decline"
    QUESTION = "question"
    NOT_ME = "not_me"
    PAPER = "paper"


class Delivery(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


def where(condition: str) -> dict[str, Any]:
    """Return the options of an index of those rows alone that meet a condition.

    Args:
        condition: in SQL that both databases read.
    """
    return {f"{name}_where": text(condition) for name in ("sqlite", "postgresql")}
