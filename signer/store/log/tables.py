"""The tables of the log: leaves, what they commit to, the tree, its signed heads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    problem: Mapped[str | None] = mapped_column(Text)
    """What a check of the whole log found; nothing is signed until one finds none."""
    kept_outside: Mapped[bool] = mapped_column(server_default=false())
    """Whether a signed head was ever kept outside the database, so that its file can
    only be missing where it was lost."""


class TreeNode(Base):
    """The hash of a complete subtree of the log; once there, it never changes."""

    __tablename__ = "tree_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0 for leaves; a node of level n spans 2**n of them."""
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its index within the level."""
    hash: Mapped[bytes]


class LogOrigin(Base):
    """A name under which heads are signed; the newest signs, the others never again."""

    __tablename__ = "log_origin"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, and one more each time the log is reopened."""
    origin: Mapped[str] = mapped_column(Text, unique=True)
    verifier: Mapped[str] = mapped_column(Text)
    """The public key of its checkpoints, in one line."""
    began_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the log was reopened; the first origin has none."""
    after: Mapped[str | None] = mapped_column(Text)
    """The signed head that it goes on from; the first origin has none."""


class SignedCheckpoint(Base):
    """A signed head of the log."""

    __tablename__ = "checkpoint"
    __table_args__ = (UniqueConstraint("origin_number", "size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    origin_number: Mapped[int] = mapped_column(ForeignKey("log_origin.number"))
    size: Mapped[int]
    """How many leaves it covers."""
    root: Mapped[bytes]
    note: Mapped[str] = mapped_column(Text)
    """The checkpoint as a signed note."""
    signed_at: Mapped[datetime]
    timestamp: Mapped[bytes | None]
    """An authority's token (DER) over the note's bytes, where one was got."""

    origin: Mapped[LogOrigin] = relationship()
    cosignatures: Mapped[list[CosignatureLine]] = relationship(
        order_by="CosignatureLine.witness"
    )

    @property
    def cosigned(self) -> str:
        """The signed note, with the line of each witness that has cosigned it."""
        return self.note + "".join(one.line for one in self.cosignatures)


class ContradictingHead(Base):
    """A signed head that somebody has shown, and that the log did not fit."""

    __tablename__ = "contradicting_head"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the note."""
    note: Mapped[str] = mapped_column(Text)
    shown_at: Mapped[datetime]


class CosignatureLine(Base):
    """That a witness has cosigned a head of the log."""

    __tablename__ = "cosignature"

    checkpoint_id: Mapped[int] = mapped_column(
        ForeignKey("checkpoint.id"), primary_key=True, autoincrement=False
    )
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    """Its name, as in its key."""
    line: Mapped[str] = mapped_column(Text)
    """The signature line, as it came."""
    at: Mapped[datetime]
    """When, by the witness's clock."""
