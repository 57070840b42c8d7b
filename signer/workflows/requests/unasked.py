"""Who is yet to be asked for a version, and whether that is done without a person."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from signer.store.columns import Status
from signer.store.tables import Parent, Request
from signer.workflows.context import AppContext, current_number
from signer.workflows.exemption.exempt import is_exempt


def owes(number: int | None) -> ColumnElement[bool]:
    """Return the condition that a parent is to be asked for a version, and was not."""
    asked = (
        select(Request.id)
        .where(Request.parent_id == Parent.id, Request.version_number == number)
        .correlate(Parent)
        .exists()
    )
    return Parent.left_at.is_(None) & ~asked & ~is_exempt(Parent.id)


def waits(number: int | None) -> ColumnElement[bool]:
    """Return the condition that a parent is here, and has yet to be asked.

    That is one who owes, and one who left before answering, and is back.
    """
    # One list of those asked: whether there is a request, asked of each parent, takes
    # SQLite twice as long.
    asked = select(Request.parent_id).where(
        Request.version_number == number, Request.status != Status.WITHDRAWN
    )
    return Parent.left_at.is_(None) & Parent.id.not_in(asked) & ~is_exempt(Parent.id)


def asks_new_parents(context: AppContext) -> bool:
    """Whether whoever joins the register is asked without a person's doing."""
    with context.sessions.reading() as session:
        begun = current_number(session) is not None
    return begun and context.settings.ask_new_parents
