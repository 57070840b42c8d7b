"""Holding the data of a parent: nothing of it is deleted until the hold ends."""

from __future__ import annotations

from sqlalchemy.orm import Session

from signer import clock
from signer.store.retention import RetentionHold
from signer.store.tables import Parent
from signer.user_text import NOTE_CHARACTERS, one_line
from signer.workflows.context import AppContext
from signer.workflows.register.find_parent import one_parent


def hold_data(
    context: AppContext, email: str | int, *, name: str = "", reason: str
) -> None:
    """Keep all data of a parent past its time, and from being erased.

    Afterwards it is held, with this reason and from now on.

    Args:
        context: the context.
        email: as for `one_parent`.
        name: the parent's name, where two share the address.
        reason: why, in words.

    Raises:
        ParentUnknown: nobody of this address was ever in the register.
        ParentAmbiguous: two share the address, and no name was given.
        TextRefused: the reason cannot be kept as it is.
    """
    words = one_line("reason", reason, limit=NOTE_CHARACTERS)
    with context.sessions.writing() as session:
        parent = one_parent(session, email, name)
        session.merge(
            RetentionHold(parent_id=parent.id, held_at=clock.now(), reason=words)
        )


def release_data(context: AppContext, email: str | int, *, name: str = "") -> bool:
    """End the hold of a parent's data; gives whether there was one.

    Afterwards what is past its time is deleted on the next morning.

    Args:
        context: the context.
        email: as for `one_parent`.
        name: the parent's name, where two share the address.

    Raises:
        ParentUnknown: nobody of this address was ever in the register.
        ParentAmbiguous: two share the address, and no name was given.
    """
    with context.sessions.writing() as session:
        parent = one_parent(session, email, name)
        held = session.get(RetentionHold, parent.id)
        if held is None:
            return False
        session.delete(held)
        return True


def carry_over_hold(session: Session, goes: Parent, keeper: Parent) -> None:
    """Hold the data of a parent because that of another record of theirs was held."""
    hold = session.get(RetentionHold, goes.id)
    if hold is None:
        return
    own = session.get(RetentionHold, keeper.id)
    if own is None:
        session.add(
            RetentionHold(parent_id=keeper.id, held_at=hold.held_at, reason=hold.reason)
        )
    else:
        own.reason = f"{own.reason}; {hold.reason}"
        own.held_at = min(own.held_at, hold.held_at)
    session.delete(hold)
