"""Hashing stored leaves again, and comparing that with the tree kept above them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from signer.errors import LogBroken
from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash, node_hash
from signer.ledger.tree import Node
from signer.store.log.append import stored
from signer.store.log.tables import Leaf, Opening, TreeNode

BLOCK = 4096
"""How many leaves are in memory at a time."""


def use_snapshot(session: Session) -> None:
    """Let a transaction that reads see one moment, whatever is appended meanwhile.

    On SQLite every transaction does.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def check_size(session: Session, size: int) -> None:
    """Check that the newest leaf, and the newest node above it, are where they belong.

    Args:
        session: a transaction.
        size: the log's number of leaves, as its head says.

    Raises:
        LogBroken: there are more leaves than the head says, or fewer.
    """
    newest = session.scalar(select(func.max(Leaf.position)))
    found = 0 if newest is None else newest + 1
    if found != size:
        raise LogBroken(
            f"The log's size should be {size}, and is {found}.",
            size=size,
        )
    place = session.scalar(select(func.max(TreeNode.place)).where(TreeNode.level == 0))
    hashed = 0 if place is None else place + 1
    if hashed != size:
        raise LogBroken(
            f"The log's size is {size}, and the hashes kept are for {hashed}.",
            size=size,
        )


def check_count(session: Session, size: int) -> None:
    """Check that a log has as many leaves and nodes as its size takes, and no more.

    Raises:
        LogBroken: it has not.
    """
    leaves = session.scalar(select(func.count()).select_from(Leaf))
    nodes = session.scalar(select(func.count()).select_from(TreeNode))
    if leaves != size:
        raise LogBroken(
            f"The log should hold {size} entries, and holds {leaves}.", size=size
        )
    wanted = 2 * size - size.bit_count()
    if nodes != wanted:
        raise LogBroken(
            f"The log should hold {wanted} hashes, and holds {nodes}.",
            size=size,
        )


def check_hashes(
    session: Session, start: int, size: int, *, openings: bool = False
) -> None:
    """Hash the leaves from a position onwards, and compare with what is kept.

    Args:
        session: a transaction.
        start: the first leaf to look at. The tree of those before it is trusted.
        size: the log's number of leaves.
        openings: whether to compare each leaf with what it commits to as well.

    Raises:
        LogBroken: a leaf or node is missing, or is not what it was.
    """
    for problem in differences(session, start, size, openings=openings):
        raise LogBroken(problem, size=size)


def differences(
    session: Session, start: int, size: int, *, openings: bool = False
) -> Iterator[str]:
    """Each leaf and node that is missing or not what it was, as a sentence.

    Arguments as of `check_hashes`. Memory stays flat however many leaves there are.
    What differs is taken as it is kept, so that one change is told once.
    """
    edge = _edge(start)
    known = stored(session, edge)
    missing = [node for node in edge if node not in known]
    if missing:
        yield from map(_changed, missing)
        return
    for begin in range(start, size, BLOCK):
        end = min(begin + BLOCK, size)
        leaves = _leaves(session, begin, end)
        kept = _completed(session, begin, end)
        for position in range(begin, end):
            if position in leaves:
                value = leaf_hash(leaves[position])
            else:
                yield f"Entry {position} is missing."
                value = kept.get((0, position), b"")
            yield from _climb(position, value, known, kept)
        known = {node: known[node] for node in _edge(end)}
        if openings:
            yield from _unopened(session, begin, end, leaves)


def _climb(
    position: int, value: bytes, known: dict[Node, bytes], kept: dict[Node, bytes]
) -> Iterator[str]:
    """Compare the nodes that one leaf completes, from the leaf upwards."""
    level, place = 0, position
    while True:
        there = kept.get((level, place))
        if there != value:
            yield _changed((level, place))
        known[level, place] = value = there or value
        if place % 2 == 0:
            return
        value = node_hash(known[level, place - 1], value)
        level, place = level + 1, place // 2


def _edge(size: int) -> list[Node]:
    """The complete subtrees that a tree of a size is put together from."""
    return [
        (level, (size >> level) - 1)
        for level in range(size.bit_length())
        if size >> level & 1
    ]


def _leaves(session: Session, begin: int, end: int) -> dict[int, bytes]:
    rows = session.execute(
        select(Leaf.position, Leaf.commitment).where(
            Leaf.position >= begin, Leaf.position < end
        )
    )
    return {position: commitment for position, commitment in rows}  # noqa: C416 - a Row is no pair to mypy


def _completed(session: Session, begin: int, end: int) -> dict[Node, bytes]:
    """The nodes kept that the leaves of a run complete."""
    runs = [
        and_(
            TreeNode.level == level,
            TreeNode.place >= begin >> level,
            TreeNode.place < end >> level,
        )
        for level in range(end.bit_length())
        if begin >> level < end >> level
    ]
    rows = session.execute(
        select(TreeNode.level, TreeNode.place, TreeNode.hash).where(or_(*runs))
    )
    return {(level, place): value for level, place, value in rows}


def _unopened(
    session: Session, begin: int, end: int, leaves: dict[int, bytes]
) -> Iterator[str]:
    """Each leaf that does not commit to what is kept of it; an erased one is left."""
    rows = session.execute(
        select(Opening.position, Opening.salt, Opening.record)
        .where(Opening.position >= begin, Opening.position < end)
        .order_by(Opening.position)
    )
    for position, salt, record in rows:
        if position in leaves and commit(salt, record) != leaves[position]:
            yield f"Entry {position} does not stand for what is recorded with it."


def _changed(node: Node) -> str:
    level, place = node
    if level == 0:
        return f"Entry {place} is not the one that was logged."
    first = place << level
    last = first + (1 << level) - 1
    return f"The hash above the entries {first} to {last} is not what it was."
