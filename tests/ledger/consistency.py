"""The check of consistency proofs (RFC 6962 §2.1.2), as a witness makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.errors import ProofRefused
from signer.ledger.hashing import EMPTY_ROOT, HASH_BYTES, node_hash

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that a newer tree begins with an older one.

    Args:
        old: the size of the older tree.
        old_root: its root.
        new: the size of the newer one.
        new_root: its root.
        path: the proof.

    Raises:
        ProofRefused: it does not, as far as this proof shows.
    """
    if old > new:
        raise ProofRefused(f"a tree of {new} cannot begin with one of {old}")
    hashes = _hashes(path)
    if old in {0, new}:
        _nothing_left(hashes)
        expected = EMPTY_ROOT if old == 0 else new_root
        if old_root != expected:
            raise ProofRefused("the older root is another one")
        return
    index, last = old - 1, new - 1
    while index % 2:
        index, last = index // 2, last // 2
    # A complete older tree is a node of the newer one, known by its root.
    before = after = _next(hashes) if index else old_root
    while last:
        if index % 2:
            other = _next(hashes)
            before, after = node_hash(other, before), node_hash(other, after)
        elif index < last:
            after = node_hash(after, _next(hashes))
        index, last = index // 2, last // 2
    _nothing_left(hashes)
    if before != old_root or after != new_root:
        raise ProofRefused("the path leads to other roots")


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
