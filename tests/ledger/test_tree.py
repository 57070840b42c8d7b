"""The tree, against published vectors and a naive one written from the RFC."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import ProofRefused
from signer.ledger.hashing import EMPTY_ROOT, leaf_hash, node_hash
from signer.ledger.proofs import check_inclusion
from signer.ledger.tree import (
    Node,
    consistency_proof,
    grow,
    inclusion_proof,
    root,
    subtree,
)
from tests.ledger.consistency import check_consistency

# The inputs and roots of Certificate Transparency's reference implementation.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

MOST = 70
LEAVES = [leaf_hash(str(number).encode()) for number in range(MOST)]


def grown(leaves: list[bytes]) -> dict[Node, bytes]:
    nodes: dict[Node, bytes] = {}
    for size, leaf in enumerate(leaves):
        nodes.update(grow(nodes, size, leaf))
    return nodes


TREE = grown(LEAVES)
sizes = st.integers(1, MOST)


def split(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def naive_path(position: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if position < half:
        return [*naive_path(position, leaves[:half]), naive_root(leaves[half:])]
    return [*naive_path(position - half, leaves[half:]), naive_root(leaves[:half])]


def naive_consistency(old: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    half = split(len(leaves))
    if old <= half:
        inner = naive_consistency(old, leaves[:half], whole=whole)
        return [*inner, naive_root(leaves[half:])]
    inner = naive_consistency(old - half, leaves[half:], whole=False)
    return [*inner, naive_root(leaves[:half])]


def test_roots_are_those_of_the_reference() -> None:
    """Eight published roots, and that of the empty tree."""
    nodes = grown([leaf_hash(entry) for entry in INPUTS])
    assert [root(nodes, size).hex() for size in range(1, 9)] == ROOTS
    assert root(nodes, 0) == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_the_rfcs_own_example_of_paths_holds() -> None:
    """The audit paths and consistency proofs of RFC 6962 §2.1.3, by their letters."""
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, ell = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(TREE, 0, 7) == [b, h, ell]
    assert inclusion_proof(TREE, 3, 7) == [c, g, ell]
    assert inclusion_proof(TREE, 4, 7) == [f, j, k]
    assert inclusion_proof(TREE, 6, 7) == [i, k]
    assert consistency_proof(TREE, 3, 7) == [c, d, g, ell]
    assert consistency_proof(TREE, 4, 7) == [ell]
    assert consistency_proof(TREE, 6, 7) == [i, j, k]


@given(sizes)
def test_roots_are_those_of_the_naive_tree(size: int) -> None:
    """Nodes kept on the way give the root of any earlier size."""
    assert root(TREE, size) == naive_root(LEAVES[:size])


@given(sizes, st.data())
def test_inclusion_is_proven_and_the_proof_is_the_rfcs(
    size: int, data: st.DataObject
) -> None:
    """Each leaf's path equals the naive one, and leads to the root."""
    position = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(TREE, position, size)
    assert path == naive_path(position, LEAVES[:size])
    check_inclusion(LEAVES[position], position, size, path, root(TREE, size))


@given(sizes, st.data())
def test_consistency_is_proven_and_the_proof_is_the_rfcs(
    new: int, data: st.DataObject
) -> None:
    """Any older tree is the beginning of any newer one."""
    old = data.draw(st.integers(1, new))
    path = consistency_proof(TREE, old, new)
    assert path == naive_consistency(old, LEAVES[:new], whole=True)
    check_consistency(old, root(TREE, old), new, root(TREE, new), path)


@given(sizes, st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    """Another leaf, position, size or path never leads to the root."""
    position = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(TREE, position, size)
    top = root(TREE, size)
    other = data.draw(st.integers(0, MOST - 1).filter(lambda one: one != position))
    with pytest.raises(ProofRefused):
        check_inclusion(LEAVES[other], position, size, path, top)
    if other < size:
        with pytest.raises(ProofRefused):
            check_inclusion(LEAVES[position], other, size, path, top)
    for wrong in (path[1:], [*path, top], [*path[:-1], top], [b"short", *path[1:]]):
        if wrong != path:
            with pytest.raises(ProofRefused):
                check_inclusion(LEAVES[position], position, size, wrong, top)


@given(sizes, st.data())
def test_a_rewritten_log_is_not_consistent(new: int, data: st.DataObject) -> None:
    """One leaf changed in the past, and no proof joins the old root to the new."""
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    leaves = [*LEAVES[:new]]
    leaves[changed] = leaf_hash(b"another")
    rewritten = grown(leaves)
    path = consistency_proof(rewritten, old, new)
    with pytest.raises(ProofRefused):
        check_consistency(old, root(TREE, old), new, root(rewritten, new), path)


def test_every_tree_begins_with_the_empty_one() -> None:
    """From size 0 there is nothing to prove; another empty root is refused."""
    check_consistency(0, EMPTY_ROOT, 5, root(TREE, 5), [])
    with pytest.raises(ProofRefused):
        check_consistency(0, root(TREE, 1), 5, root(TREE, 5), [])
    with pytest.raises(ProofRefused):
        check_consistency(6, root(TREE, 6), 5, root(TREE, 5), [])


@pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_in_the_tree_has_no_proof(position: int, size: int) -> None:
    """A position outside the tree is refused by the maker and by the checker."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(TREE, position, size)
    with pytest.raises(ProofRefused):
        check_inclusion(LEAVES[0], position, size, [], LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_sizes_must_be_in_order(old: int, new: int) -> None:
    """No proof is made from a newer tree to an older, nor from less than nothing."""
    with pytest.raises(ValueError, match="consistency"):
        consistency_proof(TREE, old, new)


def test_appending_adds_nodes_and_changes_none() -> None:
    """A thousand leaves make fewer than two thousand nodes, each made once."""
    nodes: dict[Node, bytes] = {}
    for size in range(1000):
        added = grow(nodes, size, leaf_hash(str(size).encode()))
        assert not added.keys() & nodes.keys()
        nodes.update(added)
    assert len(nodes) < 2000
    assert subtree(nodes, 0, 512) == nodes[9, 0]
