"""Appending to the log, inside the transaction of what it records; reading its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import rfc8785
from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.ledger.commitments import commit, new_salt
from signer.ledger.hashing import HASH_BYTES, leaf_hash
from signer.ledger.tiles import LEVELS_A_TILE, Tile
from signer.ledger.tree import (
    Node,
    Nodes,
    consistency_proof,
    grow,
    inclusion_proof,
    root,
)
from signer.store.log.tables import Leaf, LogHead, Opening, TreeNode

_Built = TypeVar("_Built")


class StoredNodes:
    """The tree's nodes, read from the database, and held for as long as this is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: dict[Node, bytes] = {}

    def __getitem__(self, node: Node, /) -> bytes:
        """The hash of a complete subtree. Raises NoResultFound where there is none."""
        if node not in self._held:
            self._held[node] = self._session.get_one(TreeNode, node).hash
        return self._held[node]

    def ready_for(self, question: Callable[[Nodes], object]) -> StoredNodes:
        """The same, with all that a question asks for read at once.

        Args:
            question: what will be asked of the tree, such as its root. It is asked
                twice, and the first time of a tree that holds nothing but zeroes.
        """
        wanted = _Wanted()
        question(wanted)
        self._held |= stored(self._session, wanted.nodes - self._held.keys())
        return self


def stored(session: Session, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees, read at once, without those that are missing."""
    # One condition for each: of pairs in a list SQLite would search the whole table.
    each = [
        and_(TreeNode.level == level, TreeNode.place == place) for level, place in nodes
    ]
    if not each:
        return {}
    rows = session.execute(
        select(TreeNode.level, TreeNode.place, TreeNode.hash).where(or_(*each))
    )
    return {(level, place): value for level, place, value in rows}


def parts_of(session: Session, tile: Tile) -> Sequence[bytes]:
    """The hashes of a tile, or its entries, as far as they are stored."""
    last = tile.first + tile.width
    if tile.level is None:
        entries = Leaf.position.between(tile.first, last - 1)
        query = select(Leaf.commitment).where(entries).order_by(Leaf.position)
    else:
        level = TreeNode.level == LEVELS_A_TILE * tile.level
        hashes = TreeNode.place.between(tile.first, last - 1)
        query = select(TreeNode.hash).where(level, hashes).order_by(TreeNode.place)
    return session.scalars(query).all()


class _Wanted:
    """A tree that remembers what it was asked for."""

    def __init__(self) -> None:
        self.nodes: set[Node] = set()

    def __getitem__(self, node: Node, /) -> bytes:
        self.nodes.add(node)
        return bytes(HASH_BYTES)


def root_of(session: Session, size: int) -> bytes:
    """The root hash (32 bytes) of the log's first leaves.

    Raises:
        NoResultFound: a node is missing.
    """
    return _hashed(session, lambda nodes: root(nodes, size))


def path_of(session: Session, position: int, size: int) -> list[bytes]:
    """The inclusion proof of a leaf in the log's first leaves.

    Raises:
        ValueError: the leaf is not among them.
        NoResultFound: a node is missing.
    """
    return _hashed(session, lambda nodes: inclusion_proof(nodes, position, size))


def consistency_of(session: Session, old: int, size: int) -> list[bytes]:
    """The proof that the log's first leaves begin with fewer of them.

    Raises:
        ValueError: the smaller number is the larger.
        NoResultFound: a node is missing.
    """
    return _hashed(session, lambda nodes: consistency_proof(nodes, old, size))


def _hashed(session: Session, build: Callable[[Nodes], _Built]) -> _Built:
    """What is built of the log's nodes, which are read first, all at once."""
    return build(StoredNodes(session).ready_for(build))


def lock_log(session: Session) -> LogHead:
    """Hold the log's head until the transaction ends; whoever else appends waits."""
    return session.scalars(select(LogHead).with_for_update()).one()


def append_leaf(session: Session, event: str, **evidence: str | int) -> int:
    """Append a commitment to a record; gives its position, counted from 0.

    Holds the head's lock until the transaction ends, so that positions have no
    gaps and no two leaves share one.

    Args:
        session: the transaction of what happened.
        event: what happened, as ``subject:action``.
        evidence: references and hashes; never a name or an address.
    """
    # Locks the head and counts in one statement; heads in the session follow.
    counted = update(LogHead).values(size=LogHead.size + 1).returning(LogHead.size)
    position = session.scalars(counted).one() - 1
    salt = new_salt()
    record = rfc8785.dumps({"event": event, **evidence})
    commitment = commit(salt, record)
    leaf = leaf_hash(commitment)
    nodes = StoredNodes(session).ready_for(lambda nodes: grow(nodes, position, leaf))
    added = grow(nodes, position, leaf)
    # Past the objects of the session: a campaign appends thousands in one transaction.
    session.execute(insert(Leaf), {"position": position, "commitment": commitment})
    session.execute(
        insert(TreeNode),
        [
            {"level": level, "place": place, "hash": value}
            for (level, place), value in added.items()
        ],
    )
    session.execute(
        insert(Opening), {"position": position, "salt": salt, "record": record}
    )
    return position
