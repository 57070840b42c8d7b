"""Who acts: what is committed on somebody's behalf says so, in the same transaction.

A view says once what its person does; whichever workflow then commits, the record of it
is committed with the change, or neither is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from signer import clock
from signer.store.desk.tables import DeskAction


@dataclass(slots=True)
class Act:
    """What somebody is doing.

    Attributes:
        account_id: of their account.
        action: such as ``parent:correct``.
        subject: what it is done to, such as ``parent:17``, or empty.
        details: a few words more, without a name or an address of a parent.
        unchanging: whether it is recorded although it changes nothing.
        recorded: whether a transaction that holds it was committed.
    """

    account_id: int
    action: str
    subject: str = ""
    details: str = ""
    unchanging: bool = False
    recorded: bool = False


_acting: ContextVar[Act | None] = ContextVar("acting", default=None)


@contextmanager
def acting(act: Act) -> Iterator[Act]:
    """Record an act with the first transaction in the block that changes anything."""
    token = _acting.set(act)
    try:
        yield act
    finally:
        _acting.reset(token)


class Changes:
    """Whether a transaction has changed anything, as far as it has gone.

    Args:
        session: a transaction that has just begun.
    """

    def __init__(self, session: Session) -> None:
        self.any = False
        event.listen(session, "after_flush", self._flushed)
        event.listen(session, "do_orm_execute", self._executed)

    def _flushed(self, session: Session, _context: UOWTransaction) -> None:
        changed = any(session.is_modified(one) for one in session.dirty)
        self.any |= changed or bool(session.new or session.deleted)

    def _executed(self, state: ORMExecuteState) -> None:
        self.any |= state.is_insert or state.is_update or state.is_delete


def watch(session: Session) -> Changes | None:
    """Begin to look what a transaction changes, where an act is to be recorded."""
    act = _acting.get()
    return None if act is None or act.recorded else Changes(session)


def add_record(session: Session, changes: Changes | None) -> Act | None:
    """Add the present act to a transaction that it changes; gives it.

    A button that is pressed twice does nothing the second time: that is not recorded.

    Args:
        session: the transaction, about to be committed.
        changes: what `watch` gave as it began.
    """
    act = _acting.get()
    if act is None or changes is None:
        return None
    session.flush()
    if not changes.any and not act.unchanging:
        return None
    session.add(
        DeskAction(
            account_id=act.account_id,
            at=clock.now(),
            action=act.action,
            subject=act.subject,
            details=act.details,
        )
    )
    return act


def record_unchanging() -> None:
    """Have the next transaction record the present act, whatever it changes."""
    act = _acting.get()
    if act is not None:
        act.unchanging = True
