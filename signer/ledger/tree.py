"""The tree of a log, kept as the hashes of its complete subtrees.

A complete subtree spans 2**level leaves and never changes once it is there, so
that appending adds nodes and touches none. Roots and proofs are put together from
at most two nodes a level.
"""

from __future__ import annotations

from typing import Protocol

from signer.ledger.hashing import EMPTY_ROOT, node_hash

Node = tuple[int, int]
"""A complete subtree: its level (0 for a leaf) and its index within the level."""


class Nodes(Protocol):
    """Where the hashes of complete subtrees are kept."""

    def __getitem__(self, node: Node, /) -> bytes:
        """The hash (32 bytes) of a complete subtree."""


def grow(nodes: Nodes, size: int, leaf: bytes) -> dict[Node, bytes]:
    """The nodes that one more leaf adds.

    Args:
        nodes: the tree as it is.
        size: its number of leaves.
        leaf: the new leaf's hash.
    """
    level, index, value = 0, size, leaf
    added = {(level, index): value}
    while index % 2:
        value = node_hash(nodes[level, index - 1], value)
        level, index = level + 1, index // 2
        added[level, index] = value
    return added


def root(nodes: Nodes, size: int) -> bytes:
    """The Merkle tree hash of the first leaves (RFC 6962 §2.1).

    Args:
        nodes: a tree of at least that size.
        size: how many leaves.
    """
    return subtree(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, position: int, size: int) -> list[bytes]:
    """The audit path of a leaf, from its sibling upwards (RFC 6962 §2.1.1).

    Args:
        nodes: a tree of at least that size.
        position: the leaf's, counted from 0.
        size: of the tree that the proof is for; more than the position.

    Raises:
        ValueError: the leaf is not in a tree of that size.
    """
    if not 0 <= position < size:
        raise ValueError(f"no leaf {position} in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            path.append(subtree(nodes, middle, end))
            end = middle
        else:
            path.append(subtree(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(nodes: Nodes, old: int, size: int) -> list[bytes]:
    """That a tree begins with the leaves of a smaller one (RFC 6962 §2.1.2).

    Args:
        nodes: a tree of at least that size.
        old: how many leaves the smaller one has. Nothing has to be shown of none, and
            of all of them.
        size: how many leaves the proof is for.

    Raises:
        ValueError: the smaller one is the larger.
    """
    if not 0 <= old <= size:
        raise ValueError(f"no consistency proof from size {old} to {size}")
    if old in {0, size}:
        return []
    path = []
    start, end = 0, size
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree(nodes, middle, end))
            end = middle
        else:
            path.append(subtree(nodes, start, middle))
            start = middle
    if start:
        # Whoever checks it has the smaller tree's root, and not this part of it.
        path.append(subtree(nodes, start, end))
    return path[::-1]


def subtree(nodes: Nodes, start: int, end: int) -> bytes:
    """The hash of a run of leaves that begins where a subtree of its size may.

    Args:
        nodes: a tree with all of them.
        start: the first leaf's position.
        end: the position after the last leaf's.
    """
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes[level, start >> level]
    middle = start + _split(count)
    return node_hash(subtree(nodes, start, middle), subtree(nodes, middle, end))


def _split(count: int) -> int:
    """The largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)
