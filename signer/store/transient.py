"""The tables of what passes: links asked for, processes, and how checks went last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from signer import correlation
from signer.store.columns import CORRELATION_ID
from signer.store.tables import Base


class LinkAsk(Base):
    """Somebody wants a new link. It passes: no backup holds it.

    Whether the address is in the register is looked up by the worker, so that nobody
    can tell it from the answer.
    """

    __tablename__ = "link_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[bytes] = mapped_column(LargeBinary)
    """As typed; readable with the service's secret keys alone."""
    to_desk: Mapped[bool] = mapped_column(server_default=false())
    """Whether it is asked for by somebody who wants to come in to the desk."""
    correlation_id: Mapped[str | None] = mapped_column(
        CORRELATION_ID, default=correlation.current_id
    )


class ErasureNotice(Base):
    """What an erased parent is told, until it is. It passes: no backup holds it."""

    __tablename__ = "erasure_notice"

    ref: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random: a number would come again once its row is gone."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """To whom and of what, as JSON; readable with the service's secret keys alone."""


class LinkAskPace(Base):
    """When the budget of asking for links is whole again: a network's, or everybody's.

    A network has its hash for a name, everybody an empty one. Rows of the past are
    deleted: no network stays.
    """

    __tablename__ = "link_ask_pace"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    whole_at: Mapped[datetime]


class MailboxState(Base):
    """How reading the mailbox of bounces went last. It passes: no backup holds it."""

    __tablename__ = "mailbox_state"

    mailbox: Mapped[str] = mapped_column(String(32), primary_key=True)
    read_at: Mapped[datetime | None]
    """When it was last read to its end."""
    failing_since: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(Text)


class WitnessState(Base):
    """How asking a witness to cosign went last. It passes: no backup holds it."""

    __tablename__ = "witness_state"

    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    """Its name, as in its key."""
    origin: Mapped[str] = mapped_column(Text)
    """The name of the log that its size is of."""
    size: Mapped[int]
    """How many entries the newest head covers that it is known to have cosigned."""
    asked_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    """Since when no try came to a cosignature; None where the last one did."""
    problem: Mapped[str | None] = mapped_column(Text)
    """What the last try met, as a clause."""
    contradicts: Mapped[bool]
    """Whether it holds a head that today's log does not fit."""


class Heartbeat(Base):
    """A sign of life of one lane of one worker. It passes: no backup holds it."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, a new one for each process."""
    lane: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(64))
    """Of the software."""


class Reconciliation(Base):
    """One row: what the last nightly comparison of the whole record found."""

    __tablename__ = "reconciliation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checked_at: Mapped[datetime]
    requests: Mapped[int]
    declarations: Mapped[int]
    disagreements: Mapped[int]
    first: Mapped[str] = mapped_column(Text)
    """The first of them as JSON, by reference: no name and no address."""


class RegisterUpload(Base):
    """A register file between the steps of its import. It passes: no backup holds it.

    Whoever uploaded it works with it, and nobody else. It is gone after some hours.
    """

    __tablename__ = "register_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; stands in addresses, and tells nothing."""
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    uploaded_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    columns: Mapped[str] = mapped_column(Text)
    """What was said of headings, as JSON."""
    answers: Mapped[str] = mapped_column(Text)
    """What was said to questions, as JSON: the codes of ``same`` and of ``new``."""
    applied_at: Mapped[datetime | None]
    """When the register was brought to what it says."""
    compared_with: Mapped[str | None] = mapped_column(String(64))
    """What tells the register, and all else, that it was compared with last."""
    comparison: Mapped[str | None] = mapped_column(Text, deferred=True)
    """What that found, as JSON: it names people of the register too."""


class MailServer(Base):
    """What the workers know together about the mail server: one row, or none."""

    __tablename__ = "mail_server"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paused_until: Mapped[datetime | None]
    """Until then no worker offers a mail."""
    since: Mapped[datetime | None]
    """When the trouble began, which is not over yet."""
    reply: Mapped[str | None] = mapped_column(Text)
    """What it said last, without addresses."""
    scope: Mapped[str | None] = mapped_column(String(16))
    counted: Mapped[str | None] = mapped_column(Text)
    """The codes of the reply that is counted."""
    in_a_row: Mapped[int] = mapped_column(default=0)
    """How many mails met it, and none another one."""
    last_mail: Mapped[int | None]
    """The outbox row that met it last."""
    pauses: Mapped[int] = mapped_column(default=0)
    """How many pauses there were since it last took a mail."""
    alarmed_at: Mapped[datetime | None]


class MailPace(Base):
    """When the next mail may go, in all (an empty name) or to one domain.

    Rows of the past are deleted: no domain stays.
    """

    __tablename__ = "mail_pace"

    name: Mapped[str] = mapped_column(String(254), primary_key=True)
    free_at: Mapped[datetime]
