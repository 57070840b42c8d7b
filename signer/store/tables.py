"""The tables. What each word means stands in the design's list of words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from signer import correlation
from signer.mail.bounces.reports import Finality
from signer.store.columns import (
    CORRELATION_ID,
    SHA256_HEX,
    Delivery,
    NoteKind,
    SignedHow,
    Status,
    UtcDateTime,
    kind_column,
    where,
)
from signer.store.pdfs.compression import restored


class Base(DeclarativeBase):
    """The root of the tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        bytes: LargeBinary,
        Status: kind_column(Status),
        SignedHow: kind_column(SignedHow),
        NoteKind: kind_column(NoteKind),
        Delivery: kind_column(Delivery),
        Finality: kind_column(Finality),
    }


class Parent(Base):
    """One adult with one address; two adults may share an address."""

    __tablename__ = "parent"
    __table_args__ = (
        UniqueConstraint("email_key", "name_key"),
        Index("ix_parent_email_key", "email_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None] = mapped_column(index=True)
    identifier: Mapped[str | None] = mapped_column(String(60))
    """Of the school's management system, where its export has one."""

    relationships: Mapped[list[Relationship]] = relationship(
        back_populates="parent", cascade="all, delete-orphan"
    )
    memberships: Mapped[list[Membership]] = relationship(
        order_by="Membership.id", cascade="all, delete-orphan", passive_deletes=True
    )
    former: Mapped[list[FormerIdentity]] = relationship(
        order_by="FormerIdentity.id", cascade="all, delete-orphan", passive_deletes=True
    )


class FormerIdentity(Base):
    """A name and address that a parent had in the register before a correction."""

    __tablename__ = "former_identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]


class Membership(Base):
    """From when until when a parent was in the register; one who returned has two.

    What is true now stands in the parent's row; this is for asking about the past.
    """

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"), index=True
    )
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Child(Base):
    """A pupil as one parent's rows of the register spell it.

    Each parent has children of their own, since names tell no child from another. This
    release changes no row once it is made: one of before lets parents share it.
    """

    __tablename__ = "child"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(Text, index=True)
    year_group: Mapped[str] = mapped_column(String(200))
    """In the usual way, but as it was written in rows of releases before."""
    written_year_group: Mapped[str | None] = mapped_column(String(200))
    """As the file has it, where that is another way."""
    tutor_group: Mapped[str | None] = mapped_column(String(200))


class Relationship(Base):
    """What a parent is to a child, such as mother or carer."""

    __tablename__ = "relationship"
    __table_args__ = (Index("ix_relationship_child_id", "child_id"),)
    parent_id: Mapped[int] = mapped_column(
        ForeignKey("parent.id", ondelete="CASCADE"), primary_key=True
    )
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True)
    words: Mapped[str] = mapped_column("relationship", String(200))

    parent: Mapped[Parent] = relationship(back_populates="relationships")
    child: Mapped[Child] = relationship()


class PinnedVersion(Base):
    """A released version as it was when parents were first asked."""

    __tablename__ = "version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(SHA256_HEX)
    title: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    pinned_at: Mapped[datetime]
    pdf_sha256: Mapped[str | None] = mapped_column(ForeignKey("pdf.sha256"))
    """The version itself as a sealed PDF, which anybody may fetch."""
    sealed_at: Mapped[datetime | None]
    level: Mapped[str | None] = mapped_column(String(16))
    seal_problem: Mapped[str | None] = mapped_column(Text)


class Request(Base):
    """One parent asked to sign one version."""

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("parent_id", "version_number"),
        # They hold all that counting looks at: no row is read.
        Index(
            "ix_request_answers",
            "version_number",
            "status",
            "signed_how",
            "parent_id",
            "closed_at",
        ),
        Index("ix_request_asked", "version_number", "asked_at"),
        Index("ix_request_parent", "parent_id", "version_number", "status"),
        CheckConstraint(
            "(status = 'signed') = (signed_how IS NOT NULL)", name="signed_how"
        ),
        CheckConstraint(
            "(recorded_by IS NOT NULL) = (COALESCE(signed_how, '') = 'paper')",
            name="recorded_by",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; stands in addresses, so it tells nothing."""
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))
    version_number: Mapped[int] = mapped_column(ForeignKey("version.number"))
    version_sha256: Mapped[str] = mapped_column(SHA256_HEX)
    status: Mapped[Status] = mapped_column(default=Status.PENDING, index=True)
    signed_how: Mapped[SignedHow | None]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    recorded_by: Mapped[str | None] = mapped_column(String(200))
    """Who in the office recorded a declaration signed by hand."""

    parent: Mapped[Parent] = relationship()
    declaration: Mapped[Declaration | None] = relationship(back_populates="request")
    links: Mapped[list[Link]] = relationship(back_populates="request")
    mails: Mapped[list[Outbox]] = relationship(order_by="Outbox.id", viewonly=True)
    notes: Mapped[list[Note]] = relationship(order_by="Note.id", viewonly=True)
    earlier: Mapped[list[EarlierAsk]] = relationship(
        order_by="EarlierAsk.id", viewonly=True
    )


class EarlierAsk(Base):
    """That a parent was asked before, until they left or two of them were merged."""

    __tablename__ = "earlier_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(
        ForeignKey("request.id", ondelete="CASCADE"), index=True
    )
    asked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime]
    ref: Mapped[str | None] = mapped_column(String(32), index=True)
    """Of another request of the same parent, which was merged into this one."""
    opened_at: Mapped[datetime | None]
    """When a link to that one was first opened."""


class Link(Base):
    """An emailed way in: only the SHA-256 of its random id is kept."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(SHA256_HEX, unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    request: Mapped[Request] = relationship(back_populates="links")


class PdfDictionary(Base):
    """What PDFs of one version share; it tells of nobody, and stays as it is."""

    __tablename__ = "pdf_dictionary"

    sha256: Mapped[str] = mapped_column(SHA256_HEX, primary_key=True)
    content: Mapped[bytes]


class SealedPdf(Base):
    """A sealed declaration or version, found by its SHA-256."""

    __tablename__ = "pdf"

    sha256: Mapped[str] = mapped_column(SHA256_HEX, primary_key=True)
    kept: Mapped[bytes] = mapped_column("content")
    """The PDF, or what `compressed` makes of it where there is a dictionary."""
    size: Mapped[int | None]
    """Of the PDF in bytes, where it is compressed."""
    dictionary_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("pdf_dictionary.sha256")
    )
    dictionary: Mapped[PdfDictionary | None] = relationship()

    @property
    def content(self) -> bytes:
        """The PDF; raises `PdfUnreadable` where it is compressed and damaged."""
        if (shared := self.dictionary) is None:
            return self.kept
        of_pdf = self.kept, self.size or 0, self.sha256
        return restored(*of_pdf, shared.content, shared.sha256)


