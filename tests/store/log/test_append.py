"""The log: leaves and tree in one transaction, and grown from older databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import select, text

from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.proofs import check_inclusion
from signer.ledger.tree import consistency_proof, inclusion_proof, root
from signer.store import schema
from signer.store.engine import connect
from signer.store.log.append import StoredNodes, append_leaf
from signer.store.log.tables import Leaf, Opening, TreeNode
from tests.ledger.consistency import check_consistency

if TYPE_CHECKING:
    from pathlib import Path

    from signer.store.engine import Sessions


def append(sessions: Sessions, count: int) -> None:
    for number in range(count):
        with sessions.writing() as session:
            append_leaf(session, "test:appended", number=number)


def test_a_leaf_commits_to_its_record(sessions: Sessions) -> None:
    """The salt and the record kept beside a leaf give its commitment."""
    with sessions.writing() as session:
        append_leaf(session, "test:appended", version=2)
    with sessions.reading() as session:
        leaf = session.scalars(select(Leaf)).one()
        opening = session.scalars(select(Opening)).one()
    assert opening.record == b'{"event":"test:appended","version":2}'
    assert leaf.commitment == commit(opening.salt, opening.record)


def test_every_leaf_is_proven_from_what_is_stored(sessions: Sessions) -> None:
    """Root, inclusion and consistency come from the table of nodes alone."""
    append(sessions, 21)
    with sessions.reading() as session:
        nodes = StoredNodes(session)
        leaves = session.scalars(select(Leaf.commitment).order_by(Leaf.position)).all()
        top = root(nodes, 21)
        for position, commitment in enumerate(leaves):
            path = inclusion_proof(nodes, position, 21)
            check_inclusion(leaf_hash(commitment), position, 21, path, top)
        for old in range(1, 22):
            path = consistency_proof(nodes, old, 21)
            check_consistency(old, root(nodes, old), 21, top, path)


def test_two_leaves_in_one_transaction_grow_one_tree(sessions: Sessions) -> None:
    """A second leaf finds the nodes of the first before anything is committed."""
    with sessions.writing() as session:
        assert [append_leaf(session, "test:appended") for _ in range(4)] == [0, 1, 2, 3]
    with sessions.reading() as session:
        assert len(session.scalars(select(TreeNode)).all()) == 7


def test_an_error_leaves_no_node(sessions: Sessions) -> None:
    """The tree is undone together with what failed."""
    append(sessions, 1)
    with pytest.raises(ZeroDivisionError), sessions.writing() as session:
        append_leaf(session, "test:failed")
        _ = 1 / 0
    with sessions.reading() as session:
        assert len(session.scalars(select(TreeNode)).all()) == 1


def test_an_older_database_gets_the_tree_of_its_leaves(tmp_path: Path) -> None:
    """After migrating, appending goes on where the leaves end."""
    (tmp_path / "old.sqlite3").touch()
    sessions = connect(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with sessions.engine.begin() as connection:
        command.upgrade(schema._config(connection), "0002")  # noqa: SLF001
        for position in range(5):
            connection.execute(
                text("INSERT INTO leaf (position, commitment) VALUES (:p, :c)"),
                {"p": position, "c": bytes([position]) * 32},
            )
        connection.execute(text("UPDATE log_head SET size = 5"))
    schema.upgrade(sessions.engine)
    append(sessions, 3)
    with sessions.reading() as session:
        leaves = session.scalars(select(Leaf.commitment).order_by(Leaf.position)).all()
        path = inclusion_proof(StoredNodes(session), 2, 8)
        top = root(StoredNodes(session), 8)
    check_inclusion(leaf_hash(leaves[2]), 2, 8, path, top)
    sessions.close()
