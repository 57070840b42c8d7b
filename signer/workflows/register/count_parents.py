"""How many parents a release would ask."""

from __future__ import annotations

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from signer.config import Settings
from signer.errors import DatabaseMissing
from signer.store.engine import Sessions, connect
from signer.store.tables import Parent


def count_parents(settings: Settings) -> int | None:
    """How many active parents there are: each of them is asked to sign a new version.

    Returns:
        None where no database is at hand, as on a headteacher's own computer.
    """
    if not settings.names_database:
        return None
    sessions = connect(settings.database)
    try:
        if not has_database(sessions):
            return None
        with sessions.reading() as session:
            return session.scalar(
                select(func.count()).select_from(Parent).where(Parent.left_at.is_(None))
            )
    except SQLAlchemyError:
        return None
    finally:
        sessions.close()


def has_database(sessions: Sessions) -> bool:
    """Whether there is a database of ours; none is made by asking."""
    try:
        return inspect(sessions.engine).has_table(Parent.__tablename__)
    except DatabaseMissing:
        return False