class Declaration(Base):
    """What a parent agreed to; the seal follows."""

    __tablename__ = "declaration"
    __table_args__ = (
        Index("ix_declaration_level", "request_id", "level"),
        Index("ix_declaration_sealed_position", "sealed_position", "sealed_at"),
        Index("ix_declaration_unsealed", "signed_at", **where("pdf_sha256 IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    statement: Mapped[bytes]
    statement_sha256: Mapped[str] = mapped_column(SHA256_HEX)
    signed_at: Mapped[datetime] = mapped_column(index=True)
    replaces: Mapped[str | None] = mapped_column(ForeignKey("declaration.id"))
    pdf_sha256: Mapped[str | None] = mapped_column(ForeignKey("pdf.sha256"))
    sealed_at: Mapped[datetime | None]
    level: Mapped[str | None] = mapped_column(String(16))
    """The level of the seal that was reached, such as B-B."""
    sealed_position: Mapped[int | None]
    """Where the leaf that tells of its seal stands in the log, counted from 0."""
    seal_attempts: Mapped[int] = mapped_column(default=0)
    seal_problem: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str | None] = mapped_column(
        CORRELATION_ID, default=correlation.current_id
    )
    """Of the request in which it was signed: what is done for it later logs it too."""

    request: Mapped[Request] = relationship(back_populates="declaration")


class Note(Base):
    """Words from a parent to the office."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[NoteKind]
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    disputed_key: Mapped[str | None] = mapped_column(String(254), index=True)
    """The address of which it says that it is not the parent's."""
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))


class Outbox(Base):
    """A mail that is to go out. It holds no address, no link and no text."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "delivery", "rank", "due_at"),
        Index("ix_outbox_message_ref", "message_ref"),
        Index("ix_outbox_fate", "request_id", "kind", "delivery"),
        Index("ix_outbox_kind", "kind", "delivery", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(String(100), unique=True)
    """What the mail is for, once: ``ask:request:7`` can be queued one time only."""
    kind: Mapped[str] = mapped_column(String(32))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    message_ref: Mapped[str] = mapped_column(String(32))
    """The local part of the Message-ID: the same at every attempt."""
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.QUEUED)
    queued_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    """When to try next; also how a worker that is sending holds others off."""
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    """What goes out first, from 0: a receipt never waits behind a campaign."""
    attempts: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str | None] = mapped_column(Text)
    trouble: Mapped[str | None] = mapped_column(String(16))
    """What the last refusal holds up, where it was not about the recipient."""
    tried_at: Mapped[datetime | None]
    """When the mail server first heard of it."""
    gave_up_at: Mapped[datetime | None]
    """Since when it is a dead letter: not accepted in all the time that it had."""
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    correlation_id: Mapped[str | None] = mapped_column(
        CORRELATION_ID, default=correlation.current_id
    )
    """Of the click, the command or the chore that it tells of."""

    bounces: Mapped[list[Bounce]] = relationship(order_by="Bounce.id", viewonly=True)


class Bounce(Base):
    """That a mail came back, after a mail server had accepted it."""

    __tablename__ = "bounce"
    __table_args__ = (
        UniqueConstraint("outbox_id", "event_sha256"),
        Index("ix_bounce_email_key", "email_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    event_sha256: Mapped[str] = mapped_column(SHA256_HEX)
    """Of what told of it: the same notice twice is one bounce."""
    email_key: Mapped[str | None] = mapped_column(String(254))
    """The parent's address that it came back from; None for a mail to the school."""
    finality: Mapped[Finality]
    status: Mapped[str] = mapped_column(String(16))
    """The enhanced status code, such as ``5.1.1``, or empty."""
    diagnostic: Mapped[str] = mapped_column(Text)
    """What the last mail server said, without addresses."""
    told_at: Mapped[datetime]
    """When it was read here."""
    lifted_at: Mapped[datetime | None]
    """When the office had the address tried again."""
