"""What was done at the desk: who, when, what, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from signer.store.desk.actions import record_unchanging
from signer.store.desk.tables import DeskAccount, DeskAction
from signer.workflows.context import AppContext

PAGE = 100


@dataclass(frozen=True, slots=True)
class ListedAction:
    """One act.

    Attributes:
        at: when it was committed.
        name: of the person.
        email: their address.
        action: such as ``parent:correct``.
        subject: what it was done to, such as ``parent:17``, or empty.
        details: a few words more, or empty.
    """

    at: datetime
    name: str
    email: str
    action: str
    subject: str
    details: str


@dataclass(frozen=True, slots=True)
class ActionPage:
    """A part of the list.

    Attributes:
        actions: the newest first.
        older: what to ask for to go on; None at the end.
    """

    actions: tuple[ListedAction, ...]
    older: int | None


def list_actions(
    context: AppContext,
    *,
    before: int | None = None,
    subject: str = "",
    since: datetime | None = None,
) -> ActionPage:
    """A page of what was done, the newest first.

    Args:
        context: the context.
        before: what the page before gave as `older`.
        subject: only what was done to this, such as ``parent:17``.
        since: only what was done from then on. A row may have the number of one that
            was erased before.
    """
    query = select(DeskAction, DeskAccount).join(DeskAccount)
    if before is not None:
        query = query.where(DeskAction.id < before)
    if subject:
        query = query.where(DeskAction.subject == subject)
    if since is not None:
        query = query.where(DeskAction.at >= since)
    query = query.order_by(DeskAction.id.desc()).limit(PAGE + 1)
    with context.sessions.reading() as session:
        rows = session.execute(query).all()
    listed = tuple(
        ListedAction(
            done.at,
            account.name,
            account.email,
            done.action,
            done.subject,
            done.details,
        )
        for done, account in rows[:PAGE]
    )
    return ActionPage(listed, rows[PAGE - 1][0].id if len(rows) > PAGE else None)


def record_action(context: AppContext) -> None:
    """Commit what somebody does where nothing else is changed by it.

    Afterwards it is among the actions: it is called within `acting`.
    """
    record_unchanging()
    with context.sessions.writing():
        pass
