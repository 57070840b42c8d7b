"""Appending to the log, inside the transaction of what it records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rfc8785
from sqlalchemy import select

from signer.ledger.commitments import commit, new_salt
from signer.store.tables import Leaf, LogHead, Opening

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def lock(session: Session) -> LogHead:
    """Hold the log's head until the transaction ends; whoever else appends waits."""
    return session.scalars(select(LogHead).with_for_update()).one()


def append(session: Session, event: str, **evidence: str | int) -> int:
    """Append a commitment to a record; gives its position, counted from 0.

    Holds the head's lock until the transaction ends, so that positions have no
    gaps and no two leaves share one.

    Args:
        session: the transaction of what happened.
        event: what happened, as ``subject:action``.
        evidence: references and hashes; never a name or an address.
    """
    head = lock(session)
    position = head.size
    head.size = position + 1
    salt = new_salt()
    record = rfc8785.dumps({"event": event, **evidence})
    session.add(Leaf(position=position, commitment=commit(salt, record)))
    # The foreign key wants the leaf to be there first.
    session.flush()
    session.add(Opening(position=position, salt=salt, record=record))
    return position
