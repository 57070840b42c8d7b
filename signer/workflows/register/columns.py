"""What headings of register files mean at this school, said once and remembered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signer.store.register.tables import RegisterColumn
from signer.workflows.context import AppContext


def remembered_columns(context: AppContext) -> dict[str, str]:
    """The name of the column that each heading means, by heading, folded."""
    with context.sessions.reading() as session:
        return columns_in(session)


def columns_in(session: Session) -> dict[str, str]:
    """What `remembered_columns` gives, read in a transaction of its caller's."""
    query = select(RegisterColumn).order_by(RegisterColumn.heading)
    return {row.heading: row.meaning for row in session.scalars(query)}


def forget_columns(context: AppContext) -> int:
    """Forget what was said of headings; gives of how many.

    Afterwards a heading means what its words say, and nothing where that is not sure.
    """
    with context.sessions.writing() as session:
        headings = session.scalars(select(RegisterColumn.heading)).all()
        session.execute(delete(RegisterColumn))
    return len(headings)


def remember_columns(session: Session, columns: Mapping[str, str]) -> None:
    """Remember what headings mean, in place of what was said of them before.

    Args:
        session: a transaction that writes.
        columns: the names of columns, by heading, folded.
    """
    for heading, meaning in columns.items():
        session.merge(RegisterColumn(heading=heading, meaning=meaning))
