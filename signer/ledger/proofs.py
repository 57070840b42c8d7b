"""Checking proofs, with nothing at hand but hashes (RFC 6962 §2.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

from signer.errors import ProofRefused
from signer.ledger.hashing import HASH_BYTES, node_hash


def root_with(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to.

    Args:
        leaf: the leaf's hash.
        position: the leaf's, counted from 0.
        size: of the tree.
        path: the hashes beside the way up, the leaf's sibling first.

    Raises:
        ProofRefused: the path is too long, too short or not of hashes.
    """
    if not 0 <= position < size:
        raise ProofRefused(f"no leaf {position} in a tree of {size}")
    hashes = _hashes(path)
    value, index, last = leaf, position, size - 1
    while last:
        if index % 2 or index < last:
            other = _next(hashes)
            pair = (other, value) if index % 2 else (value, other)
            value = node_hash(*pair)
        # The last node of a level without a sibling goes up as it is.
        index, last = index // 2, last // 2
    _nothing_left(hashes)
    return value


def check_inclusion(
    leaf: bytes, position: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in the tree of a root.

    Raises:
        ProofRefused: it is not, as far as this proof shows.
    """
    if root_with(leaf, position, size, path) != root:
        raise ProofRefused("the path leads to another root")


def _hashes(path: Sequence[bytes]) -> list[bytes]:
    if any(len(one) != HASH_BYTES for one in path):
        raise ProofRefused(f"a hash has {HASH_BYTES} bytes")
    return list(reversed(path))


def _next(hashes: list[bytes]) -> bytes:
    if not hashes:
        raise ProofRefused("the path is too short")
    return hashes.pop()


def _nothing_left(hashes: list[bytes]) -> None:
    if hashes:
        raise ProofRefused("the path is too long")
