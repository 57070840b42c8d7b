"""The tables of the log: leaves, what they commit to, and the tree above them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.tables import Base


class Leaf(Base):
    """An entry of the public log: a commitment of 32 bytes."""

    __tablename__ = "leaf"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[bytes]


class Opening(Base):
    """What a leaf commits to, kept apart so that it can be erased."""

    __tablename__ = "opening"

    position: Mapped[int] = mapped_column(
        ForeignKey("leaf.position"), primary_key=True, autoincrement=False
    )
    salt: Mapped[bytes]
    record: Mapped[bytes]


class LogHead(Base):
    """One row: the size of the log. Whoever appends holds its lock."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]


class TreeNode(Base):
    """The hash of a complete subtree of the log; once there, it never changes."""

    __tablename__ = "tree_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0 for leaves; a node of level n spans 2**n of them."""
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its index within the level."""
    hash: Mapped[bytes]
