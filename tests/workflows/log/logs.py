"""A log with entries, copies of it to restore, and the ways to spoil it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from signer.errors import LogBroken
from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.tree import grow
from signer.store.log.append import append_leaf
from signer.store.log.tables import (
    CosignatureLine,
    Leaf,
    LogHead,
    Opening,
    SignedCheckpoint,
    TreeNode,
)
from signer.store.tables import Base
from signer.workflows.log.sign_checkpoint import sign_checkpoint

if TYPE_CHECKING:
    from signer.store.engine import Sessions
    from signer.workflows.context import AppContext

Rows = dict[str, list[dict[str, Any]]]


def append(sessions: Sessions, count: int) -> None:
    """Append entries to the log, each in a transaction of its own."""
    for number in range(count):
        with sessions.writing() as session:
            append_leaf(session, "test:appended", number=number)


def saved(app_context: AppContext) -> Rows:
    """A backup of the whole database."""
    with app_context.sessions.reading() as session:
        return {
            table.name: list(map(dict, session.execute(select(table)).mappings()))
            for table in Base.metadata.sorted_tables
        }


def restore(app_context: AppContext, rows: Rows) -> None:
    """Put a backup back in place of all there is."""
    with app_context.sessions.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            if rows[table.name]:
                session.execute(insert(table), rows[table.name])


def truncate(app_context: AppContext, size: int) -> None:
    """Cut the newest entries off, and leave no trace of them in the tree."""
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position >= size))
        session.execute(delete(Leaf).where(Leaf.position >= size))
        session.execute(update(LogHead).values(size=size))
    regrow(app_context)


def remove(app_context: AppContext, position: int) -> None:
    """Take one entry out of the middle, and touch nothing else."""
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == position))
        session.execute(delete(Leaf).where(Leaf.position == position))


def swap(app_context: AppContext, one: int, other: int) -> None:
    """Let two entries change places, with what they commit to."""
    with app_context.sessions.writing() as session:
        for table, columns in (
            (Leaf, ("commitment",)),
            (Opening, ("salt", "record")),
        ):
            first, second = (
                {name: getattr(session.get_one(table, place), name) for name in columns}
                for place in (one, other)
            )
            for place, values in ((one, second), (other, first)):
                session.execute(
                    update(table).where(table.position == place).values(**values)
                )


def rewrite(app_context: AppContext, position: int) -> None:
    """Let an entry say something else, with an opening that fits."""
    salt, record = bytes(32), b'{"event":"test:rewritten"}'
    with app_context.sessions.writing() as session:
        session.execute(
            update(Leaf)
            .where(Leaf.position == position)
            .values(commitment=commit(salt, record))
        )
        session.execute(
            update(Opening)
            .where(Opening.position == position)
            .values(salt=salt, record=record)
        )


def regrow(app_context: AppContext) -> None:
    """Make the tree fit the entries as they are now."""
    nodes: dict[tuple[int, int], bytes] = {}
    with app_context.sessions.writing() as session:
        session.execute(delete(TreeNode))
        leaves = select(Leaf.commitment).order_by(Leaf.position)
        for size, commitment in enumerate(session.scalars(leaves).all()):
            nodes |= grow(nodes, size, leaf_hash(commitment))
        session.execute(
            insert(TreeNode),
            [
                {"level": level, "place": place, "hash": value}
                for (level, place), value in nodes.items()
            ],
        )


def forget_heads(app_context: AppContext) -> None:
    """Lose every signed head that is held here, as whoever owns the machine can."""
    with app_context.sessions.writing() as session:
        for table in (CosignatureLine, SignedCheckpoint):
            session.execute(delete(table))
        session.execute(update(LogHead).values(kept_outside=False))
    app_context.settings.checkpoint_path.unlink()


def say_size(app_context: AppContext, size: int) -> None:
    """Let the head claim another size."""
    with app_context.sessions.writing() as session:
        session.execute(text("UPDATE log_head SET size = :size"), {"size": size})


def size_of(note: str) -> int:
    """How many entries a signed head covers."""
    return int(note.split("\n")[1])


def signed(app_context: AppContext) -> list[tuple[int, int]]:
    """Every signed head, as the number of its name and its size."""
    with app_context.sessions.reading() as session:
        rows = select(SignedCheckpoint.origin_number, SignedCheckpoint.size)
        return sorted((number, size) for number, size in session.execute(rows))


def refused(app_context: AppContext, *, whole: bool = False) -> LogBroken:
    """Why no head is signed; makes sure that none is."""
    before = signed(app_context)
    outside = app_context.settings.checkpoint_path.read_bytes()
    with pytest.raises(LogBroken) as caught:
        sign_checkpoint(app_context, whole=whole)
    assert signed(app_context) == before
    assert app_context.settings.checkpoint_path.read_bytes() == outside
    return caught.value
