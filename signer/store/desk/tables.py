"""The tables of the desk: who may come in, who is in, and what they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signer import correlation
from signer.store.columns import CORRELATION_ID, SHA256_HEX, kind_column
from signer.store.desk.roles import DeskRole
from signer.store.tables import Base


class DeskAccount(Base):
    """Somebody of the school who may come in, until they are removed.

    A row stays when they are removed, since what they did names it.
    """

    __tablename__ = "desk_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; stands in addresses and in the occasions of mails."""
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[DeskRole] = mapped_column(kind_column(DeskRole))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    passkeys: Mapped[list[DeskPasskey]] = relationship(order_by="DeskPasskey.id")


class DeskPasskey(Base):
    """A credential that an authenticator of an account holds (WebAuthn)."""

    __tablename__ = "desk_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    """How often it says that it has signed; 0 where it does not count."""
    name: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeskSignIn(Base):
    """An emailed way in: only the SHA-256 of its random id is kept. It passes."""

    __tablename__ = "desk_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(SHA256_HEX, unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeskSession(Base):
    """A browser in which somebody has signed in. It passes: no backup holds it."""

    __tablename__ = "desk_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(SHA256_HEX, unique=True)
    """SHA-256 of the random id in the browser's cookie."""
    way: Mapped[str] = mapped_column(String(16))
    """How they signed in: by link, OpenID Connect or passkey."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[DeskAccount] = relationship()


class DeskAction(Base):
    """What somebody did at the desk. No name and no address of a parent is in it."""

    __tablename__ = "desk_action"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("desk_account.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(64))
    """Such as ``parent:correct``: what it was done to, and what was done."""
    subject: Mapped[str] = mapped_column(String(100), index=True)
    """What it was done to: ``parent:17``, ``request:REF``, ``version:3``, or empty."""
    details: Mapped[str] = mapped_column(Text)
    """A few words more, for people, or empty."""
    correlation_id: Mapped[str | None] = mapped_column(
        CORRELATION_ID, default=correlation.current_id
    )

    account: Mapped[DeskAccount] = relationship()
