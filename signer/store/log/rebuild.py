"""Building the tree anew over the leaves that are left, when a log is reopened."""

from __future__ import annotations

import json

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.tree import Node, grow
from signer.store.log.append import append_leaf, lock_log
from signer.store.log.tables import Leaf, Opening, TreeNode
from signer.store.tables import Declaration

SEALED = "declaration:sealed"


def rebuild(session: Session) -> None:
    """Close the gaps between the leaves, and grow the tree over them again.

    Afterwards the head says how many there are, every node is what they hash to,
    and each opening opens its leaf. A record whose leaf was lost or altered, and a
    seal that the log did not tell of, are appended again.

    Args:
        session: a transaction that holds the log's lock.
    """
    leaves = session.execute(select(Leaf).order_by(Leaf.position)).scalars().all()
    kept = {
        one.position: (one.salt, one.record) for one in session.scalars(select(Opening))
    }
    commitments = [one.commitment for one in leaves]
    places = {one.position: place for place, one in enumerate(leaves)}
    session.expunge_all()
    for table in (Opening, Leaf, TreeNode):
        session.execute(delete(table))
    _insert(session, commitments)
    lost = []
    openings = []
    for position, (salt, record) in sorted(kept.items()):
        place = places.get(position)
        if place is not None and commit(salt, record) == commitments[place]:
            openings.append({"position": place, "salt": salt, "record": record})
        else:
            lost.append(record)
    if openings:
        session.execute(insert(Opening), openings)
    lock_log(session).size = len(commitments)
    for record in lost:
        evidence = json.loads(record)
        append_leaf(session, evidence.pop("event"), **evidence)
    _log_seals(session)


def _insert(session: Session, commitments: list[bytes]) -> None:
    nodes: dict[Node, bytes] = {}
    for position, commitment in enumerate(commitments):
        nodes |= grow(nodes, position, leaf_hash(commitment))
    if commitments:
        session.execute(
            insert(Leaf),
            [
                {"position": position, "commitment": commitment}
                for position, commitment in enumerate(commitments)
            ],
        )
        session.execute(
            insert(TreeNode),
            [
                {"level": level, "place": place, "hash": value}
                for (level, place), value in nodes.items()
            ],
        )


def _log_seals(session: Session) -> None:
    """Find the leaf of each seal again; a seal without one gets one."""
    session.flush()
    session.execute(update(Declaration).values(sealed_position=None))
    places = {}
    for position, record in session.execute(select(Opening.position, Opening.record)):
        said = json.loads(record)
        if said["event"] == SEALED:
            places[said["declaration"], said["pdf_sha256"]] = position
    sealed = select(Declaration).where(Declaration.pdf_sha256.is_not(None))
    for declaration in session.scalars(sealed.order_by(Declaration.sealed_at)):
        key = (declaration.id, declaration.pdf_sha256 or "")
        if key not in places:
            places[key] = append_leaf(
                session,
                SEALED,
                declaration=declaration.id,
                pdf_sha256=declaration.pdf_sha256 or "",
            )
        declaration.sealed_position = places[key]
