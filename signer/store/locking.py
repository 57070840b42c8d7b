"""Taking turns, where a whole table is brought up to date."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from signer.store.tables import Base


def lock_table(session: Session, table: type[Base]) -> None:
    """Let nobody else write a table until this transaction ends; reading goes on.

    On SQLite a transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = table.__tablename__
        session.execute(text(f'LOCK TABLE "{name}" IN SHARE ROW EXCLUSIVE MODE'))
