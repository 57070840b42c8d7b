"""Appending to the log, inside the transaction of what it records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rfc8785
from sqlalchemy import select

from signer.ledger.commitments import commit, new_salt
from signer.ledger.hashing import leaf_hash
from signer.ledger.tree import grow
from signer.store.log_tables import Leaf, LogHead, Opening, TreeNode

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.ledger.tree import Node


class StoredNodes:
    """The tree's nodes, read from the database one by one as they are needed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getitem__(self, node: Node, /) -> bytes:
        """The hash of a complete subtree. Raises NoResultFound where there is none."""
        return self._session.get_one(TreeNode, node).hash


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
    commitment = commit(salt, record)
    session.add(Leaf(position=position, commitment=commitment))
    added = grow(StoredNodes(session), position, leaf_hash(commitment))
    for (level, place), value in added.items():
        session.add(TreeNode(level=level, place=place, hash=value))
    # The foreign key wants the leaf to be there first.
    session.flush()
    session.add(Opening(position=position, salt=salt, record=record))
    return position
