"""What tells one state of the register from any other, of whatever size it is."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Text, cast, func, literal, select
from sqlalchemy.orm import DeclarativeBase, Session

from signer.store.tables import Child, FormerIdentity, Note, Parent, Relationship

_TABLES: tuple[type[DeclarativeBase], ...] = (
    Parent,
    Child,
    Relationship,
    FormerIdentity,
)
"""All that an import compares a file with, but for disputes."""

# No name has one of these.
_FIELD, _ROW, _NOTHING = "\x1f", "\x1e", "\x1a"


def mark_of_register(session: Session) -> str:
    """The SHA-256 (hex) of all rows that an import compares a file with.

    The database puts them together: to read them one by one takes many times as long.
    Whatever changes one of them, by whichever way, changes it.

    Args:
        session: any transaction.
    """
    digest = hashlib.sha256()
    for table in _TABLES:
        digest.update(_rows(session, table).encode())
        digest.update(_ROW.encode())
    open_disputes = session.execute(
        select(Note.id, Note.disputed_key)
        .where(Note.disputed_key.is_not(None), Note.settled_at.is_(None))
        .order_by(Note.id)
    )
    for row in open_disputes:
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _rows(session: Session, table: type[DeclarativeBase]) -> str:
    columns = table.__table__.columns
    words: ColumnElement[str] = literal("")
    for column in columns:
        words = words.concat(_word(column)).concat(_FIELD)
    rows = (
        select(words.label("words"))
        .order_by(*(one for one in columns if one.primary_key))
        .subquery()
    )
    return session.scalar(select(func.aggregate_strings(rows.c.words, _ROW))) or ""


def _word(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A value as text, whatever it is."""
    is_text = isinstance(column.type, String)
    word: ColumnElement[str] = column if is_text else cast(column, Text)
    is_needed = isinstance(column, Column) and not column.nullable
    return word if is_needed else func.coalesce(word, _NOTHING)
