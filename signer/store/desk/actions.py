"""Who acts: what is committed on somebody's behalf says so, in the same transaction.

A view says once what its person does; whichever workflow then commits, the record of it
is committed with the change, or neither is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy.orm import Session

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
        recorded: whether a transaction that holds it was committed.
    """

    account_id: int
    action: str
    subject: str = ""
    details: str = ""
    recorded: bool = False


_acting: ContextVar[Act | None] = ContextVar("acting", default=None)


@contextmanager
def acting(act: Act) -> Iterator[Act]:
    """Record an act with the first transaction that is committed in the block."""
    token = _acting.set(act)
    try:
        yield act
    finally:
        _acting.reset(token)


def add_record(session: Session) -> Act | None:
    """Add the present act, where it is not recorded yet, to a transaction; gives it."""
    act = _acting.get()
    if act is None or act.recorded:
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
